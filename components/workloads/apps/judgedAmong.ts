import type { WorkloadContext } from "../workloadContext";
import type { AppEntry } from "./appEntry";
import type { OwnedNames } from "./ownedNames";

/** What an entry is judged among. */
export interface JudgedAmong {
  readonly context: WorkloadContext;
  readonly names: OwnedNames;
  /** Who it is to `names`: "workloads.apps[0]". */
  readonly owner: string;
  /** All applications of the environment's `apps`. */
  readonly entries: readonly AppEntry[];
  /** Namespaces that are others' alone, and whose. */
  readonly reservedNamespaces: ReadonlyMap<string, string>;
  /** Zones of the public hosts, web.zone first. Undefined: what they are, is a mistake itself. */
  readonly zones: readonly string[] | undefined;
  /** on; off; mistaken: its mistakes are told, and its users are not blamed. */
  readonly llm: "on" | "off" | "mistaken";
}
