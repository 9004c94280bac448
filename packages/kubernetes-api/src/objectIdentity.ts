import { randomUUID } from "node:crypto";
import { badRequest } from "./wire/apiError";
import { asText, isObject, objectAt, type JsonObject } from "./wire/json";
import { apiVersionOf, type ResourceType } from "./wire/resourceType";

/** Now, as Kubernetes writes times (whole seconds). */
export const timestamp = (): string => new Date().toISOString().replace(/\.\d+Z$/, "Z");

/** Everything but metadata and status: what a change of bumps the generation. */
export function contentOf({ metadata: _m, status: _s, ...content }: JsonObject): JsonObject {
  return content;
}

/** The body, checked to be about this very object. */
export function identified(type: ResourceType, namespace: string, name: string, body: JsonObject): JsonObject {
  if (body.apiVersion !== apiVersionOf(type) || body.kind !== type.kind)
    throw badRequest(
      `the object is ${asText(body.apiVersion)} ${asText(body.kind)}, the request is about ${apiVersionOf(type)} ${type.kind}`,
    );
  if (body.metadata !== undefined && !isObject(body.metadata)) throw badRequest("metadata must be an object");
  const metadata = objectAt(body, "metadata");
  if (metadata.name !== undefined && metadata.name !== name)
    throw badRequest(`the name of the object (${asText(metadata.name)}) does not match the name on the URL (${name})`);
  if (type.namespaced && metadata.namespace !== undefined && metadata.namespace !== namespace)
    throw badRequest(
      `the namespace of the object (${asText(metadata.namespace)}) does not match the namespace on the request (${namespace})`,
    );
  return { ...body, metadata: { ...metadata, name, ...(type.namespaced ? { namespace } : {}) } };
}

/** metadata with what only the server decides. */
export function serverMetadata(
  type: ResourceType,
  namespace: string,
  name: string,
  object: JsonObject,
  live: JsonObject | undefined,
): JsonObject {
  const { resourceVersion: _r, selfLink: _s, deletionTimestamp: _d, ...stated } = objectAt(object, "metadata");
  const before = objectAt(live, "metadata");
  const kept: JsonObject = {};
  if (before.deletionTimestamp !== undefined) kept.deletionTimestamp = before.deletionTimestamp;
  if (before.resourceVersion !== undefined) kept.resourceVersion = before.resourceVersion;
  return {
    ...stated,
    ...kept,
    name,
    ...(type.namespaced ? { namespace } : {}),
    uid: before.uid ?? randomUUID(),
    creationTimestamp: before.creationTimestamp ?? timestamp(),
    generation: before.generation ?? 1,
  };
}
