import type { BalancerService, Balancer } from "../read/balancers";
import type { Finding } from "../finding";
import { backendNames, type HaproxySection, type HaproxyServer } from "../read/haproxy";
import type { Listener } from "../read/listeners";
import type { Paths } from "../walk/paths";
import { blockedAt } from "../walk/steps";
import { electionProblems } from "./elections";
import type { Host } from "../read/hosts";

/** Patroni's answers that tell a leader from a replica (patroni.readthedocs.io, REST API). */
const ROLE_PATHS = /^\/(primary|leader|standby-leader|read-write|master|replica|read-only|sync|async)\b/;
/** What K3s answers without a login. */
const API_PATHS = /^\/(ping|readyz|livez|healthz)$/;

/** Does every check of a balancer and of HAProxy probe something that answers like that on that port? */
export function checkSound(paths: Paths): { readonly findings: readonly Finding[]; readonly checks: number } {
  const findings: Finding[] = [];
  let checks = 0;
  const add = (subject: string, at: string, rule: string, value: string, remedy: string): void => {
    findings.push({ question: "sound", subject, at, rule, value, remedy });
  };
  for (const balancer of paths.world.balancers.values()) {
    for (const service of balancer.services) {
      checks += 1;
      const problem = balancerCheck(paths, balancer, service);
      if (problem !== undefined)
        add(
          `check of ${balancer.name}:${service.port}`,
          balancer.name,
          `healthCheck of ${service.resource}`,
          problem.value,
          problem.remedy,
        );
    }
  }
  for (const host of paths.world.hosts.values()) {
    for (const section of host.haproxy?.sections ?? []) {
      if (section.mode === "http") continue;
      if (section.kind === "frontend") {
        for (const { rule, value, remedy } of electionProblems(host, section))
          add(`choice of ${section.name} on ${host.name}`, `HAProxy on ${host.name}`, rule, value, remedy);
        continue;
      }
      if (section.servers.length === 0) {
        const remedy = "give it servers, or take it away";
        add(
          `${section.name} on ${host.name}`,
          `HAProxy on ${host.name}`,
          `${section.kind} ${section.name}`,
          "it has no server",
          remedy,
        );
      }
      checks += 1;
      for (const server of section.servers) {
        const problem = serverCheck(paths, host, section, server);
        if (problem !== undefined)
          add(
            `check of ${server.name} by ${host.name}`,
            `HAProxy on ${host.name}`,
            `${section.kind} ${section.name}`,
            problem.value,
            problem.remedy,
          );
      }
    }
  }
  return { findings, checks };
}

interface Problem {
  readonly value: string;
  readonly remedy: string;
}

