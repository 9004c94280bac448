import { AddressSet } from "./addressSet";
import { includes, overlaps, parseRange, rangeText, type Range } from "./range";

/** Paths that UFW reads (ufw 0.36, Debian and Ubuntu). */
const FILES = {
  rules4: "/etc/ufw/user.rules",
  rules6: "/etc/ufw/user6.rules",
  settings: "/etc/ufw/ufw.conf",
  defaults: "/etc/default/ufw",
} as const;

export interface UfwRule {
  readonly from: Range;
  readonly firstPort: number;
  readonly lastPort: number;
  readonly protocol: "tcp" | "udp" | "any";
  /** The rule as iptables gets it. */
  readonly text: string;
}

export interface UfwRoute {
  readonly from: Range;
  readonly to: Range;
  readonly text: string;
}

/** A host's own filter, as its files leave it. */
export class Ufw {
  readonly #exact = new Map<string, Map<number, UfwRule>>();
  readonly #wide: UfwRule[] = [];
  readonly #admitted = new Map<string, AddressSet>();

  constructor(
    /** Why it filters nothing; undefined when it does. */
    readonly off: string | undefined,
    readonly rules: readonly UfwRule[],
    readonly routes: readonly UfwRoute[],
    readonly policies: { readonly input: string; readonly output: string; readonly forward: string },
    /** Rules for IPv6, as text. */
    readonly rules6: readonly string[],
    /** What cannot be read. */
    readonly problems: readonly string[],
  ) {
    for (const rule of rules) {
      if (rule.from.first !== rule.from.last || rule.firstPort !== rule.lastPort || rule.protocol === "any") {
        this.#wide.push(rule);
        continue;
      }
      const key = `${rule.protocol} ${rule.firstPort}`;
      const known = this.#exact.get(key);
      if (known === undefined) this.#exact.set(key, new Map([[rule.from.first, rule]]));
      else known.set(rule.from.first, rule);
    }
  }

  /** The rule that lets a packet from `source` in, "" when nothing filters, undefined when it is dropped. */
  admits(source: number, port: number, protocol: "tcp" | "udp"): string | undefined {
    if (this.off !== undefined || this.policies.input === "ACCEPT") return "";
    return (
      this.#exact.get(`${protocol} ${port}`)?.get(source)?.text ??
      this.#wide.find((rule) => covers(rule, port, protocol) && includes(rule.from, source))?.text
    );
  }

  /** Every source that is let in. */
  admitted(port: number, protocol: "tcp" | "udp"): AddressSet {
    if (this.off !== undefined || this.policies.input === "ACCEPT") return AddressSet.ALL;
    const key = `${protocol} ${port}`;
    let known = this.#admitted.get(key);
    if (known === undefined) {
      known = AddressSet.of(this.rules.filter((rule) => covers(rule, port, protocol)).map(({ from }) => from));
      this.#admitted.set(key, known);
    }
    return known;
  }

  /** The rule that lets every address of a range in; otherwise as `admits`. */
  admitsAll(sources: Range, port: number, protocol: "tcp" | "udp"): string | undefined {
    if (sources.first === sources.last) return this.admits(sources.first, port, protocol);
    if (this.off !== undefined || this.policies.input === "ACCEPT") return "";
    return this.#wide.find(
      (rule) => covers(rule, port, protocol) && rule.from.first <= sources.first && sources.last <= rule.from.last,
    )?.text;
  }

  /** The rule by which packets between two networks are passed on. */
  passesOn(from: Range, to: Range): string | undefined {
    if (this.off !== undefined || this.policies.forward === "ACCEPT") return "";
    return this.routes.find(
      (route) =>
        route.from.first <= from.first &&
        from.last <= route.from.last &&
        route.to.first <= to.first &&
        to.last <= route.to.last,
    )?.text;
  }
}

export function covers(rule: UfwRule, port: number, protocol: "tcp" | "udp"): boolean {
  return rule.firstPort <= port && port <= rule.lastPort && (rule.protocol === protocol || rule.protocol === "any");
}

/** Reads a host's UFW from its files and the state of its unit. */
export function readUfw(
  files: Readonly<Record<string, string>>,
  unit: { readonly enabled: boolean; readonly state: string } | undefined,
): Ufw {
  const missing = Object.values(FILES).filter((path) => files[path] === undefined);
  const settings = files[FILES.settings] ?? "";
  const defaults = files[FILES.defaults] ?? "";
  const policy = (name: string): string =>
    new RegExp(`^DEFAULT_${name}_POLICY="?([A-Z]+)"?\\s*$`, "m").exec(defaults)?.[1] ?? "unset";
  const problems: string[] = [];
  const { rules, routes } = parseRules(files[FILES.rules4] ?? "", problems);
  const policies = { input: policy("INPUT"), output: policy("OUTPUT"), forward: policy("FORWARD") };
  for (const [name, value] of Object.entries(policies)) {
    if (value === "unset") problems.push(`${FILES.defaults}: no DEFAULT_${name.toUpperCase()}_POLICY`);
  }
  const rules6 = (files[FILES.rules6] ?? "").split("\n").filter((line) => /^-A ufw6-user-(input|forward) /.test(line));
  return new Ufw(whyOff(missing, settings, unit), rules, routes, policies, rules6, problems);
}

