import type { Limits } from "../model/limits";
import { isRefusalCode, REFUSALS, type RefusalCode } from "./refusals";

/** No server of a type can be had, or only so many. What is there stays. */
export interface SoldOut {
  readonly kind: "soldOut";
  readonly serverType: string;
  /** Default: in every location. */
  readonly location?: string;
  /** How many there may be all the same. Default 0. */
  readonly room?: number;
}

/** How many of a kind the project may have. */
export interface Quota {
  readonly kind: "quota";
  readonly of: keyof Limits;
  readonly limit: number;
}

/** Whatever is attached to a network locks it until it is done, and who comes meanwhile is told of a conflict. */
export interface BusyNetworks {
  readonly kind: "busyNetworks";
}

/** What a refusal leaves: nothing; the work done and only the answer lost; or an action that fails later. */
export const EFFECTS = ["refused", "lost", "fails"] as const;
export type Effect = (typeof EFFECTS)[number];

/** Some endpoint does not do what it is asked. */
export interface Refusal {
  readonly kind: "refusal";
  readonly code: RefusalCode;
  /** In Hetzner's notation, "POST /servers/{id}/actions/poweron", or an action of whatever kind, "attach_to_network". */
  readonly endpoint: string;
  /** Name of the one resource that it happens to. Default: any. */
  readonly of?: string;
  /** How often. Default: always. */
  readonly times?: number;
  /** So many go well before. Default 0. */
  readonly after?: number;
  /** From 0 to 1, drawn the same way each time. Default 1. */
  readonly chance?: number;
  /**
   * Default "refused". "fails": the request is taken, and its action ends in this error; what was to be changed is
   * not, what was to be created is there.
   */
  readonly effect?: Effect;
}

/** One thing that goes wrong in a cloud that is otherwise fine. */
export type Fault = SoldOut | Quota | BusyNetworks | Refusal;

const QUOTAS: Readonly<Record<string, keyof Limits>> = {
  servers: "server",
  networks: "network",
  firewalls: "firewall",
  load_balancers: "load_balancer",
  primary_ips: "primary_ip",
  placement_groups: "placement_group",
  certificates: "certificate",
  volumes: "volume",
  ssh_keys: "ssh_key",
  zones: "zone",
};

/** How a fault is written, for usage texts. */
export const FAULT_FORMS: readonly string[] = [
  "sold-out:TYPE[@LOCATION][=ROOM]",
  "quota:KIND=N",
  "busy-networks",
  "CODE@ENDPOINT[,of=NAME][,times=N][,after=N][,chance=P][,effect=EFFECT]",
];

/** A fault in a word, or what is wrong with the word. */
export function parseFault(text: string): Fault | { readonly mistake: string } {
  const wrong = (what: string, allowed: string): { readonly mistake: string } => ({
    mistake: `fault "${text}": ${what}; allowed: ${allowed}`,
  });
  if (text === "busy-networks") return { kind: "busyNetworks" };
  const soldOut = /^sold-out:([a-z0-9]+)(?:@([a-z0-9]+))?(?:=(\d+))?$/.exec(text);
  if (soldOut !== null) {
    const [, serverType = "", location, room] = soldOut;
    return {
      kind: "soldOut",
      serverType,
      ...(location === undefined ? {} : { location }),
      ...(room === undefined ? {} : { room: Number(room) }),
    };
  }
  const quota = /^quota:([a-z_]+)=(\d+)$/.exec(text);
  if (quota !== null) {
    const of = QUOTAS[quota[1] ?? ""];
    if (of === undefined) return wrong(`there is no quota of ${quota[1]}`, Object.keys(QUOTAS).join(", "));
    return { kind: "quota", of, limit: Number(quota[2]) };
  }
  const refusal = /^([a-z0-9_]+)@([^,]+)((?:,[a-z]+=[^,]+)*)$/.exec(text);
  if (refusal === null) return wrong("it is none", FAULT_FORMS.join(", "));
  const [, code = "", endpoint = "", more = ""] = refusal;
  if (!isRefusalCode(code)) return wrong(`${code} is no code of Hetzner's`, Object.keys(REFUSALS).join(", "));
  return withOptions({ kind: "refusal", code, endpoint: endpoint.replace(/^([A-Z]+)\//, "$1 /") }, more, wrong);
}

function withOptions(
  refusal: Refusal,
  text: string,
  wrong: (what: string, allowed: string) => { readonly mistake: string },
): Refusal | { readonly mistake: string } {
  let fault = refusal;
  for (const option of text.split(",").slice(1)) {
    const [name = "", value = ""] = option.split("=", 2);
    const count = Number(value);
    switch (name) {
      case "of":
        fault = { ...fault, of: value };
        break;
      case "times":
      case "after":
        if (!/^\d+$/.test(value)) return wrong(`${option} is no number`, `${name}=3`);
        fault = { ...fault, [name]: count };
        break;
      case "chance":
        if (!(count >= 0 && count <= 1)) return wrong(`${option} is no chance`, "chance=0.3, from 0 to 1");
        fault = { ...fault, chance: count };
        break;
      case "effect": {
        const effect = EFFECTS.find((one) => one === value);
        if (effect === undefined) return wrong(`${option} is no effect`, EFFECTS.join(", "));
        fault = { ...fault, effect };
        break;
      }
      default:
        return wrong(`${name} is no option`, "of, times, after, chance, effect");
    }
  }
  return fault;
}
