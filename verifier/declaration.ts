import { at, fields, integer, list, text, type EmittedGraph } from "./read/graph";

/** Type of the component whose output `declaration` is the declaration; in a graph it is among the inputs. */
export const DECLARING_TYPE = "keybuzz:stacks:Platform";

/** Who may stand at an end of a declared flow. Hosts and balancers by name: their addresses are read from the graph. */
export type DeclaredParty =
  | { readonly kind: "internet" | "anyPod" }
  | { readonly kind: "operators"; readonly cidrs: readonly string[] }
  | { readonly kind: "hosts"; readonly group: string; readonly hosts: readonly string[] }
  | { readonly kind: "loadBalancer"; readonly name: string }
  | {
      readonly kind: "pods";
      readonly namespace: string;
      readonly app: string;
      readonly labels: Readonly<Record<string, string>>;
    };

export interface DeclaredEndpoint {
  readonly id: string;
  readonly provider: DeclaredParty;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
}

export interface DeclaredFlow {
  readonly from: DeclaredParty;
  readonly to: DeclaredEndpoint;
  readonly purpose: string;
}

/** What an application needs of every hop between the internet and its pods. Seconds, MiB. */
export interface DeclaredRoute extends DeclaredOptions {
  readonly host: string;
  readonly path: string;
  readonly match: "prefix" | "exact";
  /** redirect and moved come to no pod: `sentTo` says where clients are sent. */
  readonly kind: "http" | "websocket" | "sse" | "upload" | "redirect" | "moved";
  readonly namespace: string;
  readonly app: string;
  /** Until the first byte of the answer. */
  readonly firstByteSeconds?: number;
  /** Longest silence on a living connection: the heartbeat, for a stream. */
  readonly silenceSeconds: number;
  /** Longest request and answer. Undefined: a session that stays open. */
  readonly longestRequestSeconds?: number;
  readonly maxBodyMb: number;
  /** Networks that requests may come from. Undefined: everybody. */
  readonly audience?: readonly string[];
}

/** What the entry is to do with requests beside passing them on. Undefined: nothing of the kind. */
export interface DeclaredOptions {
  readonly sentTo?: { readonly to: string; readonly keepsPath: boolean; readonly permanent: boolean };
  /** What the application sees in the place of the route's path. */
  readonly rewrite?: string;
  /** Who lets clients in. */
  readonly authentication?:
    | { readonly kind: "basic"; readonly users: readonly string[] }
    | {
        readonly kind: "oidc";
        readonly namespace: string;
        readonly app: string;
        readonly port: number;
        readonly path: string;
        readonly signIn?: string;
        readonly passes: readonly string[];
      };
  readonly limits?: { readonly requestsPerSecond?: number; readonly connections?: number };
  readonly cors?: {
    readonly origins: readonly string[];
    readonly methods?: readonly string[];
    readonly headers?: readonly string[];
    readonly credentials: boolean;
  };
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly sticky?: { readonly cookie: string; readonly maxAgeSeconds?: number };
  /** Another version that gets a part of the requests. */
  readonly canary?: { readonly namespace: string; readonly app: string; readonly percent: number };
}

/** Something in front of the load balancers that is not part of the estate, such as an API gateway. */
export interface DeclaredGateway {
  readonly name: string;
  /** Public host, and the beginning of the paths that pass through it. */
  readonly host: string;
  readonly path: string;
  /** Seconds after which it gives up, whatever flows. Undefined: never. */
  readonly totalSeconds?: number;
  /** Seconds of silence after which it gives up. Undefined: never. */
  readonly idleSeconds?: number;
}

