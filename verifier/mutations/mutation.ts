// One change of an emitted graph, and what is known of it beforehand.
import type { EmittedResource } from "../read/graph";
import { withInput, without, type Edit } from "./graphEdits";

export interface Mutation {
  /** What was done, e.g. "UFW of minio-01: removed -A ufw-user-input ...". */
  readonly name: string;
  readonly kind: string;
  readonly edit: Edit;
  /** Why it changes nothing for any packet; undefined: it must be caught. */
  readonly harmless?: string;
}

export function removed(resource: EmittedResource): Mutation {
  return {
    name: `${resource.type} ${resource.name}: removed`,
    kind: `removed ${resource.type}`,
    edit: without((one) => one === resource || (one.type === resource.type && one.name === resource.name)),
  };
}

export function withReason(mutation: Mutation, harmless: string | undefined): Mutation {
  return harmless === undefined ? mutation : { ...mutation, harmless };
}

export function set(
  resource: EmittedResource,
  path: readonly (string | number)[],
  value: unknown,
  harmless?: string,
): Mutation {
  return {
    name: `${resource.type} ${resource.name}: ${path.join(".")} = ${JSON.stringify(value) ?? "removed"}`,
    kind: `${resource.type} ${path.filter((key) => typeof key === "string").join(".")}`,
    edit: withInput(resource.name, path, value),
    ...(harmless === undefined ? {} : { harmless }),
  };
}
