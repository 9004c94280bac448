import type { Json, JsonObject } from "./wire/json";
import type { ResourceType } from "./wire/resourceType";
import { kubernetesVersion } from "./nodeObject";

const verbs = ["create", "delete", "get", "list", "patch", "update"];

export function versionInfo(): JsonObject {
  const [major = "", minor = ""] = kubernetesVersion.slice(1).split(".");
  return { major, minor, gitVersion: kubernetesVersion, platform: "linux/amd64" };
}

/** GET /api/v1 and /apis/<group>/<version>; undefined when nothing is served there. */
export function resourceList(types: readonly ResourceType[], group: string, version: string): JsonObject | undefined {
  const served = types.filter((type) => type.group === group && type.version === version);
  if (served.length === 0) return undefined;
  const groupVersion = group === "" ? version : `${group}/${version}`;
  const resources = served.map(({ plural, namespaced, kind }): Json => ({
    name: plural,
    singularName: kind.toLowerCase(),
    namespaced,
    kind,
    verbs,
  }));
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
}

function groupInfo(types: readonly ResourceType[], name: string): JsonObject {
  const versions = [...new Set(types.filter((type) => type.group === name).map((type) => type.version))].map(
    (version): Json => ({ groupVersion: `${name}/${version}`, version }),
  );
  return { name, versions, preferredVersion: versions[0] ?? {} };
}

/** GET /apis */
export function groupList(types: readonly ResourceType[]): JsonObject {
  const names = [...new Set(types.map((type) => type.group).filter((group) => group !== ""))];
  return { kind: "APIGroupList", apiVersion: "v1", groups: names.map((name): Json => groupInfo(types, name)) };
}

/** GET /apis/<group> */
export function apiGroup(types: readonly ResourceType[], name: string): JsonObject | undefined {
  if (!types.some((type) => type.group === name)) return undefined;
  return { kind: "APIGroup", apiVersion: "v1", ...groupInfo(types, name) };
}
