import { apiVersionOf, builtinTypes, type ResourceType } from "@standin/kubernetes-api/wire/resourceType";
import { at, listAt, textAt } from "@standin/kubernetes-api/wire/json";
import { type KubeClient, pause } from "@standin/kubernetes-api/wire/kubeClient";
import type { KindToken } from "./typeToken";

export const collectionPath = (type: ResourceType, namespace: string): string => {
  const root = type.group === "" ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  return type.namespaced && namespace !== ""
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${type.plural}`
    : `${root}/${type.plural}`;
};

export const objectPath = (type: ResourceType, namespace: string, name: string): string =>
  `${collectionPath(type, namespace)}/${encodeURIComponent(name)}`;

export function builtinType({ apiVersion, kind }: KindToken): ResourceType | undefined {
  return builtinTypes.find((type) => type.kind === kind && apiVersionOf(type) === apiVersion);
}

/** Plurals and scopes of kinds: built in, or asked of the cluster (custom resources). */
export class KindDirectory {
  private readonly found = new Map<string, ResourceType>();

  constructor(private readonly client: KubeClient) {}

  /** Undefined when the cluster does not serve the kind (yet). */
  async find(token: KindToken, signal?: AbortSignal): Promise<ResourceType | undefined> {
    const key = `${token.apiVersion}/${token.kind}`;
    const known = builtinType(token) ?? this.found.get(key);
    if (known !== undefined) return known;
    const [group = "", version = ""] = token.apiVersion.includes("/")
      ? token.apiVersion.split("/")
      : ["", token.apiVersion];
    const list = await this.client.get(group === "" ? `/api/${version}` : `/apis/${group}/${version}`, signal);
    const entry = listAt(list, "resources").find(
      (item) => textAt(item, "kind") === token.kind && !(textAt(item, "name") ?? "/").includes("/"),
    );
    if (entry === undefined) return undefined;
    const type: ResourceType = {
      group,
      version,
      kind: token.kind,
      plural: textAt(entry, "name") ?? "",
      namespaced: at(entry, "namespaced") === true,
      schema: { source: "free" },
    };
    this.found.set(key, type);
    return type;
  }

  /** Waits for the kind: its CRD may be on its way. @throws after `seconds`. */
  async require(token: KindToken, seconds: number, signal?: AbortSignal): Promise<ResourceType> {
    const end = Date.now() + seconds * 1000;
    for (let delay = 100; ; delay = Math.min(2000, delay * 2)) {
      const type = await this.find(token, signal);
      if (type !== undefined) return type;
      if (Date.now() + delay > end)
        throw new Error(
          `the cluster serves no ${token.kind} in ${token.apiVersion} (waited ${seconds} s): is its CustomResourceDefinition applied, and does this resource depend on it?`,
        );
      await pause(delay, signal);
    }
  }
}
