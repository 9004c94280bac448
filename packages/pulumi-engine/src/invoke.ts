import { ResourceInvokeResponse } from "@pulumi/pulumi/proto/resource_pb";
import type { ResourceInvokeRequest } from "@pulumi/pulumi/proto/resource_pb";
import { useDefaultProvider } from "./register";
import type { Run } from "./run";
import { fromStruct, toStruct } from "./serialize";
import { packageOf } from "./urn";
import type { PropertyMap } from "./values";
import { toPlainMap } from "./values";

// What the SDK asks for when a resource is made from a URN (Resource.get by urn).
const GET_RESOURCE = "pulumi:pulumi:getResource";

function getResource(run: Run, args: PropertyMap): PropertyMap {
  const urn = args["urn"];
  if (typeof urn !== "string") throw new Error("a resource can only be looked up by a URN that is known");
  const entry = run.current.get(urn);
  if (entry === undefined) throw new Error(`there is no resource ${urn} in this run`);
  return { urn, id: entry.id, state: entry.outputs };
}

/** Serves a provider function (getFoo). @throws Error as the provider does. */
export async function invoke(run: Run, request: ResourceInvokeRequest): Promise<ResourceInvokeResponse> {
  const token = request.getTok();
  const args = fromStruct(request.getArgs());
  const response = new ResourceInvokeResponse();
  if (token === GET_RESOURCE) {
    response.setReturn(toStruct(getResource(run, args)));
    return response;
  }
  if (packageOf(token) === "pulumi")
    throw new Error(`${token} is not part of the embedded engine; use the Pulumi CLI.`);
  if (request.getProvider() === "") await useDefaultProvider(run, token);
  const provider = await run.options.providers.get(run.options.providers.urnFor(token, request.getProvider()));
  const result = await provider.invoke(token, toPlainMap(args));
  response.setReturn(toStruct(result));
  return response;
}