function balancerCheck(paths: Paths, balancer: Balancer, service: BalancerService): Problem | undefined {
  const { check } = service;
  if (check === undefined) return { value: "there is none", remedy: "give the service a health check" };
  if (check.timeout > check.interval)
    return {
      value: `timeout ${check.timeout} s within an interval of ${check.interval} s`,
      remedy: "let the timeout fit into the interval",
    };
  for (const target of balancer.targets) {
    const trail = paths.machineToHost(balancer, target, check.port, "tcp");
    const step = blockedAt(trail);
    if (step !== undefined)
      return {
        value: `${trail.label} is blocked at ${step.at}: missing ${step.rule}`,
        remedy: `probe a port that answers, or open it: ${step.remedy}`,
      };
    if (check.protocol === "tcp") {
      if (check.port !== service.destinationPort)
        return {
          value: `it probes port ${check.port}, but traffic goes to ${service.destinationPort}`,
          remedy: `probe ${service.destinationPort}`,
        };
      continue;
    }
    const problem = httpAnswer(paths, target, service);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function httpAnswer(paths: Paths, target: Host, service: BalancerService): Problem | undefined {
  const { check } = service;
  if (check === undefined) return undefined;
  if (check.tls) return { value: "TLS, but the port speaks plain HTTP", remedy: "set http.tls to false" };
  const inner = paths.ports.translate(target, check.port, "tcp");
  if (inner !== check.port) {
    // ingress-nginx' default server (kubernetes/ingress-nginx): 200 on /healthz for any host name. Of another
    // controller it is assumed, and said (gatewayLimits.ts).
    if (check.path === "/healthz" && accepts(check.statuses, "200") && check.port === service.destinationPort)
      return undefined;
    return {
      value: `GET ${check.path} on ${check.port}, expecting ${check.statuses.join(", ")}`,
      remedy: "probe /healthz on the NodePort and expect 200",
    };
  }
  const section = paths.ports.listenerAt(target, check.port, "tcp")?.section;
  if (section?.mode !== "http")
    return {
      value: `${target.name}:${check.port} does not answer HTTP as far as is understood`,
      remedy: "probe HAProxy's health frontend",
    };
  const related = backendsOf(paths, target, service.destinationPort);
  const answers = section.answers.filter(
    ({ status, paths: for_ }) => accepts(check.statuses, status) && for_.includes(check.path),
  );
  if (answers.length === 0)
    return {
      value: `GET ${check.path} never answers ${check.statuses.join(", ")} on ${target.name}:${check.port}`,
      remedy: "probe a path that the health frontend knows",
    };
  if (!answers.some(({ alive }) => alive !== undefined && related.includes(alive)))
    return {
      value: `GET ${check.path} tells of ${answers.map(({ alive }) => alive ?? "nothing").join(", ")}, but traffic goes to ${related.join(", ")}`,
      remedy: "probe the path of the service's own backend",
    };
  return undefined;
}

/** HAProxy's sections that stand for what a port of the host leads to. */
function backendsOf(paths: Paths, host: Host, port: number): readonly string[] {
  const section = paths.ports.listenerAt(host, port, "tcp")?.section;
  if (section !== undefined) return [...backendNames(section), ...section.choices.map(({ voters }) => voters)];
  return (host.haproxy?.sections ?? [])
    .filter(({ servers }) =>
      servers.some(
        (server) => server.port === port && (server.address === "127.0.0.1" || server.address === host.addressText),
      ),
    )
    .map(({ name }) => name);
}

function accepts(statuses: readonly string[], status: string): boolean {
  return statuses.some((one) => new RegExp(`^${one.replaceAll("?", "\\d")}$`).test(status));
}

function serverCheck(paths: Paths, host: Host, section: HaproxySection, server: HaproxyServer): Problem | undefined {
  if (!server.checked) {
    if (section.servers.length === 1) return undefined;
    return { value: "it is not checked: traffic goes to it when it is dead", remedy: 'add "check" to the server' };
  }
  const target =
    server.address === "127.0.0.1"
      ? host
      : [...paths.world.hosts.values()].find(({ addressText }) => addressText === server.address);
  if (target === undefined)
    return { value: `${server.address} is no machine of the estate`, remedy: "correct the address" };
  if (target !== host) {
    const step = blockedAt(paths.machineToHost(host, target, server.checkPort, "tcp"));
    if (step !== undefined)
      return { value: `port ${server.checkPort} is blocked at ${step.at}: missing ${step.rule}`, remedy: step.remedy };
  }
  const listener = target.listeners.find(({ port, protocol }) => port === server.checkPort && protocol === "tcp");
  if (listener === undefined)
    return { value: `nothing listens on ${target.name}:${server.checkPort}`, remedy: "probe a port that answers" };
  const chosen = (host.haproxy?.sections ?? []).some(({ choices }) =>
    choices.some(({ backend }) => backend === section.name),
  );
  return suits(section, server, listener, chosen);
}

/** Does this kind of check tell what must be known of this kind of daemon? @param chosen another section decides when. */
function suits(
  { check, servers }: HaproxySection,
  { checkTls }: HaproxyServer,
  { daemon, tls }: Listener,
  chosen: boolean,
): Problem | undefined {
  const several = servers.length > 1;
  if (check.kind === "http") {
    if (checkTls !== tls)
      return {
        value: `${checkTls ? "TLS" : "plain HTTP"} to ${daemon}, which speaks ${tls ? "TLS" : "plain HTTP"}`,
        remedy: "let check-ssl and the daemon agree",
      };
    if (!check.statuses.includes("200"))
      return {
        value: `it expects ${check.statuses.join(", ") || "no status"}`,
        remedy: "http-check expect status 200",
      };
    const path = check.path ?? "/";
    if (daemon === "patroni" && several && !ROLE_PATHS.test(path))
      return {
        value: `GET ${path} does not tell the leader from a replica`,
        remedy: "ask Patroni for /primary or /replica",
      };
    if (daemon === "k3sApi" && !API_PATHS.test(path))
      return { value: `GET ${path} does not answer 200 without a login`, remedy: "ask for /ping" };
    if (daemon !== "patroni" && daemon !== "k3sApi" && daemon !== "socket")
      return {
        value: `${daemon} does not answer HTTP as far as is understood`,
        remedy: "use the check that suits the daemon",
      };
    return undefined;
  }
  if (daemon === "redis" && several)
    return {
      value: "every server that calls itself primary gets connections, and a former one does so when it returns",
      remedy: "a backend for each server, chosen by the majority of the Sentinels",
    };
  if (daemon === "redis" && chosen && !(check.kind === "redis" && check.expects.includes("role:master")))
    return {
      value: "it does not ask for the role: replicas take writes and refuse them",
      remedy: "tcp-check expect string role:master",
    };
  if (daemon === "postgresql" && several)
    return { value: "it does not ask for the role", remedy: "check Patroni's REST API" };
  if (daemon === "mariadb" && several)
    return { value: "it does not ask whether the member is synced", remedy: "check the member's WSREP state" };
  return undefined;
}
