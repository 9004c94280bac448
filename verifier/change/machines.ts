import { at, fields, list, text, texts, type EmittedGraph, type Fields } from "../read/graph";
import { HOST, SERVER } from "../read/knownTypes";
import { K3S_CONFIG } from "../read/listeners";
import { subjectOf, type Change, type Movement, type PlannedResource } from "./movement";

/** What becomes of a machine, or of a daemon on it, for those who use it. What costs most comes first. */
export type Deed =
  | "deleted" | "replaced" | "poweredOff" | "regrouped" | "readdressed" | "stopped" | "restarted" | "reloaded" | "made"; // prettier-ignore

/** One thing that happens to a machine in a run. */
export interface MachineEffect {
  readonly deed: Deed;
  readonly host: string;
  /** Cluster. */
  readonly group: string;
  /** The daemon; absent: the whole machine. */
  readonly unit?: string;
  /** What brings it about. */
  readonly because: readonly string[];
  /** When: with this movement. */
  readonly by: Movement;
  /** The cluster gives it its turn: it hands over before, and is whole again when this is done. */
  readonly inTurn: boolean;
}

/** A machine before and after. */
export interface Machine {
  readonly name: string;
  readonly group: string;
  readonly server: PlannedResource;
  /** What the program says is on it. */
  readonly view: Fields;
}

const K3S_SERVER = "k3s.service";

/** By name. */
export function machinesOf({ resources }: EmittedGraph): ReadonlyMap<string, Machine> {
  const views = new Map(
    resources
      .filter(({ type }) => type === HOST)
      .map(({ name, inputs }): [string, Fields] => [text(inputs["host"]) ?? name, inputs]),
  );
  return new Map(
    resources
      .filter(({ type }) => type === SERVER)
      .map((server): [string, Machine] => {
        const name = text(server.inputs["name"]) ?? server.name;
        const view = views.get(name) ?? {};
        const group = text(view["group"]) ?? text(at(server.inputs, "labels", "group")) ?? "";
        return [name, { name, group, server: server as PlannedResource, view }];
      }),
  );
}

/** Daemons that nobody waits for, and those whose restart no connection notices. */
const BESIDE =
  /(exporter\.service|\.timer|\.socket|@\.service|^chrony\.service|^systemd-|^ssh\.|^ufw\.service|private-route\.service|unattended-upgrades\.service|metrics\.service)$/;
/** Its rules are loaded anew, and those that stand go on. */
const NEVER_STOPPED = /^(ssh\.|ufw\.|systemd-)/;

/** Everything that happens to machines that are there, and which come. */
export function machineEffects(change: Change): readonly MachineEffect[] {
  const [before, after] = [machinesOf(change.before), machinesOf(change.after)];
  const turns = turnsByHost(change.movements);
  const anew = new Set(
    change.movements.filter(({ operation }) => operation === "replace").map((one) => subjectOf(one).urn),
  );
  return change.movements.flatMap((movement): readonly MachineEffect[] => {
    const resource = subjectOf(movement);
    if (resource.type === SERVER) return serverEffects(movement, before, after);
    const [, host = ""] = /^(.+)-config$/.exec(resource.name) ?? [];
    const [old, now] = [before.get(host), after.get(host)];
    if (old === undefined || now === undefined || movement.operation === "delete") return [];
    if (resource.type !== "command:remote:Command") return [];
    // A machine that is made anew begins with all of it.
    if (anew.has(now.server.urn)) return [];
    // A turn that nobody gives is none: it restarts whenever somebody comes to it.
    return unitEffects(old, now, movement, turns.get(host) ?? [movement]);
  });
}

function serverEffects(
  movement: Movement,
  before: ReadonlyMap<string, Machine>,
  after: ReadonlyMap<string, Machine>,
): readonly MachineEffect[] {
  const { operation, because, before: was, after: will } = movement;
  const name = text(subjectOf(movement).inputs["name"]) ?? subjectOf(movement).name;
  const group = (before.get(name) ?? after.get(name))?.group ?? "";
  const inTurn = (will?.hooks ?? []).length > 0;
  const effect = (deed: Deed, reasons: readonly string[]): MachineEffect => ({
    deed, host: name, group, because: reasons, by: movement, inTurn,
  }); // prettier-ignore
  switch (operation) {
    case "create":
      return [effect("made", [])];
    case "delete":
      return [effect("deleted", [])];
    case "replace":
      return [effect("replaced", because)];
    case "update": {
      const [old, now] = [was?.inputs ?? {}, will?.inputs ?? {}];
      const differs = (key: string): boolean => JSON.stringify(old[key]) !== JSON.stringify(now[key]);
      const address = (inputs: Fields): string | undefined => text(at(list(inputs["networks"])[0], "ip"));
      return [
        ...(differs("serverType") ? [effect("poweredOff", [`${word(old, "serverType")} -> ${word(now, "serverType")}`])] : []),
        ...(differs("placementGroupId") ? [effect("regrouped", ["placementGroupId"])] : []),
        ...(address(old) === address(now) ? [] : [effect("readdressed", [`${address(old) ?? "?"} -> ${address(now) ?? "?"}`])]),
      ]; // prettier-ignore
    }
  }
}

