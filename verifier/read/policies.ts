import { at, fields, integer, list, text, texts, type EmittedResource } from "./graph";
import { contains, includes, overlaps, parseRange, type Range } from "./range";

/** One pod, or all pods of one kind, as NetworkPolicies see it. */
export interface PodSubject {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Policy {
  readonly name: string;
  readonly namespace: string;
  readonly selects: Selector;
  readonly isolates: { readonly ingress: boolean; readonly egress: boolean };
  readonly ingress: readonly PolicyRule[];
  readonly egress: readonly PolicyRule[];
}

export interface PolicyRule {
  /** Where it stands, e.g. "NetworkPolicy chatwoot/allow-chatwoot-web, egress[2]". */
  readonly label: string;
  /** None: everybody. */
  readonly peers: readonly Peer[];
  /** None: every port. */
  readonly ports: readonly PolicyPort[];
}

export type Peer =
  | { readonly kind: "block"; readonly range: Range; readonly except: readonly Range[] }
  | { readonly kind: "pods"; readonly namespaces: Selector | undefined; readonly pods: Selector };

interface PolicyPort {
  readonly first: number;
  readonly last: number;
  readonly protocol: string;
}

/** A Kubernetes label selector. */
export interface Selector {
  readonly labels: Readonly<Record<string, string>>;
  readonly expressions: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

export function readPolicy({ inputs, name }: EmittedResource, problems: string[]): Policy {
  const spec = fields(inputs["spec"]);
  const label = `${text(at(inputs, "metadata", "namespace")) ?? "default"}/${text(at(inputs, "metadata", "name")) ?? name}`;
  const types = list(spec["policyTypes"]);
  const rules = (direction: "ingress" | "egress", side: "from" | "to"): readonly PolicyRule[] =>
    list(spec[direction]).map((rule, index) => ({
      label: `NetworkPolicy ${label}, ${direction}[${index}]`,
      peers: list(at(rule, side)).map((peer) => readPeer(peer, label, problems)),
      ports: list(at(rule, "ports")).map((port) => readPort(port, label, problems)),
    }));
  return {
    name: label,
    namespace: label.split("/")[0] ?? "default",
    selects: readSelector(spec["podSelector"]),
    // Kubernetes' defaults where policyTypes is absent.
    isolates: {
      ingress: types.length === 0 || types.includes("Ingress"),
      egress: types.length === 0 ? list(spec["egress"]).length > 0 : types.includes("Egress"),
    },
    ingress: rules("ingress", "from"),
    egress: rules("egress", "to"),
  };
}

function readPeer(peer: unknown, label: string, problems: string[]): Peer {
  const block = at(peer, "ipBlock");
  if (block !== undefined) {
    const range = parseRange(text(at(block, "cidr")) ?? "");
    if (range === undefined) problems.push(`NetworkPolicy ${label}: ipBlock ${JSON.stringify(at(block, "cidr"))}`);
    const except = list(at(block, "except")).flatMap((cidr) => parseRange(text(cidr) ?? "") ?? []);
    return { kind: "block", range: range ?? { first: 1, last: 0, text: "nothing" }, except };
  }
  const namespaces = at(peer, "namespaceSelector");
  return {
    kind: "pods",
    namespaces: namespaces === undefined ? undefined : readSelector(namespaces),
    pods: readSelector(at(peer, "podSelector")),
  };
}

function readPort(port: unknown, label: string, problems: string[]): PolicyPort {
  const protocol = (text(at(port, "protocol")) ?? "TCP").toLowerCase();
  const value = at(port, "port");
  if (value === undefined) return { first: 1, last: 65535, protocol };
  const first = integer(value);
  if (first === undefined) problems.push(`NetworkPolicy ${label}: port ${JSON.stringify(value)} by name`);
  return { first: first ?? 0, last: integer(at(port, "endPort")) ?? first ?? 0, protocol };
}

export function readSelector(selector: unknown): Selector {
  return {
    labels: texts(at(selector, "matchLabels")),
    expressions: list(at(selector, "matchExpressions")).map((expression) => ({
      key: text(at(expression, "key")) ?? "",
      operator: text(at(expression, "operator")) ?? "",
      values: list(at(expression, "values")).flatMap((value) => text(value) ?? []),
    })),
  };
}

/** An expression that is not known fits nothing. */
export function matches(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  return (
    Object.entries(selector.labels).every(([key, value]) => labels[key] === value) &&
    selector.expressions.every(({ key, operator, values }) => {
      const value = labels[key];
      if (operator === "In") return value !== undefined && values.includes(value);
      if (operator === "NotIn") return value === undefined || !values.includes(value);
      if (operator === "Exists") return value !== undefined;
      return operator === "DoesNotExist" && value === undefined;
    })
  );
}

/** All NetworkPolicies of a cluster, asked as Calico would: a pod that none isolates takes and opens everything. */
export class Policies {
  readonly #policies: ReadonlyMap<string, readonly Policy[]>;
  readonly #selecting = new WeakMap<PodSubject, readonly Policy[]>();
  readonly #rules = {
    ingress: new WeakMap<PodSubject, readonly PolicyRule[]>(),
    egress: new WeakMap<PodSubject, readonly PolicyRule[]>(),
  };

