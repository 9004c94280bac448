// Who waits for whom, read off what a stack registers: the texts of its commands, and what it is known that daemons do.
import { awaitedUnits } from "../../../components/machines/joined";
import { parseScript, type ParsedScript } from "../../../components/machines/parseScript";
import { unpackScript } from "../../../components/machines/packScript";
import { SCRIPT_FORMAT } from "../../../components/machines/render";
import type { Registration } from "../../../tools/registrations";

/** A daemon that systemd calls started only once others on other machines have. */
interface PeerDaemon {
  /** Of these, on other hosts. */
  readonly waitsFor: string;
  /** Machines that lead to those: with such a line in HAProxy's file. */
  readonly through?: RegExp;
  /** A text that asks it, and so waits for what it waits for. */
  readonly asked: RegExp;
}

/** Nodes join at the balancer in front of the API. */
const JOIN = /^\s+bind \S+:6443\b/m;

/** Every daemon of the estate: null starts alone. One that is not here is a mistake, so that nobody forgets to ask. */
const DAEMONS: Readonly<Record<string, PeerDaemon | null>> = {
  // Type=notify after an election (etcd-io/etcd, contrib/systemd).
  "etcd.service": { waitsFor: "etcd.service", asked: /\betcdctl\b|:2379\b|\/2379\b/ },
  // Its own guard waits before it starts, and a member that joins is ready when it has the data (galeraStart.sh).
  "mariadb.service": { waitsFor: "mariadb.service", asked: /\bmariadb -/ },
  // Type=notify; after a stop of all nodes each one waits for the last (rabbitmq.com, Clustering, restarting).
  "rabbitmq-server.service": { waitsFor: "rabbitmq-server.service", asked: /\brabbitmq(ctl|-diagnostics)\b/ },
  // Type=notify with a quorum of drives (min.io, distributed).
  "minio.service": { waitsFor: "minio.service", asked: /\/minio\/health\/|\bmc ready\b/ },
  // Type=notify; its own guard waits before it starts (k3sMembership.sh).
  "k3s.service": { waitsFor: "k3s.service", through: JOIN, asked: /\bk3s kubectl\b|kubectl\(\)|k3s-restart-in-turn|k3s-agent-turn|server\/tls\// },
  "k3s-agent.service": { waitsFor: "k3s.service", through: JOIN, asked: /:10248\b|k3s-agent-restart/ },
  // Type=simple: it runs, and PostgreSQL does so once there is a leader. Whoever asks it waits.
  "patroni.service": { waitsFor: "patroni.service", asked: /\bpatronictl\b|:8008\b|\bpsql\b/ },
  // A replica answers without its primary.
  "redis-server.service": null, "redis-sentinel.service": null,
  "haproxy.service": null, "pgbouncer.service": null, "proxysql.service": null, "qdrant.service": null,
  "prometheus-node-exporter.service": null, "prometheus-postgres-exporter.service": null,
  "prometheus-redis-exporter.service": null, "prometheus-mysqld-exporter.service": null,
  "chrony.service": null, "systemd-journald.service": null, "ufw.service": null, "unattended-upgrades.service": null,
  "keybuzz-nat.service": null, "keybuzz-private-route.service": null,
}; // prettier-ignore

/** Starts end when systemd has begun to listen, or to count. */
const BEGINS_AT_ONCE = /\.(socket|timer)$/;

/** Daemons whose unit counts as started before they answer: only whoever asks them waits. */
const ANSWERS_LATER = new Set(["patroni.service"]);

/**
 * PostgreSQL reads its certificate anew: a member that does not answer does so by itself, and the step goes on. Of K3s'
 * files it looks at those that are there.
 */
const ASKS_WITHOUT_WAITING = new Set(["postgres-certificate", "k3s-authority"]);

interface Machine {
  readonly name: string;
  readonly address: string;
  readonly config: string;
  readonly script: ParsedScript;
}

export interface Wait {
  /** Logical name of the command. */
  readonly command: string;
  /** Names of hosts. */
  readonly waitsFor: readonly string[];
  /** Those of them whose configuration may come after it. */
  readonly unordered: readonly string[];
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const nameOf = ({ urn }: Registration): string => urn.split("::").at(-1) ?? "";
/** What a command is given on its standard input, and its own text after it. */
const textOf = ({ inputs }: Registration): string => {
  const [stdin = "", create = ""] = [inputs["stdin"], inputs["create"]].map((one) =>
    text(one).replace(/^\[secret\] /, ""),
  );
  return `${unpackScript(stdin)}\n${create}\n`;
};

/** Every command of the graph that waits for another machine. @throws Error for a daemon of which nothing is known. */
export function waits(all: readonly Registration[]): readonly Wait[] {
  const commands = all.filter(({ urn }) => urn.includes("command:remote:Command::"));
  const machines = commands.flatMap((one) => machineOf(one, all));
  const before = predecessors(all);
  return commands.flatMap((one) => {
    const own = machines.find(({ config, address }) => config === one.urn || address === addressOf(one));
    const hosts = own?.config === one.urn ? configurationWaits(own, machines) : taskWaits(textOf(one), own, machines);
    const others = hosts.filter((host) => host !== own);
    if (others.length === 0) return [];
    const ordered = before(one.urn);
    const unordered = others.filter(({ config }) => !ordered.has(config));
    const names = (list: readonly Machine[]): readonly string[] => [...new Set(list.map(({ name }) => name))].sort();
    return [{ command: nameOf(one), waitsFor: names(others), unordered: names(unordered) }];
  });
}

/** A host's configuration: what it starts and waits for, and whom it asks. */
function configurationWaits(own: Machine, machines: readonly Machine[]): readonly Machine[] {
  const { units, checks, steps } = own.script;
  const started = units.filter(({ name, state, begun }) => state === "running" && !begun && !ANSWERS_LATER.has(name));
  const texts = [
    ...checks.map(({ command }) => command),
    ...steps.filter(({ id }) => !ASKS_WITHOUT_WAITING.has(id)).map(({ run }) => run),
  ];
  return [
    ...started.flatMap(({ name }) => peers(name, own, machines)),
    ...texts.flatMap((text) => asked(text, own, machines)),
  ];
}

/** Any other command: the hosts whose addresses it has, those of the daemons that it asks, and of those it waits for. */
function taskWaits(text: string, own: Machine | undefined, machines: readonly Machine[]): readonly Machine[] {
  const named = machines.filter(({ address }) => new RegExp(`\\b${address.replaceAll(".", "\\.")}\\b`).test(text));
  return [...named, ...asked(text, own, machines), ...awaitedUnits(text).flatMap((unit) => peers(unit, own, machines))];
}

const asked = (text: string, own: Machine | undefined, machines: readonly Machine[]): readonly Machine[] =>
  Object.entries(DAEMONS).flatMap(([unit, daemon]) =>
    daemon?.asked.test(text) === true && (own === undefined || runs(unit, own)) ? peers(unit, own, machines) : [],
  );

function peers(unit: string, own: Machine | undefined, machines: readonly Machine[]): readonly Machine[] {
  if (BEGINS_AT_ONCE.test(unit)) return [];
  const daemon = DAEMONS[unit];
  if (daemon === undefined) throw new Error(`${unit}: does its start wait for other machines? Say so in ${__filename}`);
  const others = machines.filter((one) => one !== own && daemon !== null && runs(daemon.waitsFor, one));
  // Who is alone joins nobody.
  if (others.length === 0) return [];
  return [...others, ...machines.filter((one) => daemon?.through?.test(haproxyOf(one)) === true)];
}

const haproxyOf = ({ script }: Machine): string =>
  script.files.find(({ path }) => path === "/etc/haproxy/haproxy.cfg")?.content ?? "";

const runs = (unit: string, { script }: Machine): boolean =>
  script.units.some(({ name, state }) => name === unit && state === "running");

function machineOf(one: Registration, all: readonly Registration[]): readonly Machine[] {
  const name = nameOf(one);
  if (!name.endsWith("-config") || textOf(one).split("\n")[1] !== SCRIPT_FORMAT) return [];
  const host = name.slice(0, -"-config".length);
  const view = all.find(({ urn }) => urn.endsWith(`keybuzz:machines:Host::${host}`));
  return [{ name: host, address: String(view?.inputs["address"]), config: one.urn, script: parseScript(textOf(one)) }];
}

function addressOf({ inputs }: Registration): string {
  const connection = inputs["connection"] as { readonly "[secret]": { readonly host: string } };
  return connection["[secret]"].host;
}

/** All that must be done before a resource, for whatever reason. */
export function predecessors(all: readonly Registration[]): (urn: string) => ReadonlySet<string> {
  const direct = new Map(
    all.map((one) => {
      const provider = text(one.options["provider"]).split("::").slice(0, -1).join("::");
      // A component's children are registered once it is, and so after what it depends on.
      const parent = text(one.options["parent"]);
      return [one.urn, [...one.dependencies, ...Object.values(one.propertyDependencies).flat(), provider, parent]];
    }),
  );
  const known = new Map<string, ReadonlySet<string>>();
  return (urn) => {
    const found = new Set<string>();
    const earlier = known.get(urn);
    if (earlier !== undefined) return earlier;
    known.set(urn, found);
    const open = [urn];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const one of direct.get(next) ?? []) {
        if (found.has(one)) continue;
        found.add(one);
        open.push(one);
      }
    }
    return found;
  };
}
