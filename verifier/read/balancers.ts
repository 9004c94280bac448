import { at, integer, list, text, type EmittedResource, type GraphIndex } from "./graph";
import type { Gap, Host } from "./hosts";
import { SERVER } from "./knownTypes";
import { addressNumber } from "./range";

export interface Balancer {
  readonly kind: "balancer";
  readonly name: string;
  readonly address: number;
  readonly addressText: string;
  readonly isPublic: boolean;
  readonly services: readonly BalancerService[];
  readonly targets: readonly Host[];
}

export interface BalancerService {
  readonly resource: string;
  readonly protocol: string;
  readonly port: number;
  readonly destinationPort: number;
  readonly redirectsHttp: boolean;
  readonly proxyProtocol: boolean;
  /** Seconds; undefined for TCP, which Hetzner does not cut. */
  readonly idleSeconds: number | undefined;
  readonly check: BalancerCheck | undefined;
}

export interface BalancerCheck {
  readonly protocol: string;
  readonly port: number;
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly path: string;
  /** Header Host. Undefined: the target's address. */
  readonly host: string | undefined;
  readonly statuses: readonly string[];
  readonly tls: boolean;
}

/** Hetzner's default for http.timeout_idle. */
const DEFAULT_IDLE_SECONDS = 50;

const BALANCER = "hcloud:index/loadBalancer:LoadBalancer";

/** Hetzner's load balancers with their services and targets. */
export function readBalancers(
  index: GraphIndex,
  hosts: ReadonlyMap<string, Host>,
  gap: Gap,
): ReadonlyMap<string, Balancer> {
  const balancers = new Map<string, Balancer>();
  const of = (type: string): ReadonlyMap<string, readonly EmittedResource[]> => {
    const found = new Map<string, EmittedResource[]>();
    for (const resource of index.ofType(type)) {
      const owner = index.refer(resource, "loadBalancerId", BALANCER);
      if (owner === undefined)
        gap(
          `${type} ${resource.name}`,
          "it cannot be told which load balancer it belongs to",
          "refer to a LoadBalancer resource of the stack",
        );
      else found.set(owner.name, [...(found.get(owner.name) ?? []), resource]);
    }
    return found;
  };
  const networks = of("hcloud:index/loadBalancerNetwork:LoadBalancerNetwork");
  const services = of("hcloud:index/loadBalancerService:LoadBalancerService");
  const targets = of("hcloud:index/loadBalancerTarget:LoadBalancerTarget");
  for (const resource of index.ofType(BALANCER)) {
    const name = text(resource.inputs["name"]) ?? resource.name;
    const attachment = networks.get(resource.name)?.[0];
    const address = text(attachment?.inputs["ip"]);
    if (address === undefined || addressNumber(address) === undefined) {
      gap(
        `load balancer ${name}`,
        "it is not attached to the private network with an address that is known",
        "register its LoadBalancerNetwork with an ip",
      );
      continue;
    }
    balancers.set(name, {
      kind: "balancer",
      name,
      address: addressNumber(address) ?? 0,
      addressText: address,
      isPublic: attachment?.inputs["enablePublicInterface"] !== false,
      services: (services.get(resource.name) ?? []).map(readService),
      targets: (targets.get(resource.name) ?? []).flatMap((target) => readTarget(index, target, hosts, gap)),
    });
  }
  return balancers;
}

function readTarget(
  index: GraphIndex,
  target: EmittedResource,
  hosts: ReadonlyMap<string, Host>,
  gap: Gap,
): readonly Host[] {
  const server = index.refer(target, "serverId", SERVER);
  const host = server === undefined ? undefined : hosts.get(text(server.inputs["name"]) ?? server.name);
  if (text(target.inputs["type"]) !== "server" || target.inputs["usePrivateIp"] !== true || host === undefined) {
    gap(
      `target ${target.name}`,
      "not a server of the stack, over its private address",
      "use type server with usePrivateIp: true",
    );
    return [];
  }
  return [host];
}

function readService({ inputs, name }: EmittedResource): BalancerService {
  const check = inputs["healthCheck"];
  const protocol = text(inputs["protocol"]) ?? "";
  return {
    resource: name,
    protocol,
    // Hetzner's defaults where they are not said.
    port: integer(inputs["listenPort"]) ?? (protocol === "https" ? 443 : 80),
    destinationPort: integer(inputs["destinationPort"]) ?? 80,
    redirectsHttp: at(inputs, "http", "redirectHttp") === true,
    proxyProtocol: inputs["proxyprotocol"] === true,
    idleSeconds: protocol === "tcp" ? undefined : (integer(at(inputs, "http", "timeoutIdle")) ?? DEFAULT_IDLE_SECONDS),
    check:
      check === undefined
        ? undefined
        : {
            protocol: text(at(check, "protocol")) ?? "",
            port: integer(at(check, "port")) ?? 0,
            interval: integer(at(check, "interval")) ?? 15,
            timeout: integer(at(check, "timeout")) ?? 10,
            retries: integer(at(check, "retries")) ?? 3,
            path: text(at(check, "http", "path")) ?? "/",
            host: text(at(check, "http", "domain")),
            statuses: list(at(check, "http", "statusCodes")).map(String),
            tls: at(check, "http", "tls") === true,
          },
  };
}

/** Seconds at most: told just after a check, failed by so many in a row and by the one that counts, the last one slowly. */
export function hearsWithin({ check }: BalancerService): number {
  return check === undefined ? Infinity : check.interval * (check.retries + 1) + check.timeout;
}
