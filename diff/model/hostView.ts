import { createHash } from "node:crypto";
import { at, fields, list, text } from "../../verifier/read/graph";
import type { EmittedFile, EmittedHost } from "./emitted";

/** Type of the component that shows what a host's script does, without any secret. */
export const HOST_TYPE = "keybuzz:machines:Host";

/**
 * A host by what its component shows of it: where the script itself, which is secret, cannot be read.
 *
 * @param later the same host as it is shown later: of what an older view does not say, nothing is taken to have changed
 */
export function hostOfView(view: unknown, later: unknown = view): EmittedHost {
  const side = (key: string): unknown => (at(view, key) === undefined ? later : view);
  const shown = (key: string): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(fields(at(side(key), key))).map(([name, value]) => [name, text(value) ?? ""]));
  const access = shown("access");
  const units = Object.entries(fields(at(view, "units"))).map(([name, unit]) => ({
    name,
    unit,
    // What a change causes is a rule of the program's, and the later one's counts.
    rules: at(later, "units", name) ?? unit,
  }));
  const contents = {
    ...shown("files"),
    ...Object.fromEntries(
      units.flatMap(({ name, unit, rules }) => {
        const own = `/etc/systemd/system/${name}`;
        const dropIns = Object.entries(fields(at(unit, "dropIns") ?? at(rules, "dropIns")));
        return [[own, at(unit, "content")], ...dropIns.map(([one, content]) => [`${own}.d/${one}.conf`, content])]
          .map(([path, content]) => [String(path), text(content)] as const)
          .filter(([, content]) => content !== undefined);
      }),
    ),
    ...shown("binaries"),
  } as Readonly<Record<string, string>>;
  const markersOf = (path: string): readonly string[] =>
    units.flatMap(({ name, rules }) => {
      if (at(rules, "state") !== "running") return [];
      const own = path.startsWith(`/etc/systemd/system/${name}`);
      if (own || covers(at(rules, "restartOn"), path))
        return [`${at(rules, "inTurn") === true ? "turn" : "restart"}:${name}`];
      return covers(at(rules, "reloadOn"), path) ? [`reload:${name}`] : [];
    });
  const file = ([path, content]: readonly [string, string]): readonly [string, EmittedFile] => [
    path,
    {
      access: access[path] ?? "",
      sum: createHash("sha256").update(content).digest("hex"),
      markers: markersOf(path),
    },
  ];
  return {
    files: Object.fromEntries(Object.entries(contents).map(file)),
    units: Object.fromEntries(
      units.map(({ name, unit }) => [
        name,
        { enabled: at(unit, "enabled") === true, state: stateOf(at(unit, "state")) },
      ]),
    ),
  };
}

/** "/dir/" stands for all below. */
function covers(paths: unknown, path: string): boolean {
  return list(paths).some((entry) => {
    const one = text(entry) ?? "";
    return one.endsWith("/") ? path.startsWith(one) : path === one;
  });
}

function stateOf(value: unknown): "running" | "stopped" | "onDemand" {
  return value === "running" || value === "stopped" ? value : "onDemand";
}
