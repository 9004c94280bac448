import { partyLabel, type Declaration, type DeclaredEndpoint, type DeclaredParty } from "./declaration";
import { addressNumber } from "./read/range";
import type { World } from "./read/world";

/** Names that nobody in the estate has, and what there is instead. */
export class UnknownEndError extends Error {
  constructor(which: string, value: string, known: readonly string[]) {
    const [name = ""] = value.toLowerCase().split(":");
    const near = known.filter((one) => name.length > 2 && one.toLowerCase().includes(name.slice(0, 5)));
    const nearest = near.length === 0 ? "" : `; near it: ${near.slice(0, 5).join(", ")}`;
    super(`${which} "${value}" is no end that there is${nearest}; there are:\n  ${known.join("\n  ")}`);
    this.name = "UnknownEndError";
  }
}

/** Does a name mean that party: by its label, kind, application, namespace, group or one of its machines? */
export function named(party: DeclaredParty, name: string): boolean {
  if (partyLabel(party) === name || party.kind === name) return true;
  switch (party.kind) {
    case "pods":
      return party.app === name || party.namespace === name;
    case "hosts":
      return party.group === name || party.hosts.includes(name);
    case "operators":
      return name === "operator";
    case "internet":
    case "anyPod":
    case "loadBalancer":
      return false;
  }
}

/** The one machine of a party that a name means; else all of it. */
export function narrowed(party: DeclaredParty, name: string): DeclaredParty {
  return party.kind === "hosts" && party.group !== name && party.hosts.includes(name)
    ? { ...party, hosts: [name] }
    : party;
}

/** "postgres:5432" names an endpoint by the beginning of its id, or by its provider, and its port; "5432" by that alone. */
export function isNamed(to: DeclaredEndpoint, wanted: string): boolean {
  const [name = "", port] = wanted.split(":");
  if (/^\d+$/.test(name)) return port === undefined && Number(name) === to.port;
  if (port !== undefined && Number(port) !== to.port) return false;
  return to.id === name || to.id.split("/")[0] === name || named(to.provider, name);
}

/** What somebody wrote for an end, as the estate calls it. */
export interface ReadEnd {
  readonly name: string;
  /** Where that is not what was written. */
  readonly note?: string;
}

/** An address of the estate is whose it is; what has a dot and is nobody's is somewhere on the internet, by HTTPS unless it says a port. */
export function readEnd(world: World, declaration: Declaration, written: string): ReadEnd {
  const [name = "", port] = written.split(":");
  const number = addressNumber(name);
  const own = number === undefined ? undefined : world.byAddress.get(number);
  if (own !== undefined)
    return { name: port === undefined ? own.name : `${own.name}:${port}`, note: `${name} is ${own.name}` };
  const zones = (declaration.names ?? []).map(({ zone }) => zone);
  const foreign = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$/i.test(name) && !zones.some((zone) => within(name, zone));
  if (!foreign && number === undefined) return { name: written };
  return { name: `internet:${port ?? "443"}`, note: `${name} is nobody of the estate: the internet` };
}

const within = (host: string, zone: string): boolean => host === zone || host.endsWith(`.${zone}`);

/** Is a name a host in a zone of the estate? */
export function isOwnHost(declaration: Declaration, name: string): boolean {
  return (declaration.names ?? []).some(({ zone }) => within(name, zone));
}
