import type { ReadResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { markOutputs } from "./apply";
import { messageOf } from "./errors";
import { useDefaultProvider } from "./register";
import type { Registered } from "./register";
import type { Run } from "./run";
import { fromStruct, UNKNOWN_MARKER } from "./serialize";
import type { Entry } from "./stateFormat";
import { makeUrn, packageOf } from "./urn";
import type { PropertyMap } from "./values";
import { toPlainMap } from "./values";

/** Serves Foo.get: looks up a resource that is managed elsewhere. Never throws; a failure is reported and in the answer. */
export async function readResource(run: Run, request: ReadResourceRequest): Promise<Registered> {
  const type = request.getType();
  const urn = makeUrn(run.options.stack, run.options.project, request.getParent(), type, request.getName());
  const given: PropertyMap = fromStruct(request.getProperties());
  const providerUrn = run.options.providers.urnFor(type, request.getProvider());
  const draft: Entry = {
    key: urn,
    urn,
    type,
    custom: true,
    external: true,
    condemned: false,
    hidden: false,
    id: request.getId(),
    inputs: given,
    outputs: {},
    parent: request.getParent(),
    provider: providerUrn,
    dependencies: request.getDependenciesList(),
    propertyDependencies: {},
    protect: false,
    retainOnDelete: false,
    deletedWith: "",
    replaceOnChanges: [],
    timeouts: {},
    secretOutputs: request.getAdditionalsecretoutputsList(),
  };
  try {
    if (run.registered.has(urn))
      throw new Error(`duplicate resource: "${request.getName()}" of type ${type} is registered already`);
    run.registered.set(urn, undefined);
    if (packageOf(type) === "pulumi")
      throw new Error(
        `${type} is not part of the embedded engine; use the Pulumi CLI, or pass the values as configuration.`,
      );
    if (request.getProvider() === "") await useDefaultProvider(run, type);
    if (draft.id === "" || draft.id === UNKNOWN_MARKER) {
      if (!run.preview) throw new Error(`the id to read ${type} "${request.getName()}" by is empty`);
      run.current.set(urn, draft);
      return { urn, id: "", outputs: {}, result: "success" };
    }
    const provider = await run.options.providers.get(providerUrn);
    const last = { id: draft.id, inputs: {}, outputs: toPlainMap(given) };
    const found = await run.step(urn, "read", () => provider.read(run.context(urn, type, {}), draft.id, last));
    if (found === undefined) throw new Error(`there is no ${type} with the id "${draft.id}"`);
    const entry: Entry = { ...draft, id: found.id, inputs: found.inputs };
    const complete: Entry = { ...entry, outputs: markOutputs(run, provider, entry, found.outputs) };
    if (!run.preview) await run.state.commit({ op: "put", entry: complete });
    run.current.set(urn, complete);
    run.record(complete, { op: "read", status: "done" });
    return { urn, id: complete.id, outputs: complete.outputs, result: "success" };
  } catch (error) {
    run.fail(draft, "read", new Error(`${urn}: ${messageOf(error)}`));
    return { urn, id: "", outputs: {}, result: "failed" };
  }
}