  constructor(
    readonly all: readonly Policy[],
    /** Labels by namespace. */
    readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>,
    /** Where pods have their addresses: a block that holds all of them holds every pod. */
    readonly podAddresses?: Range,
  ) {
    this.#policies = grouped(all);
  }

  isolated(pod: PodSubject, direction: "ingress" | "egress"): boolean {
    return this.#of(pod).some(({ isolates }) => isolates[direction]);
  }

  rules(pod: PodSubject, direction: "ingress" | "egress"): readonly PolicyRule[] {
    const known = this.#rules[direction].get(pod);
    if (known !== undefined) return known;
    const found = this.#of(pod).flatMap((policy) => (policy.isolates[direction] ? policy[direction] : []));
    this.#rules[direction].set(pod, found);
    return found;
  }

  /** The rule that lets `pod` talk with `peer`; "" when nothing isolates it; undefined when it is denied. */
  permits(
    pod: PodSubject,
    direction: "ingress" | "egress",
    peer: Range | PodSubject,
    port: number,
    protocol: string,
  ): string | undefined {
    if (!this.isolated(pod, direction)) return "";
    return this.rules(pod, direction).find(
      (rule) => covers(rule, port, protocol) && this.admitsPeer(rule, pod.namespace, peer),
    )?.label;
  }

  admitsPeer(rule: PolicyRule, namespace: string, peer: Range | PodSubject): boolean {
    if (rule.peers.length === 0) return true;
    return rule.peers.some((one) => {
      if ("first" in peer) {
        return (
          one.kind === "block" &&
          includes(one.range, peer.first) &&
          includes(one.range, peer.last) &&
          !one.except.some((range) => includes(range, peer.first) || includes(range, peer.last))
        );
      }
      if (one.kind === "block") return this.podAddresses !== undefined && holdsAll(one, this.podAddresses);
      const inNamespace =
        one.namespaces === undefined
          ? peer.namespace === namespace
          : matches(one.namespaces, this.namespaceLabels(peer.namespace));
      return inNamespace && matches(one.pods, peer.labels);
    });
  }

  namespaceLabels(namespace: string): Readonly<Record<string, string>> {
    return { ...this.namespaces.get(namespace), "kubernetes.io/metadata.name": namespace };
  }

  #of(pod: PodSubject): readonly Policy[] {
    const known = this.#selecting.get(pod);
    if (known !== undefined) return known;
    const found = (this.#policies.get(pod.namespace) ?? []).filter(({ selects }) => matches(selects, pod.labels));
    this.#selecting.set(pod, found);
    return found;
  }
}

type Block = Extract<Peer, { readonly kind: "block" }>;

function holdsAll({ range, except }: Block, addresses: Range): boolean {
  return contains(range, addresses) && !except.some((one) => overlaps(one, addresses));
}

/** Blocks that hold some of these addresses, and not all: of which pods, changes with every start. */
export function splitBlocks(policies: readonly Policy[], addresses: Range): readonly string[] {
  return policies.flatMap(({ name, ingress, egress }) =>
    [...ingress, ...egress].flatMap(({ peers }) =>
      peers.flatMap((peer) => {
        if (peer.kind !== "block" || !overlaps(peer.range, addresses) || holdsAll(peer, addresses)) return [];
        if (peer.except.some((one) => contains(one, addresses))) return [];
        return [
          `NetworkPolicy ${name}: ipBlock ${peer.range.text} holds some of the pods' addresses, ${addresses.text}`,
        ];
      }),
    ),
  );
}

export function covers(rule: PolicyRule, port: number, protocol: string): boolean {
  return (
    rule.ports.length === 0 ||
    rule.ports.some((one) => one.protocol === protocol && one.first <= port && port <= one.last)
  );
}

function grouped(policies: readonly Policy[]): ReadonlyMap<string, readonly Policy[]> {
  const groups = new Map<string, Policy[]>();
  for (const policy of policies) groups.set(policy.namespace, [...(groups.get(policy.namespace) ?? []), policy]);
  return groups;
}
