import type { EmittedFile, EmittedHost } from "../model/emitted";
import type { Effect, EffectKind } from "../model/model";
import { groupBy, listed } from "./names";
import type { Side } from "./side";

/** Something that a host's script will do to a daemon, and the files that cause it. */
interface Deed {
  readonly host: string;
  readonly kind: EffectKind;
  /** Unit or step. */
  readonly subject: string;
  readonly what: string;
  readonly because: readonly string[];
}

/**
 * Daemons that restart, reload, start or stop, by the script's own rules: each file says itself what its change causes.
 * Of a machine that is made anew nothing is told: everything starts there.
 */
export function hostEffects(base: Side, head: Side): readonly Effect[] {
  const deeds = Object.entries(head.estate.hosts).flatMap(([host, now]) => {
    const before = base.estate.hosts[host];
    return before === undefined ? [] : deedsOf(host, before, now);
  });
  return [...groupBy(deeds, ({ kind, subject, what, because }) => [kind, subject, what, ...because].join("|")).values()]
    .flatMap((some) => some.slice(0, 1).map((deed) => ({ deed, hosts: some.map(({ host }) => host) })))
    .map(({ deed: { kind, subject, what, because }, hosts }) => ({
      kind,
      subject: `${subject} on ${listed(hosts)}`,
      what,
      by: because,
    }));
}

/** Paths of files that appear, change or go, and what that causes. */
export function changedFiles(before: EmittedHost, now: EmittedHost): ReadonlyMap<string, readonly string[]> {
  const paths = [...new Set([...Object.keys(before.files), ...Object.keys(now.files)])].sort();
  return new Map(
    paths.flatMap((path) => {
      const [old, file] = [before.files[path], now.files[path]];
      if (old !== undefined && file !== undefined && same(old, file)) return [];
      // Of a file that goes, what its last configuration said (the script's own record, kb_drop).
      return [[path, (file ?? old)?.markers ?? []] as const];
    }),
  );
}

const same = (a: EmittedFile, b: EmittedFile): boolean => a.sum === b.sum && a.access === b.access;

/** What becomes of a running unit, the strongest first: a restart comes with what a reload would bring. */
const TURNS = [
  { marker: "restart:", kind: "restarts", what: "restarts at once" },
  { marker: "turn:", kind: "waits", what: "restarts when the cluster gives this member its turn" },
  { marker: "reload:", kind: "reloads", what: "reloads, and goes on" },
] as const;

function deedsOf(host: string, before: EmittedHost, now: EmittedHost): readonly Deed[] {
  const causes = new Map<string, string[]>();
  for (const [path, markers] of changedFiles(before, now))
    for (const marker of markers) causes.set(marker, [...(causes.get(marker) ?? []), path]);
  const units = [...new Set([...Object.keys(before.units), ...Object.keys(now.units)])].sort();
  return [
    ...units.flatMap((unit) => unitDeeds(host, unit, before.units[unit], now.units[unit], causes)),
    ...[...causes].flatMap(([marker, because]): readonly Deed[] =>
      marker.startsWith("step:")
        ? [{ host, kind: "reloads", subject: `step ${marker.slice("step:".length)}`, what: "runs", because }]
        : [],
    ),
  ];
}

const PATRONI = "patroni.service";
/** Some of PostgreSQL's settings want a restart, which Patroni knows once it has read them. */
const PATRONI_RELOADS = "reloads; PostgreSQL restarts in this member's turn if one of the settings wants that";
const NEVER_STOPPED = /^(ssh\.service|ssh\.socket|ufw\.service|systemd-.*)$/;

type Unit = EmittedHost["units"][string] | undefined;

function unitDeeds(
  host: string,
  unit: string,
  before: Unit,
  now: Unit,
  causes: ReadonlyMap<string, readonly string[]>,
): readonly Deed[] {
  const deed = (kind: EffectKind, what: string, because: readonly string[] = []): readonly Deed[] => [
    { host, kind, subject: unit, what, because },
  ];
  const [ran, runs] = [before?.state === "running", now?.state === "running"];
  // What is no longer declared is stopped, but for the way in and the firewall (the script's own rule, kb_drop).
  if (now === undefined && NEVER_STOPPED.test(unit)) return [];
  if (ran && now?.state === "onDemand") return deed("reloads", "is left as it is, for others to start and stop");
  if (ran && !runs) return deed("restarts", "stops, and is not started again");
  if (!ran && runs) return deed("created", "starts");
  if (!runs) return [];
  for (const { marker, kind, what } of TURNS) {
    const because = causes.get(marker + unit);
    if (because === undefined) continue;
    return unit === PATRONI && kind === "reloads" ? deed("waits", PATRONI_RELOADS, because) : deed(kind, what, because);
  }
  return before?.enabled === now?.enabled
    ? []
    : deed("reloads", now?.enabled === true ? "starts at boot from now on" : "no longer starts at boot");
}
