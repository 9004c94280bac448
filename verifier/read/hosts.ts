import { at, list, text, texts, type EmittedResource, type GraphIndex } from "./graph";
import { parseHaproxy, type Haproxy } from "./haproxy";
import { HOST, SERVER } from "./knownTypes";
import { K3S_CONFIG, listenersOf, type Listener } from "./listeners";
import { addressNumber, parseRange, type Range } from "./range";
import { readUfw, type Ufw } from "./ufw";
import { unreadWords } from "./words/unreadFiles";

/** A machine as packets find it. */
export interface Host {
  readonly kind: "host";
  readonly name: string;
  readonly address: number;
  readonly addressText: string;
  readonly group: string;
  readonly location: string;
  /** Spread placement group. */
  readonly placement: string | undefined;
  readonly isPublic: boolean;
  /** Hetzner's firewalls on the public interface; undefined: none, and all passes. */
  readonly cloud: readonly CloudOpening[] | undefined;
  readonly ufw: Ufw;
  readonly haproxy: Haproxy | undefined;
  readonly listeners: readonly Listener[];
  readonly files: Readonly<Record<string, string>>;
  readonly sysctl: Readonly<Record<string, string>>;
  readonly isNode: boolean;
}

/** What one rule of a Hetzner firewall lets in. */
export interface CloudOpening {
  readonly from: Range;
  readonly ports: string;
  readonly protocol: string;
  readonly text: string;
}

const FIREWALL = "hcloud:index/firewall:Firewall";

/** Reports something that cannot be read. */
export type Gap = (subject: string, value: string, remedy: string) => void;

/** Servers with what the program says is on them, by name. A server of which too little is known is a gap. */
export function readHosts(index: GraphIndex, gap: Gap): ReadonlyMap<string, Host> {
  const views = new Map(index.ofType(HOST).map(({ inputs, name }) => [text(inputs["host"]) ?? name, inputs]));
  const commands = new Map(index.ofType("command:remote:Command").map((command) => [command.name, command]));
  const hosts = new Map<string, Host>();
  for (const server of index.ofType(SERVER)) {
    const name = text(server.inputs["name"]) ?? server.name;
    const address = text(at(list(server.inputs["networks"])[0], "ip"));
    const view = views.get(name);
    if (address === undefined || addressNumber(address) === undefined) {
      gap(`server ${name}`, "no private address that is known", "give it one in its inline network");
      continue;
    }
    if (view === undefined) {
      gap(`server ${name}`, "nothing says what is on it", "register it through the Host component");
      continue;
    }
    const create = text(commands.get(`${name}-config`)?.inputs["create"]) ?? "";
    if (!create.endsWith(`# ${(text(view["digest"]) ?? "?").slice(0, 16)}`)) {
      gap(
        `server ${name}`,
        "the command that configures it applies another configuration than the one that is shown",
        "register both from one HostPlan",
      );
    }
    hosts.set(name, readHost(index, server, name, address, view, gap));
  }
  for (const name of views.keys()) {
    if (!hosts.has(name)) gap(`host ${name}`, "it has no server", "register its server");
  }
  return hosts;
}

// Judging many variants of one graph, most machines are the same objects each time.
const knownParts = new WeakMap<object, Parts>();

interface Parts {
  readonly ufw: Ufw;
  readonly haproxy: Haproxy | undefined;
  readonly listeners: readonly Listener[];
  readonly problems: readonly string[];
}

function readParts(view: Readonly<Record<string, unknown>>, address: string): Parts {
  const known = knownParts.get(view);
  if (known !== undefined) return known;
  const files = texts(view["files"]);
  const units = Object.fromEntries(
    Object.entries(view["units"] ?? {}).map(([unit, state]: [string, unknown]) => [
      unit,
      {
        enabled: at(state, "enabled") === true,
        state: text(at(state, "state")) ?? "",
        content: text(at(state, "content")) ?? "",
      },
    ]),
  );
  const ufw = readUfw(files, units["ufw.service"]);
  const config = files["/etc/haproxy/haproxy.cfg"];
  const haproxy = config === undefined ? undefined : parseHaproxy(config);
  const problems = [
    ...ufw.problems,
    ...(haproxy?.problems ?? []).map((line) => `haproxy.cfg: "${line}"`),
    ...unreadWords(files),
  ];
  const listeners = listenersOf({ address, files, units, haproxy, problems });
  const parts = { ufw, haproxy, listeners, problems };
  knownParts.set(view, parts);
  return parts;
}

function readHost(
  index: GraphIndex,
  server: EmittedResource,
  name: string,
  address: string,
  view: Readonly<Record<string, unknown>>,
  gap: Gap,
): Host {
  const files = texts(view["files"]);
  const { ufw, haproxy, listeners, problems } = readParts(view, address);
  for (const problem of problems) gap(`host ${name}`, problem, "write it in a form that the verifier reads");
  const publicNet = list(server.inputs["publicNets"])[0];
  const placement = index.refer(server, "placementGroupId", "hcloud:index/placementGroup:PlacementGroup");
  return {
    kind: "host",
    name,
    address: addressNumber(address) ?? 0,
    addressText: address,
    group: text(view["group"]) ?? "",
    location: text(server.inputs["location"]) ?? "",
    placement:
      server.inputs["placementGroupId"] !== undefined && text(placement?.inputs["type"]) === "spread"
        ? placement?.name
        : undefined,
    // Hetzner gives a server public addresses unless it is told not to.
    isPublic:
      publicNet === undefined || at(publicNet, "ipv4Enabled") !== false || at(publicNet, "ipv6Enabled") !== false,
    cloud: readCloud(index, server, gap),
    ufw,
    haproxy,
    listeners,
    files,
    sysctl: texts(view["sysctl"]),
    isNode: files[K3S_CONFIG] !== undefined,
  };
}

function readCloud(index: GraphIndex, server: EmittedResource, gap: Gap): readonly CloudOpening[] | undefined {
  if (list(server.inputs["firewallIds"]).length === 0) return undefined;
  const firewalls = index.referAll(server, "firewallIds", FIREWALL);
  if (firewalls === undefined) {
    gap(
      `server ${server.name}`,
      "it cannot be told which firewalls it has",
      "refer to Firewall resources of the stack",
    );
    return undefined;
  }
  return firewalls.flatMap(({ inputs, name }) =>
    list(inputs["rules"]).flatMap((rule) => {
      if (text(at(rule, "direction")) !== "in") return [];
      return list(at(rule, "sourceIps")).flatMap((cidr) => {
        const from = parseRange(text(cidr) ?? "") ?? (text(cidr) === "::/0" ? parseRange("0.0.0.0/0") : undefined);
        if (from === undefined) return [];
        const ports = text(at(rule, "port")) ?? "any";
        const protocol = text(at(rule, "protocol")) ?? "";
        return [{ from, ports, protocol, text: `firewall ${name}: ${protocol} ${ports} from ${from.text}` }];
      });
    }),
  );
}