const word = (inputs: Fields, key: string): string => text(inputs[key]) ?? "?";

function unitEffects(
  before: Machine,
  after: Machine,
  movement: Movement,
  turns: readonly Movement[],
): readonly MachineEffect[] {
  const { name: host, group } = after;
  const changed = changedPaths(before.view, after.view);
  const [old, now] = [fields(before.view["units"]), fields(after.view["units"])];
  const effect = (deed: Deed, unit: string, because: readonly string[], turn?: Movement): MachineEffect => ({
    deed, host, group, unit, because, by: turn ?? movement, inTurn: turn !== undefined && turn !== movement,
  }); // prettier-ignore
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort().flatMap((unit): readonly MachineEffect[] => {
    if (BESIDE.test(unit)) return [];
    const ran = at(old[unit], "state") === "running";
    const runs = at(now[unit], "state") === "running";
    if (now[unit] === undefined && NEVER_STOPPED.test(unit)) return [];
    if (ran && !runs && at(now[unit], "state") !== "onDemand") return [effect("stopped", unit, ["no longer declared to run"])];
    if (!ran || !runs) return [];
    const restarts = [
      ...(at(old[unit], "content") === at(now[unit], "content") ? [] : [`unit file of ${unit}`]),
      ...(JSON.stringify(at(old[unit], "dropIns")) === JSON.stringify(at(now[unit], "dropIns")) ? [] : [`drop-ins of ${unit}`]),
      ...causes(now[unit], "restartOn", changed),
      // It restarts itself in its turn, where its configuration or its release is newer (k3sRestart.sh).
      ...(unit === K3S_SERVER ? [...changed.filter((path) => path === K3S_CONFIG), ...releaseChange(before, after)] : []),
    ]; // prettier-ignore
    if (restarts.length > 0)
      return at(now[unit], "inTurn") === true || unit === K3S_SERVER
        ? turns.map((turn) => effect("restarted", unit, restarts, turn))
        : [effect("restarted", unit, restarts)];
    const reloads = causes(now[unit], "reloadOn", changed);
    return reloads.length === 0 ? [] : [effect("reloaded", unit, reloads)];
  }); // prettier-ignore
}

function releaseChange(before: Machine, after: Machine): readonly string[] {
  const [old, now] = [before, after].map(({ server }) => text(at(server.inputs, "labels", "k3s")));
  return old === undefined || now === undefined || old === now ? [] : [`${old} -> ${now}`];
}

/** Turns by host: in one of its passes a member restarts, in the last one whoever leads hands over before. */
function turnsByHost(movements: readonly Movement[]): ReadonlyMap<string, readonly Movement[]> {
  const found = new Map<string, Movement[]>();
  for (const movement of movements) {
    const [, host] = /-turn-(.+?)(?:-leader)?$/.exec(subjectOf(movement).name) ?? [];
    if (host === undefined || movement.operation === "delete") continue;
    const known = found.get(host);
    if (known === undefined) found.set(host, [movement]);
    else known.push(movement);
  }
  return found;
}

const causes = (unit: unknown, key: string, changed: readonly string[]): readonly string[] => {
  const watched = list(at(unit, key)).flatMap((path) => text(path) ?? []);
  return changed.filter((path) => watched.some((one) => (one.endsWith("/") ? path.startsWith(one) : path === one)));
};

/** Files and binaries that come, change or go. Where the base says nothing of binaries, nothing is known of them. */
function changedPaths(before: Fields, after: Fields): readonly string[] {
  return ["files", "binaries"].flatMap((key) => {
    if (before[key] === undefined) return [];
    const [old, now] = [texts(before[key]), texts(after[key])];
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort().filter((path) => old[path] !== now[path]);
  });
}
