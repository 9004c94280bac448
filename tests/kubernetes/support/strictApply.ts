import { KubeError, type KubeClient } from "@standin/kubernetes-api/wire/kubeClient";
import { KindDirectory, objectPath } from "@standin/pulumi-engine/providers/kubernetes/objectPaths";
import type { JsonObject } from "@standin/kubernetes-api/wire/json";
import { nameOf, type KubernetesObject } from "../../support/kubernetesObjects";

/** Unknown fields, doubled fields and wrong types are errors, not warnings. */
const STRICT = { fieldManager: "keybuzz-acceptance", fieldValidation: "Strict", force: "true" };
const APPLY = "application/apply-patch+yaml";

/**
 * Server-side apply of the objects, as kubectl does it with --dry-run=server --validate=strict; namespaces are made
 * in earnest, since nothing is accepted without its own. Resolves to what the server refused, one line each.
 */
export async function refusals(client: KubeClient, objects: readonly KubernetesObject[]): Promise<readonly string[]> {
  const kinds = new KindDirectory(client);
  const apply = async (
    object: KubernetesObject,
    more: Readonly<Record<string, string>>,
  ): Promise<readonly string[]> => {
    const type = await kinds.find(object);
    if (type === undefined) return [`${nameOf(object)}: the server knows no such kind`];
    const path = objectPath(type, object.metadata.namespace ?? "", object.metadata.name);
    try {
      const body = presentable(object) as unknown as JsonObject;
      await client.request({ method: "PATCH", path, query: { ...STRICT, ...more }, body, contentType: APPLY });
      return [];
    } catch (error) {
      if (error instanceof KubeError) return [`${nameOf(object)}: ${error.message}`];
      throw error;
    }
  };
  const isNamespace = ({ kind }: KubernetesObject): boolean => kind === "Namespace";
  const made = await Promise.all(objects.filter(isNamespace).map((object) => apply(object, {})));
  const others = objects.filter((object) => !isNamespace(object));
  const tried = await Promise.all(others.map((object) => apply(object, { dryRun: "All" })));
  return [...made, ...tried].flat();
}

/** What the graph does not tell: secrets, and what only a provider knows. */
const untold = (value: unknown): boolean => value === "[unknown]" || value === "[secret]";

/** Where the server looks into a value, what stands for it must have its form. */
function presentable(object: KubernetesObject): KubernetesObject {
  const filled = withCertificates(object) as KubernetesObject;
  if (!untold(object["stringData"])) return filled;
  const isPullSecret = object["type"] === "kubernetes.io/dockerconfigjson";
  return { ...filled, stringData: isPullSecret ? { ".dockerconfigjson": '{"auths":{}}' } : { untold: "made up" } };
}

function withCertificates(value: unknown, key = ""): unknown {
  if (key === "caBundle" && untold(value)) return SOME_CERTIFICATE;
  if (Array.isArray(value)) return value.map((entry) => withCertificates(entry));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, withCertificates(entry, name)]));
}

const SOME_CERTIFICATE = Buffer.from("made up").toString("base64");
