import type { DeclaredListener, Declaration } from "../declaration";
import type { Finding } from "../finding";
import { hearsWithin } from "../read/balancers";
import { backendSections, type HaproxySection } from "../read/haproxy";
import type { Host } from "../read/hosts";
import { balancerOf, hostsOf } from "../walk/parties";
import type { Paths } from "../walk/paths";

type Found = Pick<Finding, "at" | "rule" | "value" | "remedy">;

/** What asks for a member's role (patroni.readthedocs.io, REST API; redis.io, ROLE). */
const ASKS = {
  leader: /^\/(primary|leader|master|read-write)\b/,
  replica: /^\/(replica|read-only|standby-leader|sync|async)\b/,
} as const;

/** Does each balancer and proxy lead to the member that is declared, and leave a silent one as soon as it promises? */
export function checkPromises(paths: Paths, { listeners }: Declaration): readonly Finding[] {
  return listeners.flatMap((listener) =>
    [...roles(paths, listener), ...notices(paths, listener)].map((found) => ({
      ...found,
      question: "sound" as const,
      subject: `${listener.endpoint.id}: ${promise(listener)}`,
    })),
  );
}

function promise({ role, noticedWithinSeconds }: DeclaredListener): string {
  const whom = { leader: "the leader", replica: "a replica", oneWriter: "one writer", any: "any member" }[
    role ?? "any"
  ];
  return noticedWithinSeconds === undefined ? whom : `${whom}, a silent one left within ${noticedWithinSeconds} s`;
}

/** HAProxy's frontends of a listener, each with its machine. */
function frontends(paths: Paths, { endpoint }: DeclaredListener): readonly { host: Host; section: HaproxySection }[] {
  return hostsOf(paths.world, endpoint.provider).flatMap((host) => {
    const section = paths.ports.listenerAt(host, endpoint.port, "tcp")?.section;
    return section === undefined ? [] : [{ host, section }];
  });
}

function roles(paths: Paths, listener: DeclaredListener): readonly Found[] {
  const { role } = listener;
  if (role === undefined) return [];
  if (role === "oneWriter") return writers(paths, listener);
  return frontends(paths, listener).flatMap(({ host, section }) => {
    // Sentinels choose: ask/elections.ts.
    if (section.choices.length > 0) return [];
    return backendSections(host.haproxy, section).flatMap(({ kind, name, check }): readonly Found[] => {
      const asks = check.kind === "http" ? (check.path ?? "nothing") : check.kind;
      const right = check.kind === "redis" ? role === "leader" : ASKS[role].test(asks);
      if (right) return [];
      return [
        {
          at: `HAProxy on ${host.name}`,
          rule: `check of ${kind} ${name}`,
          value: `it asks ${asks}, which others than ${role === "leader" ? "the leader" : "replicas"} answer as well`,
          remedy: `ask what only ${role === "leader" ? "the leader answers: /primary, or role:master" : "a replica answers: /replica"}`,
        },
      ];
    });
  });
}

/** Behind a balancer: each of its targets sends everything to one member. */
function writers(paths: Paths, { endpoint }: DeclaredListener): readonly Found[] {
  const balancer = balancerOf(paths.world, endpoint.provider);
  const inner = balancer?.services.find(({ port }) => port === endpoint.port)?.destinationPort ?? endpoint.port;
  return (balancer?.targets ?? hostsOf(paths.world, endpoint.provider)).flatMap((host) => {
    const section = paths.ports.listenerAt(host, inner, "tcp")?.section;
    if (section === undefined) return [];
    return backendSections(host.haproxy, section).flatMap(({ kind, name, servers }): readonly Found[] => {
      const first = servers.filter(({ backup }) => !backup).map((server) => server.name);
      if (first.length <= 1) return [];
      return [
        {
          at: `HAProxy on ${host.name}`,
          rule: `${kind} ${name}`,
          value: `${first.join(", ")} take writes at the same time`,
          remedy: 'one server, the others with "backup"',
        },
      ];
    });
  });
}

function notices(paths: Paths, listener: DeclaredListener): readonly Found[] {
  const { endpoint, noticedWithinSeconds: promised } = listener;
  if (promised === undefined) return [];
  const balancer = balancerOf(paths.world, endpoint.provider);
  const service = balancer?.services.find(({ port }) => port === endpoint.port);
  const late = (at: string, rule: string, found: number): readonly Found[] =>
    found <= promised
      ? []
      : [
          {
            at,
            rule,
            value: found === Infinity ? "never: nothing is checked" : `after ${found} s at most`,
            remedy: `check more often or fail sooner: at most ${promised} s are promised`,
          },
        ];
  return [
    ...(balancer === undefined || service === undefined
      ? []
      : late(balancer.name, `healthCheck of ${service.resource}`, hearsWithin(service))),
    ...frontends(paths, listener).flatMap(({ host, section }) => {
      const voters = section.choices.map((choice) => choice.voters);
      const asked = [
        ...backendSections(host.haproxy, section),
        ...(host.haproxy?.sections ?? []).filter(({ kind, name }) => kind === "backend" && voters.includes(name)),
      ];
      return asked.flatMap(({ kind, name, servers }) =>
        // One server alone is sent to whatever it answers.
        servers.length === 1 && servers[0]?.checked === false
          ? []
          : late(
              `HAProxy on ${host.name}`,
              `check of ${kind} ${name}`,
              Math.max(...servers.map(({ noticedAfterSeconds }) => noticedAfterSeconds)),
            ),
      );
    }),
  ];
}
