import { stripVTControlCharacters } from "node:util";
import { PROJECT } from "../estate";

/** Resources of this many in one component are shown by its parts. */
const LARGE = 40;

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** The last part of a type token: "hcloud:index/server:Server" is Server. */
export function shortType(type: string): string {
  return type.split(":").at(-1) ?? type;
}

/** "keybuzz:machines:Host$hcloud:index/server:Server::db-master-01" is Server db-master-01. */
export function shortName(urn: string): string {
  const parts = urn.split("::");
  return `${shortType(parts[2]?.split("$").at(-1) ?? "")} ${parts.slice(3).join("::")}`.trim();
}

/** The component classes that a resource is in, below the whole platform, outermost first; itself left out. */
export function componentClasses(urn: string): readonly string[] {
  const types = (urn.split("::")[2] ?? "").split("$").slice(0, -1);
  return types.filter((type) => type !== "pulumi:pulumi:Stack" && !type.endsWith(":Platform")).map(shortType);
}

/** A message as a person reads it: URNs shortened, no colours or other control characters. */
export function readable(message: string): string {
  return stripVTControlCharacters(message)
    .replace(/urn:pulumi:[^\s,;'"]+/g, (urn) => shortName(urn))
    .trimEnd();
}

/** What makes two messages the same although each names its own resource and ids. */
export function kindOfMessage(message: string, urn: string | undefined): string {
  const name = urn?.split("::").slice(3).join("::") ?? "";
  const text = readable(urn === undefined ? message : message.replaceAll(urn, "*"));
  return (name === "" ? text : text.replaceAll(name, "*")).replace(/[A-Z]\w* \*/g, "*").replace(/\d+/g, "#");
}

/** Names in one line, at most `most` of them. */
export function listed(names: readonly string[], most = 12): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(", ")} and ${rest} more` : names.join(", ");
}

interface Placed {
  readonly urn: string;
  readonly type: string;
  readonly parent: string;
}

/** One line of an overview: a component, how many resources are in it, and of what kind. */
export interface ComponentCount {
  readonly component: string;
  readonly count: number;
  /** "9 Command, 3 Server"; components are not named again. */
  readonly kinds: string;
}

/** Resources by the component that they are in; large components by their parts. In order of first appearance. */
export function byComponent(resources: readonly Placed[], all: readonly Placed[] = resources): ComponentCount[] {
  const parents = new Map(all.map(({ urn, parent }) => [urn, parent]));
  const path = (resource: Placed): readonly string[] => {
    const names: string[] = [];
    const own = shortType(resource.type);
    const isComponent = resource.type.startsWith(`${PROJECT}:`) && own !== "Platform";
    for (let urn = isComponent ? resource.urn : resource.parent; urn !== ""; urn = parents.get(urn) ?? "") {
      const name = urn.split("::").slice(3).join("::");
      if (!/:(Platform|Stack)$/.test(urn.split("::")[2] ?? "")) names.unshift(name);
    }
    return names;
  };
  const group = (depth: number, members: readonly Placed[]): [string, Placed[]][] => {
    const groups = new Map<string, Placed[]>();
    for (const member of members) {
      const key = path(member).slice(0, depth).join("/") || "(the stack itself)";
      groups.set(key, [...(groups.get(key) ?? []), member]);
    }
    return [...groups].flatMap(([key, inner]): [string, Placed[]][] =>
      depth === 1 && inner.length > LARGE ? group(2, inner) : [[key, inner]],
    );
  };
  return group(1, resources).map(([component, members]) => ({
    component,
    count: members.length,
    kinds: kindsOf(members),
  }));
}

function kindsOf(members: readonly Placed[]): string {
  const counts = new Map<string, number>();
  for (const { type } of members) {
    if (!type.startsWith(`${PROJECT}:`) && !type.startsWith("pulumi:"))
      counts.set(shortType(type), (counts.get(shortType(type)) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  return listed(
    sorted.map(([kind, count]) => `${count} ${kind}`),
    5,
  ).replace(/ and (\d+) more$/, ", ...");
}

/** An overview as aligned lines. */
export function componentTable(counts: readonly ComponentCount[], sign = " "): string[] {
  const width = Math.max(0, ...counts.map(({ component }) => component.length));
  return counts.map(({ component, count, kinds }) =>
    `${sign} ${component.padEnd(width)} ${String(count).padStart(4)}  ${kinds}`.trimEnd(),
  );
}
