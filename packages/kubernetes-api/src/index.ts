export type { JsonObject } from "./wire/json";
export type { ClusterAuthorities, KubernetesNode, LocalKubernetes, NodeTaint } from "./localKubernetes";
export type { ExtraKind } from "./wire/resourceType";
export type { Fault } from "./controllers/context";
export { startLocalKubernetes, type InProcessKubernetes, type LocalKubernetesOptions } from "./startLocalKubernetes";
export { realKubernetesAvailable, type Availability } from "./real/available";
export { realKubernetesBuilt } from "./real/binaries";
export { startRealKubernetes, type RealKubernetesOptions } from "./real/startRealKubernetes";
export { startWebEntry, type WebEntry, type WebEntryOptions } from "./webEntry/startWebEntry";
