import ipaddr from "ipaddr.js";
import { refuse, shown, type Mistake } from "../mistakes";
import type { HostConfigPart } from "./hostConfig";
import {
  ufwDefaults,
  ufwLoaded,
  ufwLoader,
  ufwRules,
  UFW_FILES,
  UFW_LOADER,
  type UfwRule,
  type UfwRoute,
} from "./ufwFiles";

/** One opening of a host's own firewall, or an exception to those for everywhere. Everything else that comes in is dropped. */
export interface HostFirewallRule {
  /** Default: it is an opening. */
  readonly action?: "deny";
  /** Address, CIDR, or "any". */
  readonly from: string;
  readonly port: number | { readonly from: number; readonly to: number };
  readonly protocol: "tcp" | "udp";
  /** Stands as a comment in `ufw status`. */
  readonly reason: string;
}

/** What the host may pass on from one network to another: pods of a Kubernetes node, the NAT of the bastion. */
export interface RoutedRule {
  /** CIDR or "any". */
  readonly from: string;
  /** CIDR or "any". */
  readonly to: string;
  readonly reason: string;
}

export interface HostFirewallOptions {
  /** Default: nothing is passed on. */
  readonly routed?: readonly RoutedRule[];
  /** Default 22. A set of rules that lets nobody reach it is refused: it would lock the program out. */
  readonly sshPort?: number;
}

interface Range {
  readonly family: 4 | 6;
  readonly cidr: string;
}

const ANYWHERE: readonly Range[] = [
  { family: 4, cidr: "0.0.0.0/0" },
  { family: 6, cidr: "::/0" },
];

/**
 * UFW, always on: incoming and routed traffic is dropped unless a rule opens it, outgoing is allowed, answers and
 * loopback pass. Rules are replaced in one step, without a moment in which the firewall is off or SSH is shut.
 *
 * @throws MistakesError listing every bad address, port and reason at once, and the lack of any SSH rule.
 */
export function hostFirewall(rules: readonly HostFirewallRule[], options: HostFirewallOptions = {}): HostConfigPart {
  const sshPort = options.sshPort ?? 22;
  const mistakes: Mistake[] = [];
  const openings = rules.flatMap((rule, index) => opening(rule, `rules[${index}]`, mistakes));
  const routes = (options.routed ?? []).flatMap((rule, index) => route(rule, `routed[${index}]`, mistakes));
  if (!rules.some((rule) => rule.action !== "deny" && rule.protocol === "tcp" && includesPort(rule.port, sshPort))) {
    mistakes.push({
      path: "rules",
      found: `none that opens ${sshPort}/tcp`,
      allowed: "at least one",
      fix: "declare the flow by which SSH reaches this host",
    });
  }
  refuse("the host's firewall", mistakes);

  const merged = inOrder(mergeReasons(openings));
  const passed = mergeReasons(routes);
  const live = (family: 4 | 6): number => merged.filter((rule) => rule.family === family).length;
  const files = [UFW_FILES.rules4, UFW_FILES.rules6, UFW_FILES.defaults, UFW_FILES.settings, UFW_LOADER];
  return {
    packages: [{ name: "ufw" }],
    files: [
      {
        path: UFW_FILES.rules4,
        mode: "0640",
        validate: "iptables-restore --test --noflush %s",
        content: ufwRules(4, merged, passed),
      },
      {
        path: UFW_FILES.rules6,
        mode: "0640",
        validate: "ip6tables-restore --test --noflush %s",
        content: ufwRules(6, merged, passed),
      },
      { path: UFW_FILES.defaults, content: ufwDefaults() },
      { path: UFW_FILES.settings, content: "# Written by the infrastructure program.\nENABLED=yes\nLOGLEVEL=low\n" },
      { path: UFW_LOADER, mode: "0755", content: ufwLoader() },
      // A plain file, not the unit's drop-in: a change of it must not restart UFW, which would open all for a moment.
      { path: "/etc/systemd/system/ufw.service.d/keybuzz.conf", content: `[Service]\nExecReload=${UFW_LOADER}\n` },
    ],
    units: [
      {
        name: "ufw.service",
        enabled: true,
        state: "running",
        reloadOn: files,
      },
    ],
    steps: [
      {
        id: "firewall-loaded",
        after: ["ufw.service"],
        when: { kind: "unless", command: ufwLoaded({ ipv4: live(4), ipv6: live(6) }) },
        run: [UFW_LOADER],
      },
      {
        // The firewall of the first boot (cloudInit.ts) has done its work.
        id: FIREWALL_OPEN,
        after: ["firewall-loaded"],
        when: { kind: "unless", command: `! command -v nft || ! nft list table inet ${BOOT_FIREWALL_TABLE}` },
        run: [`nft delete table inet ${BOOT_FIREWALL_TABLE}`],
      },
    ],
  };
}

