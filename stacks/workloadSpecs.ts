import type { MonitoringServiceArgs } from "../components/monitoring/monitoringService";
import type { AppEntry } from "../components/workloads/apps/appEntry";
import type { ChatwootArgs } from "../components/workloads/chatwoot";
import type { ErpNextArgs } from "../components/workloads/erpNext";
import type { LiteLlmArgs } from "../components/workloads/liteLlm";
import type { N8nArgs } from "../components/workloads/n8n";
import type { ObjectsEntry } from "../components/workloads/objects/objectsEntry";
import type { PublicFilesArgs } from "../components/workloads/publicFiles";
import type { SupersetArgs } from "../components/workloads/superset";
import type { VaultArgs } from "../components/workloads/vault/vault";
import type { Environment, WorkloadsSpec } from "./environment";
import type { Immutable } from "./schemaParts";

// What the environment says of a workload is what its component takes, but for what the estate itself gives. Neither
// can change alone: this file does not compile then, and names the key.

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Differing<A, B> = {
  [Key in keyof A & keyof B]-?: Same<Pick<A, Key>, Pick<B, Key>> extends true ? never : Key;
}[keyof A & keyof B];

/** `true` where `Spec` is `Args` without `Given`, to every option and its type; the keys that are not so otherwise. */
export type Reaches<Spec, Args, Given extends keyof Args> = [
  Exclude<keyof Args, keyof Spec | Given>,
  Exclude<keyof Spec, keyof Args> | (keyof Spec & Given),
  Differing<Immutable<Spec>, Immutable<Omit<Args, Given>>>,
] extends [never, never, never]
  ? true
  : {
      outOfReach: Exclude<keyof Args, keyof Spec | Given>;
      takenByNobody: Exclude<keyof Spec, keyof Args> | (keyof Spec & Given);
      ofAnotherType: Differing<Immutable<Spec>, Immutable<Omit<Args, Given>>>;
    };

type Holds<Claim extends true> = Claim;
type Entry<Name extends keyof WorkloadsSpec> = NonNullable<WorkloadsSpec[Name]>;

/** One line for each: what the estate gives is named, and everything else is in the environment. */
export interface Reached {
  chatwoot: Holds<Reaches<Entry<"chatwoot">, ChatwootArgs, "pullSecret">>;
  liteLlm: Holds<Reaches<Entry<"liteLlm">, LiteLlmArgs, "pullSecret">>;
  n8n: Holds<Reaches<Entry<"n8n">, N8nArgs, "pullSecret">>;
  superset: Holds<Reaches<Entry<"superset">, SupersetArgs, "pullSecret">>;
  erpNext: Holds<Reaches<Entry<"erpNext">, ErpNextArgs, "pullSecret">>;
  apps: Holds<Reaches<Entry<"apps">[number], AppEntry, "pullSecret">>;
  files: Holds<Reaches<Entry<"files">, PublicFilesArgs, "pullSecret">>;
  // The directory is read beforehand.
  objects: Holds<Reaches<Omit<Entry<"objects">[number], "directory">, ObjectsEntry, never>>;
  vault: Holds<Reaches<Entry<"vault">, VaultArgs, "apiServers">>;
}
/** Who is watched is the estate's to say; how, the environment's. */
type WatchedByItself =
  | "topology" | "secrets" | "estate" | "machines" | "nodes" | "api" | "haproxy" | "postgres" | "redis" | "rabbitmq"
  | "mariadb" | "objectStore" | "vectorStore" | "ingressNginx" | "webLoadBalancers" | "publicHosts" | "chatwootHost"
  | "vaultMembers" | "verifyCertificates"; // prettier-ignore
export type MonitoringReached = Holds<
  Reaches<NonNullable<Environment["monitoring"]>, MonitoringServiceArgs, WatchedByItself>
>;
/** None is forgotten. */
export type AllReached = Holds<Same<keyof Reached, Exclude<keyof WorkloadsSpec, "registries">>>;