/** A port of a balancer or proxy: where it leads, and how much silence it promises to bear. */
export interface DeclaredListener {
  readonly endpoint: DeclaredEndpoint;
  readonly leadsTo: DeclaredEndpoint;
  /** Undefined: it closes nothing. */
  readonly idleSeconds?: number;
  /** Which member answers there. Undefined: any. */
  readonly role?: "leader" | "replica" | "oneWriter";
  /** Seconds after which a silent member gets no new connection. Undefined: no promise. */
  readonly noticedWithinSeconds?: number;
  /** Hosts behind it that are about to go: it leads to them no more, though every filter lets it. Undefined: none. */
  readonly leaving?: readonly string[];
}

/** A record set that the domain has beside the estate's own hosts, as Hetzner takes it. */
export interface DeclaredRecord {
  /** Relative to the zone, "@" for itself. */
  readonly name: string;
  readonly type: string;
  readonly values: readonly string[];
}

/** A zone of public hosts, and what else it must carry. */
export interface DeclaredNames {
  readonly zone: string;
  readonly records: readonly DeclaredRecord[];
}

/** Known and accepted, with a reason; an exposure for any of its sources. `*` stands for any letters, but never for the internet: that must be named. */
export type AcceptedRisk =
  | { readonly kind: "exposure"; readonly from: readonly string[]; readonly to: string; readonly reason: string }
  | { readonly kind: "singlePoint"; readonly of: string; readonly reason: string }
  /** A resource that the verifier cannot read, by type and logical name; no "*" stands for any. */
  | { readonly kind: "unread"; readonly of: string; readonly reason: string };

/** What the estate says of itself: what must be open, how patient, and which risks are accepted. */
export interface Declaration {
  readonly flows: readonly DeclaredFlow[];
  readonly routes: readonly DeclaredRoute[];
  readonly gateways: readonly DeclaredGateway[];
  readonly listeners: readonly DeclaredListener[];
  readonly accepted: readonly AcceptedRisk[];
  /** Absent: nothing is said of names. */
  readonly names?: readonly DeclaredNames[];
  /** Seconds that a cluster may stand still in a change, by its name. Absent: what was measured of a hand-over. */
  readonly outageBudget?: Readonly<Record<string, number>>;
}

/** The declaration in a graph; undefined when none is emitted. Its shape is the program's own, so it is only looked at. */
export function readDeclaration(graph: EmittedGraph): Declaration | undefined {
  const resource = graph.resources.find(({ type }) => type === DECLARING_TYPE);
  const declaration = at(resource?.inputs, "declaration");
  const { flows, routes, gateways, listeners, accepted, names, outageBudget } = fields(declaration);
  if (!list(flows).every(isFlow) || list(flows).length === 0) return undefined;
  return {
    flows: list(flows) as readonly DeclaredFlow[],
    routes: list(routes) as readonly DeclaredRoute[],
    gateways: list(gateways) as readonly DeclaredGateway[],
    listeners: list(listeners) as readonly DeclaredListener[],
    accepted: list(accepted) as readonly AcceptedRisk[],
    ...(names === undefined ? {} : { names: list(names) as readonly DeclaredNames[] }),
    ...(outageBudget === undefined ? {} : { outageBudget: outageBudget as Readonly<Record<string, number>> }),
  };
}

function isFlow(value: unknown): value is DeclaredFlow {
  return (
    text(at(value, "from", "kind")) !== undefined &&
    text(at(value, "to", "provider", "kind")) !== undefined &&
    integer(at(value, "to", "port")) !== undefined
  );
}

/** A party as findings name it. */
export function partyLabel(party: DeclaredParty): string {
  switch (party.kind) {
    case "internet":
      return "the internet";
    case "anyPod":
      return "any pod";
    case "operators":
      return `operators (${party.cidrs.join(", ")})`;
    case "hosts":
      return party.hosts.length === 1 ? (party.hosts[0] ?? party.group) : party.group;
    case "loadBalancer":
      return party.name;
    case "pods":
      return `${party.namespace}/${party.app}`;
  }
}

export function flowLabel({ from, to }: DeclaredFlow): string {
  return `${partyLabel(from)} -> ${partyLabel(to.provider)}:${to.port}/${to.protocol} (${to.id})`;
}
