import { hostFirewall, type HostFirewallRule } from "../../../components/machines/hostFirewall";
import { toldOf } from "../../support/mistakesOf";
import { mergeHostConfigs } from "../../../components/machines/mergeHostConfigs";
import { renderScript } from "../../../components/machines/render";

const SSH: HostFirewallRule = { from: "10.0.0.9", port: 22, protocol: "tcp", reason: "ssh" };
const content = (rules: readonly HostFirewallRule[], path = "/etc/ufw/user.rules", routed = {}): string =>
  hostFirewall(rules, routed).files?.find((file) => file.path === path)?.content ?? "";
const rulesOf = (text: string): readonly string[] =>
  text.split("\n").filter((line) => /^-A ufw6?-user-(input|forward)/.test(line));

describe("hostFirewall", () => {
  test("writes the very bytes that UFW 0.36.2 writes for the same rules", () => {
    // Taken from a Debian 12 system: ufw allow ..., ufw route allow ..., ufw enable.
    const rules: HostFirewallRule[] = [
      { from: "10.0.0.9", port: 22, protocol: "tcp", reason: "ssh é" },
      { from: "10.233.64.0/18", port: { from: 30000, to: 32767 }, protocol: "tcp", reason: "x" },
    ];
    const routed = [{ from: "10.233.64.0/18", to: "10.0.0.0/16", reason: "x" }];
    expect(content(rules, undefined, { routed })).toBe(`*filter
:ufw-user-input - [0:0]
:ufw-user-output - [0:0]
:ufw-user-forward - [0:0]
:ufw-before-logging-input - [0:0]
:ufw-before-logging-output - [0:0]
:ufw-before-logging-forward - [0:0]
:ufw-user-logging-input - [0:0]
:ufw-user-logging-output - [0:0]
:ufw-user-logging-forward - [0:0]
:ufw-after-logging-input - [0:0]
:ufw-after-logging-output - [0:0]
:ufw-after-logging-forward - [0:0]
:ufw-logging-deny - [0:0]
:ufw-logging-allow - [0:0]
:ufw-user-limit - [0:0]
:ufw-user-limit-accept - [0:0]
### RULES ###

### tuple ### allow tcp 22 0.0.0.0/0 any 10.0.0.9 in comment=73736820c3a9
-A ufw-user-input -p tcp --dport 22 -s 10.0.0.9 -j ACCEPT

### tuple ### allow tcp 30000:32767 0.0.0.0/0 any 10.233.64.0/18 in comment=78
-A ufw-user-input -p tcp -m multiport --dports 30000:32767 -s 10.233.64.0/18 -j ACCEPT

### tuple ### route:allow any any 10.0.0.0/16 any 10.233.64.0/18 in comment=78
-A ufw-user-forward -d 10.0.0.0/16 -s 10.233.64.0/18 -j ACCEPT

### END RULES ###

### LOGGING ###
-A ufw-after-logging-input -j LOG --log-prefix "[UFW BLOCK] " -m limit --limit 3/min --limit-burst 10
-A ufw-after-logging-forward -j LOG --log-prefix "[UFW BLOCK] " -m limit --limit 3/min --limit-burst 10
-I ufw-logging-deny -m conntrack --ctstate INVALID -j RETURN -m limit --limit 3/min --limit-burst 10
-A ufw-logging-deny -j LOG --log-prefix "[UFW BLOCK] " -m limit --limit 3/min --limit-burst 10
-A ufw-logging-allow -j LOG --log-prefix "[UFW ALLOW] " -m limit --limit 3/min --limit-burst 10
### END LOGGING ###

### RATE LIMITING ###
-A ufw-user-limit -m limit --limit 3/minute -j LOG --log-prefix "[UFW LIMIT BLOCK] "
-A ufw-user-limit -j REJECT
-A ufw-user-limit-accept -j ACCEPT
### END RATE LIMITING ###
COMMIT
`);
  });

  test("opens IPv6 only where a rule says so; any means both", () => {
    expect(rulesOf(content([SSH], "/etc/ufw/user6.rules"))).toEqual([]);
    const both = [SSH, { ...SSH, from: "any", port: 443 }];
    expect(rulesOf(content(both, "/etc/ufw/user6.rules"))).toEqual(["-A ufw6-user-input -p tcp --dport 443 -j ACCEPT"]);
    expect(rulesOf(content(both))).toContain("-A ufw-user-input -p tcp --dport 443 -j ACCEPT");
    expect(rulesOf(content([SSH, { ...SSH, from: "fd00::1/64" }], "/etc/ufw/user6.rules"))).toEqual([
      "-A ufw6-user-input -p tcp --dport 22 -s fd00::/64 -j ACCEPT",
    ]);
    expect(content([SSH, { ...SSH, from: "0.0.0.0/0", port: 80 }])).toContain(
      "### tuple ### allow tcp 80 0.0.0.0/0 any 0.0.0.0/0 in comment=",
    );
  });

  test("writes equal openings once, with all reasons, whatever their order and spelling", () => {
    const a = { ...SSH, from: "10.0.3.4/16", reason: "b" };
    const b = { ...SSH, from: "10.0.0.0/16", reason: "a" };
    expect(content([a, b])).toBe(content([b, a]));
    expect(content([a, b])).toContain(`comment=${Buffer.from("a; b").toString("hex")}`);
    expect(rulesOf(content([a, b]))).toHaveLength(1);
    expect(rulesOf(content([{ ...SSH, from: "10.0.0.9/32" }]))).toEqual([
      "-A ufw-user-input -p tcp --dport 22 -s 10.0.0.9 -j ACCEPT",
    ]);
  });

  test("exceptions stand after openings to some, and before openings to everybody", () => {
    const anybody = { ...SSH, from: "0.0.0.0/0" };
    const but = { ...SSH, action: "deny" as const, from: "10.0.0.0/16" };
    expect(rulesOf(content([anybody, but, SSH])).filter((line) => line.startsWith("-A"))).toEqual([
      "-A ufw-user-input -p tcp --dport 22 -s 10.0.0.9 -j ACCEPT",
      "-A ufw-user-input -p tcp --dport 22 -s 10.0.0.0/16 -j DROP",
      "-A ufw-user-input -p tcp --dport 22 -j ACCEPT",
    ]);
    expect(() => hostFirewall([but])).toThrow(/opens 22\/tcp/);
  });

  test("drops what is not declared, in and through, and is on", () => {
    const defaults = content([SSH], "/etc/default/ufw");
    expect(defaults).toContain('DEFAULT_INPUT_POLICY="DROP"');
    expect(defaults).toContain('DEFAULT_FORWARD_POLICY="DROP"');
    expect(content([SSH], "/etc/ufw/ufw.conf")).toContain("ENABLED=yes");
    expect(rulesOf(content([SSH])).filter((rule) => rule.includes("forward"))).toEqual([]);
    expect(hostFirewall([SSH]).units).toMatchObject([{ name: "ufw.service", enabled: true, state: "running" }]);
  });

  test("never stops the firewall to change a rule", () => {
    const loader = content([SSH], "/usr/local/sbin/keybuzz-firewall");
    expect(loader).toContain("iptables-restore --noflush </etc/ufw/user.rules");
    expect(loader).not.toMatch(/ufw disable|ufw-init (stop|flush-all)|ACCEPT.*INPUT|-P INPUT ACCEPT/);
  });

  test("lists every mistake at once, and refuses to lock SSH out", () => {
    const bad: HostFirewallRule[] = [
      { from: "10.0.0.300", port: 80, protocol: "tcp", reason: "x" },
      { from: "10.1", port: 80, protocol: "tcp", reason: "x" },
      { from: "any", port: 0, protocol: "tcp", reason: "x" },
      { from: "any", port: { from: 9, to: 8 }, protocol: "udp", reason: " " },
      { from: "any; rm -rf /", port: 70000, protocol: "udp", reason: "a\nb" },
    ];
    const attempt = (): unknown => hostFirewall(bad, { routed: [{ from: "10.0.0.0/8", to: "fd00::/8", reason: "x" }] });
    for (const path of [
      "rules[0].from",
      "rules[1].from",
      "rules[2].port",
      "rules[3].port",
      "rules[3].reason",
      "rules[4].from",
      "rules[4].port",
      "rules[4].reason",
      "routed[0]",
      "rules: found none that opens 22/tcp",
    ]) {
      expect(toldOf(attempt).filter((line) => line.startsWith(path))).toHaveLength(1);
    }
    expect(() => hostFirewall([{ ...SSH, protocol: "udp" }])).toThrow(/opens 22\/tcp/);
    expect(() => hostFirewall([{ ...SSH, port: { from: 1, to: 100 } }])).not.toThrow();
    expect(() => hostFirewall([SSH], { sshPort: 2222 })).toThrow(/opens 2222\/tcp/);
  });

  test("becomes a script that checks the rules before it loads them", () => {
    const { script } = renderScript(mergeHostConfigs("db-01", [{ module: "firewall", config: hostFirewall([SSH]) }]));
    expect(script).toContain("'iptables-restore --test --noflush %s' 'reload:ufw.service'");
  });
});
