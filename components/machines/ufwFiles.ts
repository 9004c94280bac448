import { join } from "node:path";
import { shellScript } from "./shellScript";

/**
 * The files that UFW reads, written whole and exactly as UFW itself writes them, so that `ufw status`, `ufw reload`
 * and this program agree on every byte and no run sees a difference where there is none.
 *
 * Format of user.rules and user6.rules, for whoever reads them (a verifier does): between "### RULES ###" and
 * "### END RULES ###" every rule is two lines,
 *
 *   ### tuple ### ACTION PROTOCOL PORT TO any FROM in comment=HEX
 *   -A ufw-user-input ...            (ufw6-user-input in user6.rules; -forward for routed rules)
 *
 * ACTION is "allow" or "deny" (to the host itself) or "route:allow" (through it; then PROTOCOL and PORT are "any"). PORT is one
 * port or FIRST:LAST. TO is 0.0.0.0/0 or ::/0 for "allow" and "deny". FROM and TO are an address, or a CIDR. HEX is the reason
 * in UTF-8, as hexadecimal digits. The first rule that fits counts. What no rule allows is dropped: DEFAULT_INPUT_POLICY and DEFAULT_FORWARD_POLICY in
 * /etc/default/ufw say so, and ENABLED in /etc/ufw/ufw.conf that all this is in force.
 */
export const UFW_FILES = {
  rules4: "/etc/ufw/user.rules",
  rules6: "/etc/ufw/user6.rules",
  settings: "/etc/ufw/ufw.conf",
  defaults: "/etc/default/ufw",
} as const;

/** Loads the rules in force: started as ExecReload of ufw.service. */
export const UFW_LOADER = "/usr/local/sbin/keybuzz-firewall";

export interface UfwRule {
  readonly family: 4 | 6;
  readonly action: "allow" | "deny";
  readonly from: string;
  /** One port, or FIRST:LAST. */
  readonly port: string;
  readonly protocol: "tcp" | "udp";
  readonly reason: string;
}

export interface UfwRoute {
  readonly family: 4 | 6;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** Content of user.rules or user6.rules. */
export function ufwRules(family: 4 | 6, rules: readonly UfwRule[], routes: readonly UfwRoute[]): string {
  const prefix = family === 4 ? "ufw" : "ufw6";
  const any = family === 4 ? "0.0.0.0/0" : "::/0";
  const chains = [
    "user-input", "user-output", "user-forward",
    "before-logging-input", "before-logging-output", "before-logging-forward",
    "user-logging-input", "user-logging-output", "user-logging-forward",
    "after-logging-input", "after-logging-output", "after-logging-forward",
    "logging-deny", "logging-allow", "user-limit", "user-limit-accept",
  ]; // prettier-ignore
  const comment = (reason: string): string => `comment=${Buffer.from(reason, "utf8").toString("hex")}`;
  const side = (flag: "-s" | "-d", cidr: string): string => (cidr === any ? "" : ` ${flag} ${cidr}`);
  const match = (port: string): string => (port.includes(":") ? `-m multiport --dports ${port}` : `--dport ${port}`);
  const log = (label: string): string =>
    `-j LOG --log-prefix "[UFW ${label}] " -m limit --limit 3/min --limit-burst 10`;
  return [
    "*filter",
    ...chains.map((chain) => `:${prefix}-${chain} - [0:0]`),
    "### RULES ###",
    ...rules
      .filter((rule) => rule.family === family)
      .flatMap(({ action, from, port, protocol, reason }) => [
        "",
        `### tuple ### ${action} ${protocol} ${port} ${any} any ${from} in ${comment(reason)}`,
        `-A ${prefix}-user-input -p ${protocol} ${match(port)}${side("-s", from)} -j ${action === "allow" ? "ACCEPT" : "DROP"}`,
      ]),
    ...routes
      .filter((route) => route.family === family)
      .flatMap(({ from, to, reason }) => [
        "",
        `### tuple ### route:allow any any ${to} any ${from} in ${comment(reason)}`,
        `-A ${prefix}-user-forward${side("-d", to)}${side("-s", from)} -j ACCEPT`,
      ]),
    "",
    "### END RULES ###",
    "",
    "### LOGGING ###",
    `-A ${prefix}-after-logging-input ${log("BLOCK")}`,
    `-A ${prefix}-after-logging-forward ${log("BLOCK")}`,
    `-I ${prefix}-logging-deny -m conntrack --ctstate INVALID -j RETURN -m limit --limit 3/min --limit-burst 10`,
    `-A ${prefix}-logging-deny ${log("BLOCK")}`,
    `-A ${prefix}-logging-allow ${log("ALLOW")}`,
    "### END LOGGING ###",
    "",
    "### RATE LIMITING ###",
    `-A ${prefix}-user-limit -m limit --limit 3/minute -j LOG --log-prefix "[UFW LIMIT BLOCK] "`,
    `-A ${prefix}-user-limit -j REJECT`,
    `-A ${prefix}-user-limit-accept -j ACCEPT`,
    "### END RATE LIMITING ###",
    "COMMIT",
    "",
  ].join("\n");
}

/** Content of /etc/default/ufw: default deny in and through, no sysctl of UFW's own (sysctl is this program's). */
export function ufwDefaults(): string {
  return [
    "# Written by the infrastructure program.",
    "IPV6=yes",
    'DEFAULT_INPUT_POLICY="DROP"',
    'DEFAULT_OUTPUT_POLICY="ACCEPT"',
    'DEFAULT_FORWARD_POLICY="DROP"',
    'DEFAULT_APPLICATION_POLICY="SKIP"',
    "MANAGE_BUILTINS=no",
    "IPT_SYSCTL=",
    'IPT_MODULES=""',
    "",
  ].join("\n");
}

/**
 * `ufw reload` would stop the firewall for a moment. iptables-restore replaces all of UFW's own chains in one commit:
 * the files declare every chain that they fill, so nothing is added twice.
 */
export function ufwLoader(): string {
  return shellScript(join(__dirname, "ufwLoader.sh"));
}

/**
 * Bash that succeeds while the rules are in force.
 *
 * @param rules how many of the host's own there are.
 */
export function ufwLoaded(rules: { readonly ipv4: number; readonly ipv6: number }): string {
  return shellScript(join(__dirname, "ufwLoaded.sh"), { rules: rules.ipv4, rules6: rules.ipv6 });
}
