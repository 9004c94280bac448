import { flowLabel, type Declaration, type DeclaredFlow, type DeclaredParty } from "../verifier/declaration";
import { pathOf } from "../verifier/pathOf";
import { podsOf } from "../verifier/walk/parties";
import type { Paths } from "../verifier/walk/paths";
import {
  AWAY,
  balancerBox,
  grouped,
  INTERNET,
  machineId,
  machinesBox,
  namespaceBox,
  NODES,
  OPERATORS,
  workloadId,
} from "./boxes";
import type { Bundle, End, Flow, FlowKind } from "./model";

/** Declared flows with their paths, and who stands at their ends. */
export function flowsOf(paths: Paths, declaration: Declaration): readonly Flow[] {
  const ends = declaration.flows.map((flow) => ({
    flow,
    from: endsOf(paths, flow.from, INTERNET),
    to: endsOf(paths, flow.to.provider, AWAY),
  }));
  const caring = overseers(paths, ends);
  const kindOf = kinds(paths, declaration, caring);
  return ends.map(({ flow, from, to }) => ({
    id: `flow ${flowLabel(flow)}`,
    label: flowLabel(flow),
    purpose: flow.purpose,
    kind: kindOf(flow, from, to),
    from,
    to,
    path: pathOf(paths, flow),
  }));
}

interface Ends {
  readonly flow: DeclaredFlow;
  readonly from: readonly End[];
  readonly to: readonly End[];
}

function endsOf({ world }: Paths, party: DeclaredParty, internet: string): readonly End[] {
  switch (party.kind) {
    case "internet":
      return [{ box: internet, items: [] }];
    case "operators":
      return [{ box: OPERATORS, items: [] }];
    case "loadBalancer":
      return [{ box: balancerBox(party.name), items: [] }];
    case "hosts": {
      const hosts = party.hosts.flatMap((name) => world.hosts.get(name) ?? []);
      return [...grouped(hosts, machinesBox)].map(([box, some]) => {
        return { box, items: some.map(({ name }) => machineId(name)) };
      });
    }
    case "pods":
    case "anyPod":
      return [...grouped(podsOf(world, party), ({ namespace }) => namespace)].map(([namespace, some]) => {
        return { box: namespaceBox(namespace), items: some.map(({ label }) => workloadId(label)) };
      });
  }
}

/**
 * Who reaches every cluster of machines but its own looks after them: a bastion, monitoring. And whoever every pod
 * reaches looks after those: DNS.
 */
function overseers({ world }: Paths, all: readonly Ends[]): ReadonlySet<string> {
  const machines = new Set([...world.hosts.values()].map(machinesBox));
  const reached = new Map<string, Set<string>>();
  for (const { from, to } of all)
    for (const { box } of from) {
      const boxes = reached.get(box) ?? new Set();
      for (const end of to) if (machines.has(end.box)) boxes.add(end.box);
      reached.set(box, boxes);
    }
  const whole = (box: string, boxes: ReadonlySet<string>): boolean =>
    machines.size > 2 && [...machines].every((one) => one === box || boxes.has(one));
  const named = all.flatMap(({ flow, to }) => (flow.from.kind === "anyPod" ? to.map(({ box }) => box) : []));
  return new Set([...named, ...[...reached].flatMap(([box, boxes]) => (whole(box, boxes) ? [box] : []))]);
}

function kinds(
  { world }: Paths,
  declaration: Declaration,
  caring: ReadonlySet<string>,
): (flow: DeclaredFlow, from: readonly End[], to: readonly End[]) => FlowKind {
  const served = new Set(declaration.routes.map(({ namespace, app }) => workloadId(`${namespace}/${app}`)));
  const isPublic = (party: DeclaredParty): boolean =>
    party.kind === "loadBalancer" && world.balancers.get(party.name)?.isPublic === true;
  const next = new Map(declaration.listeners.map(({ endpoint, leadsTo }) => [endpoint.id, leadsTo]));
  const leadsToNodes = (to: DeclaredFlow["to"], left = next.size): boolean => {
    const after = next.get(to.id);
    if (after !== undefined && left > 0) return leadsToNodes(after, left - 1);
    const { provider } = to;
    return provider.kind === "hosts" && provider.hosts.some((name) => world.hosts.get(name)?.isNode === true);
  };
  return (flow, from, to) => {
    const boxes = [...from, ...to].map(({ box }) => box);
    if (flow.from.kind === "internet" || isPublic(flow.from)) return "web";
    if (new Set(boxes).size === 1) return "within";
    if (flow.from.kind === "anyPod" || flow.from.kind === "operators") return "care";
    if (boxes.some((box) => caring.has(box))) return "care";
    if (from.every(({ box }) => box === NODES) && to.some(({ items }) => items.some((item) => served.has(item))))
      return "web";
    if (boxes.includes(NODES) || leadsToNodes(flow.to)) return "care";
    return flow.to.provider.kind === "internet" ? "out" : "data";
  };
}

/** Flows of one kind between the same two boxes become one. */
export function bundlesOf(flows: readonly Flow[], podsIn: (item: string) => number): readonly Bundle[] {
  const pairs = flows.flatMap((flow) =>
    flow.from.flatMap((from) =>
      flow.to.flatMap((to) =>
        // Machines of one box that a flow has among other ones speak to each other by the way.
        from.box === to.box && flow.kind !== "within" ? [] : [{ flow, from, to }],
      ),
    ),
  );
  const bundles = [...grouped(pairs, ({ flow, from, to }) => `bundle ${flow.kind} ${from.box} > ${to.box}`)] as const;
  return bundles.map(([id, some]) => {
    const [{ flow, from, to }] = some as readonly [(typeof some)[number]];
    const sources = new Set(some.flatMap((one) => one.from.items));
    return {
      id,
      from: from.box,
      to: to.box,
      kind: flow.kind,
      sources:
        from.box === INTERNET
          ? Infinity
          : Math.max(
              1,
              [...sources].reduce((sum, item) => sum + podsIn(item), 0),
            ),
      flows: some.map((one) => one.flow.id),
    };
  });
}
