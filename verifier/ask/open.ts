import { flowLabel, partyLabel, type Declaration, type DeclaredListener } from "../declaration";
import type { Finding } from "../finding";
import { flowTrails } from "../walk/flowTrails";
import { balancerOf, hostsOf, missingOf } from "../walk/parties";
import type { Paths } from "../walk/paths";
import { serversBehind } from "../walk/proxies";
import { blockedAt, type Step } from "../walk/steps";

/** Is every declared flow open, at every filter and hop, from each source to each destination? */
export function checkOpen(paths: Paths, declaration: Declaration): { findings: Finding[]; paths: number } {
  const findings: Finding[] = [];
  let count = 0;
  for (const flow of declaration.flows) {
    const subject = flowLabel(flow);
    for (const name of [...missingOf(paths.world, flow.from), ...missingOf(paths.world, flow.to.provider)]) {
      findings.push({
        question: "open",
        subject,
        at: name,
        rule: "not among what is emitted",
        value: `the flow "${flow.purpose}" names it`,
        remedy: "register it, or take the flow back",
      });
    }
    const blocks = new Map<string, { readonly step: Step; readonly example: string; count: number }>();
    let followed = 0;
    for (const { trail, times } of flowTrails(paths, flow)) {
      followed += times;
      const step = blockedAt(trail);
      if (step === undefined) continue;
      const key = `${step.at} | ${step.rule}`;
      const known = blocks.get(key);
      if (known === undefined) blocks.set(key, { step, example: trail.label, count: 1 });
      else known.count += 1;
    }
    count += followed;
    for (const { step, example, count: blocked } of blocks.values()) {
      findings.push({
        question: "open",
        subject,
        at: step.at,
        rule: `missing: ${step.rule}`,
        value: `${step.value} (${blocked} of ${followed} paths, e.g. ${example})`,
        remedy: step.remedy,
      });
    }
    if (
      followed === 0 &&
      missingOf(paths.world, flow.from).length + missingOf(paths.world, flow.to.provider).length === 0
    ) {
      const alone = flow.from.kind === "hosts" && hostsOf(paths.world, flow.from).length === 1;
      // A mesh of one member talks with nobody.
      if (alone && partyLabel(flow.from) === partyLabel(flow.to.provider)) continue;
      findings.push({
        question: "understood",
        subject,
        at: `${partyLabel(flow.from)} -> ${partyLabel(flow.to.provider)}`,
        rule: "not understood",
        value: "no path between two such parties is known",
        remedy: "teach verifier/walk/flowTrails.ts this kind of flow",
      });
    }
  }
  for (const listener of declaration.listeners) findings.push(...checkListener(paths, listener));
  return { findings, paths: count };
}

/** Does a balancer's or proxy's port lead to what it was declared for, and to all of it? */
function checkListener(paths: Paths, { endpoint, leadsTo, leaving = [] }: DeclaredListener): readonly Finding[] {
  const { world } = paths;
  const wanted = hostsOf(world, leadsTo.provider);
  const finding = (at: string, rule: string, value: string): Finding => ({
    question: "open",
    subject: `${endpoint.id} leads to ${leadsTo.id}`,
    at,
    rule,
    value,
    remedy: `let ${at} send ${endpoint.port} to port ${leadsTo.port} of ${wanted.map(({ name }) => name).join(", ")}`,
  });
  const balancer = balancerOf(world, endpoint.provider);
  if (balancer !== undefined) {
    const service = balancer.services.find(({ port }) => port === endpoint.port);
    if (service === undefined)
      return [finding(balancer.name, `missing: a service on ${endpoint.port}`, "there is none")];
    const findings: Finding[] = [];
    if (service.destinationPort !== leadsTo.port)
      findings.push(
        finding(balancer.name, `service ${service.resource}`, `it leads to port ${service.destinationPort}`),
      );
    if (service.proxyProtocol)
      findings.push(
        finding(
          balancer.name,
          `service ${service.resource}`,
          "it speaks the proxy protocol, which nothing behind it expects",
        ),
      );
    const targets = new Set(balancer.targets);
    const staying = wanted.filter(({ name }) => !leaving.includes(name));
    const lacking = staying.filter((host) => !targets.has(host));
    for (const { name } of balancer.targets.filter((target) => leaving.includes(target.name)))
      findings.push(finding(balancer.name, `target ${name}`, "it leaves, and is a target still"));
    if (lacking.length > 0)
      findings.push(
        finding(
          balancer.name,
          "missing: targets",
          `not among its targets: ${lacking.map(({ name }) => name).join(", ")}`,
        ),
      );
    return findings;
  }
  return hostsOf(world, endpoint.provider).flatMap((host) => {
    const at = `proxy on ${host.name}`;
    const listener = paths.ports.listenerAt(host, endpoint.port, "tcp");
    const servers = listener === undefined ? undefined : serversBehind(host, listener);
    if (servers === undefined)
      return [finding(at, `missing: a proxy on ${endpoint.port}`, listener?.daemon ?? "nothing listens")];
    const lacking = wanted.filter(
      (target) => !servers.some(({ address, port }) => address === target.address && port === leadsTo.port),
    );
    const strange = servers.filter(({ address }) => !wanted.some((target) => target.address === address));
    return [
      ...(lacking.length === 0
        ? []
        : [finding(at, "missing: servers", `it does not send to ${lacking.map(({ name }) => name).join(", ")}`)]),
      ...(strange.length === 0
        ? []
        : [finding(at, "servers", `it sends to ${strange.length} machine(s) that are not ${leadsTo.id}'s`)]),
    ];
  });
}
