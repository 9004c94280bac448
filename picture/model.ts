import type { DeclaredRoute } from "../verifier/declaration";
import type { FlowPath, RoutePath } from "../verifier/pathOf";

/** Columns from the outside in, and below them the strip of what looks after all of it. */
export const LANES = ["outside", "entry", "nodes", "workloads", "balancers", "proxies", "data"] as const;
export type Lane = (typeof LANES)[number] | "operations";

/** What a flow is for; `care` is what operators, monitoring and the cluster itself need. */
export const FLOW_KINDS = ["web", "data", "out", "care", "within"] as const;
export type FlowKind = (typeof FLOW_KINDS)[number];

/** Against the picture before. Undefined in its place: the same. */
export type Change = "added" | "removed" | "changed";

/** A machine, or a workload, in its box. */
export interface Item {
  /** "machine redis-01", "workload n8n/n8n-main" */
  readonly id: string;
  readonly name: string;
  /** Beside its name: its type, how many of it there are. */
  readonly note: string;
  /** What a change of it would change. */
  readonly sum: string;
  readonly change?: Change;
}

/** Items that belong together: the machines of a cluster, the workloads of a namespace. */
export interface Section {
  readonly title: string;
  readonly items: readonly Item[];
}

export interface Box {
  /** "balancer lb-data", "namespace n8n", "machines redis", "outside internet" */
  readonly id: string;
  readonly kind: "outside" | "balancer" | "machines" | "namespace";
  readonly lane: Lane;
  readonly name: string;
  /** One line below its name; empty: none. */
  readonly note: string;
  readonly sections: readonly Section[];
  /** What a change of it would change, beside its items. */
  readonly sum: string;
  readonly change?: Change;
}

/** Who stands at an end of a flow: the items of one box; none: the box itself. */
export interface End {
  readonly box: string;
  readonly items: readonly string[];
}

export interface Flow {
  readonly id: string;
  readonly label: string;
  readonly purpose: string;
  readonly kind: FlowKind;
  readonly from: readonly End[];
  readonly to: readonly End[];
  readonly path: FlowPath;
  readonly change?: Change;
}

/** All flows of one kind from one box to another. */
export interface Bundle {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly kind: FlowKind;
  /** Machines, pods and networks that may use it. Infinity: everybody. */
  readonly sources: number;
  /** Ids. */
  readonly flows: readonly string[];
  readonly change?: Change;
}

export interface Route {
  readonly id: string;
  readonly declared: DeclaredRoute;
  /** Undefined: nothing serves it. */
  readonly paths: readonly RoutePath[] | undefined;
  /** Id of the item that answers. */
  readonly workload: string;
  readonly change?: Change;
}

/** What is lost with a machine or a balancer. */
export interface Loss {
  /** Labels of flows that end. */
  readonly ends: readonly string[];
  /** Why that is accepted. */
  readonly reasons: readonly string[];
}

/** What a machine or a balancer costs a month. */
export interface Price {
  readonly text: string;
  /** What is in it: "server cpx42". */
  readonly of: readonly string[];
}

/** An estate as it is drawn: pure data, without a place for anything. */
export interface Picture {
  readonly stack: string;
  readonly boxes: readonly Box[];
  readonly bundles: readonly Bundle[];
  readonly flows: readonly Flow[];
  readonly routes: readonly Route[];
  /** By item or box. */
  readonly losses: Readonly<Record<string, Loss>>;
  readonly prices: Readonly<Record<string, Price>>;
  readonly proved: boolean;
  /** What the whole costs a month. */
  readonly cost: string;
  /** What it is compared with. Undefined: with nothing. */
  readonly base?: string;
}
