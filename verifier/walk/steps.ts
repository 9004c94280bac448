import type { Workload } from "../read/workload";
import type { PodSubject } from "../read/policies";
import { addressNumber, includes, parseRange } from "../read/range";
import type { Balancer, BalancerService } from "../read/balancers";
import type { CloudOpening } from "../read/hosts";

export type Protocol = "tcp" | "udp";

/** One filter or hop on a path, and what it does with the packet. */
export interface Step {
  readonly ok: boolean;
  /** "UFW of minio-01" */
  readonly at: string;
  /** The rule that lets it pass; for a block, the one that is missing. */
  readonly rule: string;
  /** What arrives there: source address, port. */
  readonly value: string;
  readonly remedy: string;
}

/** From one end to the other. It is open when every step is. */
export interface Trail {
  readonly label: string;
  readonly steps: readonly Step[];
}

/** A pod, or whatever pod might be started, on a node. */
export interface PodSource {
  readonly label: string;
  readonly subject: PodSubject;
}

export const blockedAt = (trail: Trail): Step | undefined => trail.steps.find(({ ok }) => !ok);

export function passed(at: string, rule: string, value: string): Step {
  return { ok: true, at, rule, value, remedy: "" };
}

export function blocked(at: string, rule: string, value: string, remedy: string): Step {
  return { ok: false, at, rule, value, remedy };
}

export function noPodNetwork(): Step {
  return blocked(
    "pod network",
    "an Installation of Calico with IPPools for pods and tunnels",
    "there is none",
    "register it",
  );
}

export function serviceStep(to: Balancer, port: number): Step {
  const service = serviceAt(to, port);
  if (service !== undefined)
    return passed(to.name, `service ${service.port} -> ${service.destinationPort}`, `${port}/tcp`);
  return blocked(to.name, `a service on ${port}`, "nothing listens there", "register the LoadBalancerService");
}

/** The service behind a balancer's port; a redirecting HTTPS service also answers on 80. */
export function serviceAt(balancer: Balancer, port: number): BalancerService | undefined {
  return balancer.services.find((service) => service.port === port || (service.redirectsHttp && port === 80));
}

export function podAnswers(to: Workload, port: number, protocol: Protocol): readonly Step[] {
  if (to.ports.some((one) => one.port === port && one.protocol === protocol))
    return [passed(to.label, "its container listens", `${port}/${protocol}`)];
  return [
    blocked(
      to.label,
      `a container port ${port}`,
      `it has ${to.ports.map((one) => one.port).join(", ")}`,
      "let Service and container agree on the port",
    ),
  ];
}

export function cloudCovers(opening: CloudOpening, port: number, protocol: Protocol): boolean {
  if (opening.protocol !== protocol) return false;
  if (opening.ports === "any") return true;
  const [first = 0, last = first] = opening.ports.split("-").map(Number);
  return first <= port && port <= last;
}

export function proxysqlServers(conf: string): readonly { address: number; port: number }[] {
  return [...conf.matchAll(/\{ address="([\d.]+)", port=(\d+), hostgroup=/g)].flatMap((match) => {
    const address = addressNumber(match[1] ?? "");
    return address === undefined ? [] : [{ address, port: Number(match[2]) }];
  });
}

export function masquerades(rules: string, source: number): string | undefined {
  return rules
    .split("\n")
    .map((line) => line.trim())
    .find((line) => {
      const match = /^ip saddr (\S+) ip daddr != \S+ masquerade$/.exec(line);
      const range = match === null ? undefined : parseRange(match[1] ?? "");
      return range !== undefined && includes(range, source);
    });
}
