import { isIPv4 } from "node:net";
import { parseCIDR, IPv4 } from "ipaddr.js";
import { wrong, type Cause } from "./wire/apiError";
import { asText, isObject, listAt, numberAt, objectAt, textAt, type JsonObject } from "./wire/json";

const toNumber = (address: string): number => IPv4.parse(address).octets.reduce((sum, octet) => sum * 256 + octet, 0);
const toText = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

/** Address number `offset` of an IPv4 CIDR; offset 0 is the network address. */
export function addressIn(cidr: string, offset: number): string {
  const [network, bits] = parseCIDR(cidr);
  if (offset >= 2 ** (32 - bits)) throw new Error(`${cidr} has no address number ${offset}`);
  return toText(toNumber(network.toString()) + offset);
}

const sameObject = (a: JsonObject, b: JsonObject): boolean =>
  textAt(a, "metadata", "name") === textAt(b, "metadata", "name") &&
  textAt(a, "metadata", "namespace") === textAt(b, "metadata", "namespace");

/**
 * Gives a Service its cluster address and node ports, as the API server's allocators do: a live Service
 * keeps what it has, a stated one must be free. Changes the Service; returns what is wrong with it.
 */
export function allocate(
  service: JsonObject,
  live: JsonObject | undefined,
  all: readonly JsonObject[],
  serviceCidr: string,
): Cause[] {
  const spec = objectAt(service, "spec");
  const others = all.filter((other) => !sameObject(other, service));
  if (spec.type === "ExternalName") return [];
  const causes: Cause[] = [];
  if (spec.clusterIP === undefined || spec.clusterIP === "") {
    const kept = textAt(live, "spec", "clusterIP");
    spec.clusterIP = kept ?? freeAddress(others, serviceCidr);
  } else if (spec.clusterIP !== "None") causes.push(...addressCauses(asText(spec.clusterIP), others, serviceCidr));
  spec.clusterIPs ??= [spec.clusterIP ?? null];
  if (spec.type === "NodePort" || spec.type === "LoadBalancer") causes.push(...allocateNodePorts(spec, live, others));
  return causes;
}

function freeAddress(others: readonly JsonObject[], serviceCidr: string): string {
  const used = new Set(others.map((other) => textAt(other, "spec", "clusterIP")));
  // The lowest addresses stay free for Services that state theirs (kubernetes .1, cluster DNS .10).
  for (let offset = 256; ; offset++) {
    const address = addressIn(serviceCidr, offset);
    if (!used.has(address)) return address;
  }
}

function addressCauses(address: string, others: readonly JsonObject[], serviceCidr: string): Cause[] {
  const [network, bits] = parseCIDR(serviceCidr);
  if (!isIPv4(address) || !IPv4.parse(address).match(IPv4.parse(network.toString()), bits))
    return [wrong("spec.clusterIPs", `Invalid value: "${address}": not within ${serviceCidr}`)];
  if (others.some((other) => textAt(other, "spec", "clusterIP") === address))
    return [wrong("spec.clusterIPs", `Invalid value: "${address}": provided IP is already allocated`)];
  return [];
}

function allocateNodePorts(spec: JsonObject, live: JsonObject | undefined, others: readonly JsonObject[]): Cause[] {
  const key = (port: unknown): string => {
    const object = isObject(port) ? port : {};
    return `${numberAt(object, "nodePort") ?? 0}/${textAt(object, "protocol") ?? "TCP"}`;
  };
  const used = new Set(others.flatMap((other) => listAt(other, "spec", "ports").map(key)));
  const causes: Cause[] = [];
  listAt(spec, "ports").forEach((port, index) => {
    if (!isObject(port)) return;
    const before = listAt(live, "spec", "ports").find(
      (old) => numberAt(old, "port") === port.port && textAt(old, "protocol") === port.protocol,
    );
    port.nodePort ??= numberAt(before, "nodePort") ?? freeNodePort(used, asText(port.protocol));
    // Kubernetes lets the ports of one Service share a node port number only across protocols.
    if (used.has(key(port)))
      causes.push(
        wrong(
          `spec.ports[${index}].nodePort`,
          `Invalid value: ${asText(port.nodePort)}: provided port is already allocated`,
        ),
      );
    used.add(key(port));
  });
  return causes;
}

function freeNodePort(used: ReadonlySet<string>, protocol: string): number {
  for (let port = 30000; port <= 32767; port++) if (!used.has(`${port}/${protocol}`)) return port;
  throw new Error("no node port is free");
}
