import { createPrivateKey } from "node:crypto";
import { isMap, isScalar, parse, parseDocument } from "yaml";
import type { Authorities, ClusterAuthorities, KubernetesNode, NodeTaint } from "@standin/kubernetes-api";
import type { RoleSimulator, SimulatedHost } from "@standin/machines/simulated";
import { holdsMember, K3S_TLS, tokenMistake } from "./k3sTokens";

const CONFIG = "/etc/rancher/k3s/config.yaml";
const KUBECONFIG = "/etc/rancher/k3s/k3s.yaml";
/** Of an authority that is brought to the server that makes the cluster (k3s-membership). */
const BROUGHT = "/etc/rancher/k3s/authority";
const SERVER_UNIT = "/etc/systemd/system/k3s.service";
const RELEASE = "/etc/rancher/k3s/release";

export interface K3sRoleOptions {
  /** What a server writes down for its own machine. */
  readonly kubeconfig: () => string;
  readonly authorities: () => ClusterAuthorities;
  /** The cluster is made, with authorities that its first server had from somewhere. */
  readonly adopt: (brought: Authorities) => Promise<void>;
  /** All nodes of all machines, after each change. */
  readonly onNodes: (nodes: readonly KubernetesNode[]) => void | Promise<void>;
}

/** Servers and agents of a K3s cluster: once started, they register as nodes, and servers have its kubeconfig and authorities. */
export function k3sRole(options: K3sRoleOptions): RoleSimulator {
  const nodes = new Map<number, KubernetesNode>();
  /** What each of them runs. */
  const releases = new Map<number, string>();
  let reported = "[]";
  const report = async (): Promise<void> => {
    const list = [...nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const text = JSON.stringify(list);
    if (text === reported) return;
    reported = text;
    await options.onNodes(list);
  };
  return {
    name: "k3s",
    matches: (files) => files.has(CONFIG),
    onApply: async (host) => {
      const node = readNode(host);
      const release = host.read(RELEASE)?.trim() ?? "";
      const refused = refusedRelease(releases.get(host.id), release);
      if (refused !== undefined) throw new Error(`K3s of ${node.name}: ${refused}`);
      if (host.unit(node.role === "server" ? "k3s.service" : "k3s-agent.service") !== "started") return {};
      const isFirst = node.role === "server" && ![...nodes.values()].some(({ role }) => role === "server");
      const brought = isFirst && !holdsMember(host) ? broughtTo(host) : undefined;
      if (brought !== undefined) await options.adopt(brought);
      const mistake = tokenMistake(host, node.role, options.authorities().serverCertificate);
      if (mistake !== undefined) throw new Error(`K3s does not start: ${mistake}`);
      releases.set(host.id, release);
      nodes.set(host.id, node);
      await report();
      return node.role === "server" ? serverFiles(options) : {};
    },
    onGone: async (id) => {
      releases.delete(id);
      if (nodes.delete(id)) await report();
    },
  };
}

/** As upstream has it: no way back, one minor version at a time (docs.k3s.io, upgrades). */
function refusedRelease(runs: string | undefined, wanted: string): string | undefined {
  const parts = (release: string): readonly number[] => (release.match(/\d+/g) ?? []).map(Number);
  if (runs === undefined || runs === wanted) return undefined;
  const [had, next] = [parts(runs), parts(wanted)];
  const first = had.findIndex((part, i) => part !== next[i]);
  if ((next[first] ?? 0) < (had[first] ?? 0)) return `${runs} does not go back to ${wanted}`;
  const skips = next[0] !== had[0] || (next[1] ?? 0) > (had[1] ?? 0) + 1;
  return skips ? `${runs} does not become ${wanted} without the minor versions between` : undefined;
}

function broughtTo(host: SimulatedHost): Authorities | undefined {
  const read = (file: string): string | undefined => host.read(`${BROUGHT}/${file}`);
  const pair = (name: string) => ({ certificate: read(`${name}.crt`), privateKey: read(`${name}.key`) });
  const [server, client] = [pair("server-ca"), pair("client-ca")];
  return isWhole(server) && isWhole(client) ? { server, client } : undefined;
}

const isWhole = (pair: {
  certificate?: string | undefined;
  privateKey?: string | undefined;
}): pair is Authorities["server"] => pair.certificate !== undefined && pair.privateKey !== undefined;

function serverFiles({ kubeconfig, authorities }: K3sRoleOptions): Readonly<Record<string, string>> {
  const { serverCertificate, client } = authorities();
  return {
    [KUBECONFIG]: kubeconfig(),
    [`${K3S_TLS}/server-ca.crt`]: serverCertificate,
    [`${K3S_TLS}/client-ca.crt`]: client.certificate,
    // In the form in which K3s keeps it (SEC1).
    [`${K3S_TLS}/client-ca.key`]: createPrivateKey(client.privateKey).export({ type: "sec1", format: "pem" }) as string,
  };
}

/** K3s' own configuration file decides, as on a real machine; it may be refined by config.yaml.d, which is not read. */
function readNode(host: SimulatedHost): KubernetesNode {
  const text = host.read(CONFIG) ?? "";
  const document = parseDocument(text);
  if (!isMap(document.contents) || !document.contents.items.every(({ key }) => isScalar(key))) {
    throw new Error(`${CONFIG} is not a mapping; K3s would not start; fix: correct what writes it`);
  }
  const config = parse(text) as Readonly<Record<string, unknown>>;
  const name = config["node-name"] ?? host.name;
  const address = config["node-ip"] ?? host.privateAddress;
  if (typeof name !== "string" || typeof address !== "string") {
    throw new Error(`${CONFIG}: node-name and node-ip must be texts; fix: correct what writes it`);
  }
  const pairs = list(config["node-label"], "node-label").map((entry) => splitOnce(entry, "=", "node-label"));
  return {
    name,
    address,
    role: host.read(SERVER_UNIT) === undefined ? "agent" : "server",
    labels: Object.fromEntries(pairs),
    taints: list(config["node-taint"], "node-taint").map(readTaint),
  };
}

function readTaint(text: string): NodeTaint {
  const [rest, effect] = splitOnce(text, ":", "node-taint");
  if (effect !== "NoSchedule" && effect !== "PreferNoSchedule" && effect !== "NoExecute") {
    throw new Error(`${CONFIG}: node-taint has effect "${effect}"; allowed: NoSchedule, PreferNoSchedule, NoExecute`);
  }
  const [key, value] = rest.includes("=") ? splitOnce(rest, "=", "node-taint") : [rest, ""];
  return value === "" ? { key, effect } : { key, value, effect };
}

function list(value: unknown, field: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === "string")) {
    throw new Error(`${CONFIG}: ${field} must be a list of texts; fix: correct what writes it`);
  }
  return value;
}

function splitOnce(text: string, separator: string, field: string): readonly [string, string] {
  const at = text.indexOf(separator);
  if (at < 1) throw new Error(`${CONFIG}: ${field} has an entry without "${separator}"; fix: correct what writes it`);
  return [text.slice(0, at), text.slice(at + 1)];
}
