import { createHash, randomBytes } from "node:crypto";
import { UNKNOWN, type Properties } from "../../provider";
import { mapAt, valueAt } from "./values";

export const annotationPrefix = "pulumi.com/";
const autonamed = `${annotationPrefix}autonamed`;

export const nameFromUrn = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

export function annotation(object: Properties, name: string): string | undefined {
  const value = valueAt(object, "metadata", "annotations", `${annotationPrefix}${name}`);
  return typeof value === "string" ? value : undefined;
}

export const isAutonamed = (object: Properties): boolean => annotation(object, "autonamed") === "true";

function withName(inputs: Properties, name: string): Properties {
  const metadata = mapAt(inputs, "metadata");
  return {
    ...inputs,
    metadata: { ...metadata, name, annotations: { ...mapAt(metadata, "annotations"), [autonamed]: "true" } },
  };
}

/**
 * Gives the object a name where it states none: the one it had before, else the resource's logical name and
 * eight random characters. Objects with generateName are named by the server.
 */
export function named(inputs: Properties, olds: Properties | undefined, urn: string): Properties {
  const metadata = valueAt(inputs, "metadata");
  if (
    metadata === UNKNOWN ||
    valueAt(metadata, "name") !== undefined ||
    valueAt(metadata, "generateName") !== undefined
  )
    return inputs;
  const before = olds !== undefined && isAutonamed(olds) ? valueAt(olds, "metadata", "name") : undefined;
  const fresh = `${nameFromUrn(urn)
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, "-")}-${randomBytes(4).toString("hex")}`;
  return withName(inputs, typeof before === "string" ? before : fresh);
}

/** The field manager of a resource: follows from its URN, so that a lost answer can be told from a stranger's object. */
export function fieldManagerOf(urn: string): string {
  return `pulumi-kubernetes-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;
}