function whyOff(
  missing: readonly string[],
  settings: string,
  unit: { readonly enabled: boolean; readonly state: string } | undefined,
): string | undefined {
  if (missing.length > 0) return `without ${missing.join(", ")}`;
  if (!/^ENABLED=yes\s*$/m.test(settings)) return `${FILES.settings} does not say ENABLED=yes`;
  if (unit === undefined) return "ufw.service is not among its units";
  if (!unit.enabled) return "ufw.service is not enabled";
  return unit.state === "running" ? undefined : `ufw.service is ${unit.state}`;
}

type ParsedLine =
  { readonly rule: UfwRule; readonly drops: boolean } | { readonly route: UfwRoute } | { readonly problem: string };

// Hosts of one cluster have nearly the same lines.
const parsedLines = new Map<string, ParsedLine>();

/** What iptables-restore loads counts; UFW's own "tuple" comments are for its command line. */
function parseRules(content: string, problems: string[]): { rules: UfwRule[]; routes: UfwRoute[] } {
  const rules: UfwRule[] = [];
  const dropped: UfwRule[] = [];
  const routes: UfwRoute[] = [];
  for (const line of content.split("\n")) {
    if (!line.startsWith("-A ufw-user-input ") && !line.startsWith("-A ufw-user-forward ")) continue;
    let parsed = parsedLines.get(line);
    if (parsed === undefined) {
      parsed = line.startsWith("-A ufw-user-input ") ? parseInput(line) : parseForward(line);
      if (parsedLines.size < 200_000) parsedLines.set(line, parsed);
    }
    if ("rule" in parsed) {
      if (parsed.drops) dropped.push(parsed.rule);
      else rules.push(...without(parsed.rule, dropped, problems));
    } else if ("route" in parsed) routes.push(parsed.route);
    else problems.push(parsed.problem);
  }
  return { rules, routes };
}

/** What is left of an opening after the exceptions that stand before it: the first rule that fits a packet counts. */
function without(rule: UfwRule, dropped: readonly UfwRule[], problems: string[]): readonly UfwRule[] {
  const holes = dropped.filter(
    (drop) =>
      drop.firstPort <= rule.lastPort &&
      rule.firstPort <= drop.lastPort &&
      (drop.protocol === rule.protocol || drop.protocol === "any" || rule.protocol === "any") &&
      overlaps(drop.from, rule.from),
  );
  if (holes.length === 0) return [rule];
  const partly = holes.find(
    (drop) =>
      drop.firstPort > rule.firstPort ||
      rule.lastPort > drop.lastPort ||
      (drop.protocol !== rule.protocol && drop.protocol !== "any"),
  );
  // Taken for open as a whole, which is the careful side.
  if (partly !== undefined) {
    problems.push(`${FILES.rules4}: "${partly.text}" is an exception to a part of the ports of "${rule.text}"`);
    return [rule];
  }
  const left = AddressSet.of([rule.from]).without(AddressSet.of(holes.map(({ from }) => from)));
  return left.spans.map((span) => ({ ...rule, from: { ...span, text: rangeText(span) } }));
}

const INPUT =
  /^-A ufw-user-input(?: -p (tcp|udp))?(?: -m multiport --dports (\d+):(\d+)| --dport (\d+))?(?: -s (\S+))? -j (ACCEPT|DROP)$/;
const FORWARD = /^-A ufw-user-forward(?: -d (\S+))?(?: -s (\S+))? -j ACCEPT$/;

function parseInput(line: string): ParsedLine {
  const match = INPUT.exec(line);
  const from = parseRange(match?.[5] ?? "0.0.0.0/0");
  if (match === null || from === undefined) return { problem: `${FILES.rules4}: "${line}"` };
  const first = Number(match[2] ?? match[4] ?? 1);
  const last = Number(match[3] ?? match[4] ?? 65535);
  const protocol = match[1] === "tcp" || match[1] === "udp" ? match[1] : "any";
  return { rule: { from, firstPort: first, lastPort: last, protocol, text: line }, drops: match[6] === "DROP" };
}

function parseForward(line: string): ParsedLine {
  const match = FORWARD.exec(line);
  const to = parseRange(match?.[1] ?? "0.0.0.0/0");
  const from = parseRange(match?.[2] ?? "0.0.0.0/0");
  if (match === null || from === undefined || to === undefined) return { problem: `${FILES.rules4}: "${line}"` };
  return { route: { from, to, text: line } };
}