/** Step after which the host's declared rules, and only they, are in force. */
export const FIREWALL_OPEN = "boot-firewall-gone";

/** nftables table that cloud-init fills at the first boot. */
export const BOOT_FIREWALL_TABLE = "keybuzz_boot";

function opening(rule: HostFirewallRule, at: string, mistakes: Mistake[]): readonly UfwRule[] {
  const { from, to } = typeof rule.port === "number" ? { from: rule.port, to: rule.port } : rule.port;
  if (![from, to].every((port) => Number.isInteger(port) && port >= 1 && port <= 65535) || from > to) {
    mistakes.push({
      path: `${at}.port`,
      found: `${from}-${to}`,
      allowed: "1-65535, first not above last",
      fix: "correct the flow's port",
    });
  }
  checkReason(rule.reason, at, mistakes);
  const port = from === to ? String(from) : `${from}:${to}`;
  return ranges(rule.from, `${at}.from`, mistakes).map(({ family, cidr }) => ({
    family,
    action: rule.action ?? ("allow" as const),
    from: cidr,
    port,
    protocol: rule.protocol,
    reason: rule.reason,
  }));
}

function route(rule: RoutedRule, at: string, mistakes: Mistake[]): readonly UfwRoute[] {
  checkReason(rule.reason, at, mistakes);
  const targets = ranges(rule.to, `${at}.to`, mistakes);
  const found = ranges(rule.from, `${at}.from`, mistakes).flatMap(({ family, cidr }) =>
    targets
      .filter((target) => target.family === family)
      .map((target) => ({ family, from: cidr, to: target.cidr, reason: rule.reason })),
  );
  if (found.length === 0 && targets.length > 0)
    mistakes.push({
      path: at,
      found: `${rule.from} to ${rule.to}`,
      allowed: "two networks of one family",
      fix: "give both as IPv4, or both as IPv6",
    });
  return found;
}

function checkReason(reason: string, at: string, mistakes: Mistake[]): void {
  if (reason.trim() === "" || /[\r\n\0]/.test(reason))
    mistakes.push({
      path: `${at}.reason`,
      found: shown(reason),
      allowed: "one line of text",
      fix: "say what the opening is for",
    });
}

/** Canonical, as UFW writes them: host bits cleared, single addresses without a length. */
function ranges(text: string, at: string, mistakes: Mistake[]): readonly Range[] {
  if (text === "any") return ANYWHERE;
  try {
    const cidr = text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`;
    const [address, length] = ipaddr.parseCIDR(cidr);
    if (address.kind() === "ipv4" && !/^\d+\.\d+\.\d+\.\d+\//.test(cidr)) throw new Error("not four numbers");
    const family = address.kind() === "ipv4" ? 4 : 6;
    const network = (
      family === 4 ? ipaddr.IPv4.networkAddressFromCIDR(cidr) : ipaddr.IPv6.networkAddressFromCIDR(cidr)
    ).toString();
    return [{ family, cidr: length === (family === 4 ? 32 : 128) ? network : `${network}/${length}` }];
  } catch {
    mistakes.push({ path: at, found: shown(text), allowed: 'an address, a CIDR or "any"', fix: "correct the address" });
    return [];
  }
}

function includesPort(port: HostFirewallRule["port"], wanted: number): boolean {
  return typeof port === "number" ? port === wanted : port.from <= wanted && wanted <= port.to;
}

/** The first that fits a packet counts: openings to some, exceptions, openings to everybody. */
function inOrder(rules: readonly UfwRule[]): readonly UfwRule[] {
  const place = ({ action, from }: UfwRule): number =>
    action === "deny" ? 1 : ANYWHERE.some(({ cidr }) => cidr === from) ? 2 : 0;
  return [0, 1, 2].flatMap((wanted) => rules.filter((rule) => place(rule) === wanted));
}

/** One line per opening, its reasons joined, in a stable order. */
function mergeReasons<T extends { readonly reason: string }>(entries: readonly T[]): readonly T[] {
  const found = new Map<string, { readonly entry: T; readonly reasons: Set<string> }>();
  for (const entry of entries) {
    const key = JSON.stringify({ ...entry, reason: "" });
    const known = found.get(key) ?? { entry, reasons: new Set<string>() };
    known.reasons.add(entry.reason);
    found.set(key, known);
  }
  return [...found.entries()]
    .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
    .map(([, { entry, reasons }]) => ({ ...entry, reason: [...reasons].sort().join("; ") }));
}
