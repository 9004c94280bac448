import type { HostConfigPart } from "../../../components/machines/hostConfig";
import { natGateway } from "../../../components/machines/natGateway";
import { privateRoute } from "../../../components/machines/privateRoute";
import { ufwLoaded, ufwLoader } from "../../../components/machines/ufwFiles";
import { shellScript } from "../../../components/machines/shellScript";
import { StubbedHost } from "../../support/stubbedHost";
import { join } from "node:path";

let host: StubbedHost;
beforeEach(() => void (host = new StubbedHost()));
afterEach(() => host.dispose());

describe("the way out of the private network", () => {
  const script = (): string => {
    const content = privateRoute({ gateway: "10.0.0.1" }).files?.[0]?.content ?? "";
    return content
      .replaceAll("/etc/systemd/resolved.conf.d", host.path("resolved"))
      .replaceAll("/etc/resolv.conf", host.path("resolv.conf"));
  };
  /** @param resolved does systemd-resolved run? */
  const machine = (route: string, resolved: boolean): void => {
    host.stub("ip", `[[ $* != *"route get"* ]] || { ${route}; }`);
    host.stub("systemctl", `[[ $1 != is-active ]] || exit ${resolved ? 0 : 3}`);
    host.stub("sleep", `touch ${host.path("later")}`);
  };

  test("waits for the network's interface, then leads through the gateway", () => {
    machine(`[[ -e ${host.path("later")} ]] && echo "10.0.0.1 dev ens10 src 10.0.0.120 uid 0"`, true);
    const { status, error, asked } = host.run(script());
    expect({ status, error }).toEqual({ status: 0, error: "" });
    expect(asked.filter((call) => call !== "ip -4 route get 10.0.0.1")).toEqual([
      "sleep 1",
      "ip -4 route replace default via 10.0.0.1 dev ens10 onlink",
      "systemctl is-active --quiet systemd-resolved",
      "systemctl restart systemd-resolved",
    ]);
    expect(host.read("resolved/keybuzz.conf")).toBe("[Resolve]\nDNS=185.12.64.1 185.12.64.2\n");
    expect(host.run(script()).asked).not.toContain("systemctl restart systemd-resolved");
  });

  test("writes name servers where nothing else does, once", () => {
    machine("echo 10.0.0.1 dev eth0", false);
    host.run(script());
    host.run(script());
    expect(host.read("resolv.conf")).toBe("nameserver 185.12.64.1\nnameserver 185.12.64.2\n");
  });

  test("fails where no interface leads there, and changes nothing", () => {
    machine("echo local 10.0.0.1 dev lo", true);
    const { status, error, asked } = host.run(script());
    expect([status, error]).toEqual([1, "no interface leads to 10.0.0.1 after 120 s\n"]);
    expect(asked.filter((call) => call.includes("replace"))).toEqual([]);
  });
});

describe("what keeps the way out", () => {
  /** Does the guard of the one step hold? */
  const holds = (config: HostConfigPart, change = (command: string): string => command): boolean => {
    const [step] = config.steps ?? [];
    if (step?.when.kind !== "unless") throw new Error("no guard");
    return host.run(`set -euo pipefail\n${change(step.when.command)}\n`).status === 0;
  };

  test("notices a default route that is gone, or leads elsewhere, once the first boot has brought the script", () => {
    const here = (command: string): string =>
      command.replaceAll("/usr/local/sbin/keybuzz-private-route", host.path("route"));
    const route = privateRoute({ gateway: "10.0.0.1" });
    host.stub("ip", "echo default via 10.0.0.12 dev ens10");
    expect(holds(route, here)).toBe(true);
    host.stub("route");
    expect(holds(route, here)).toBe(false);
    host.stub("ip");
    expect(holds(route, here)).toBe(false);
    host.stub("ip", "echo 'default via 10.0.0.1 dev ens10 onlink'");
    expect(holds(route, here)).toBe(true);
    expect(route.steps?.[0]?.run).toEqual(["/usr/local/sbin/keybuzz-private-route"]);
  });

  test("notices a NAT table that is gone, or empty", () => {
    const nat = natGateway("10.0.0.0/16");
    host.stub("nft", "exit 1");
    expect(holds(nat)).toBe(false);
    host.stub("nft", "echo 'table ip keybuzz_nat {'");
    expect(holds(nat)).toBe(false);
    host.stub("nft", "echo '  ip saddr 10.0.0.0/16 ip daddr != 10.0.0.0/16 masquerade'");
    expect(holds(nat)).toBe(true);
    expect(nat.steps?.[0]?.run).toEqual(["nft -f /etc/keybuzz/nat.nft"]);
  });
});

describe("the firewall's loader", () => {
  /** @param missing parts of commands that do not succeed. */
  const load = (...missing: readonly string[]): readonly string[] => {
    const fails = missing.map((part) => `[[ $* != *"${part}"* ]] || exit 1`).join("\n");
    for (const tables of ["iptables", "ip6tables"]) {
      host.stub(tables, fails);
      host.stub(`${tables}-restore`);
    }
    const init = host.stub("ufw-init");
    const script = ufwLoader().replaceAll("/lib/ufw/ufw-init", init).replaceAll("/etc/ufw/", `${host.folder}/`);
    host.run(`touch ${host.folder}/user.rules ${host.folder}/user6.rules`);
    const { status, error, asked } = host.run(script);
    expect({ status, error }).toEqual({ status: 0, error: "" });
    return asked.filter((call) => !/ -[CS] /.test(call));
  };
  const POLICIES = ["iptables", "ip6tables"].flatMap((tables) =>
    ["INPUT DROP", "FORWARD DROP", "OUTPUT ACCEPT"].map((policy) => `${tables} -P ${policy}`),
  );

  test("replaces the rules in one step while UFW's chains are there", () => {
    expect(load()).toEqual(["iptables-restore --noflush", "ip6tables-restore --noflush", ...POLICIES]);
  });

  test("starts UFW where it does not run", () => {
    expect(load("-S ufw6-user-input")[0]).toBe("ufw-init start quiet");
  });

  test("builds the chains anew where somebody emptied them", () => {
    expect(load("-C ufw6-before-input")).toEqual(["ufw-init force-reload", ...POLICIES]);
  });

  test("hooks UFW's chains in again, in its own order", () => {
    expect(load("-C FORWARD -j ufw6").slice(2, 8)).toEqual(
      ["before-logging", "before", "after", "after-logging", "reject", "track"].map(
        (part) => `ip6tables -A FORWARD -j ufw6-${part}-forward`,
      ),
    );
  });
});

describe("whether the firewall is loaded", () => {
  const loaded = (live: { readonly rules: number; readonly policy?: string; readonly missing?: string }): boolean => {
    for (const tables of ["iptables", "ip6tables"]) {
      host.stub(
        tables,
        `case "$*" in
          *"${live.missing ?? "nothing is missing"}"*) exit 1 ;;
          "-S INPUT" | "-S FORWARD") echo "-P $2 ${live.policy ?? "DROP"}" ;;
          -S*) echo "-N $2"; for ((n = 0; n < ${live.rules}; n++)); do echo "-A $2 -j ACCEPT"; done ;;
        esac`,
      );
    }
    return host.run(ufwLoaded({ ipv4: 2, ipv6: 2 })).status === 0;
  };

  test("is told by its policies, its hooks and the number of rules", () => {
    expect(loaded({ rules: 2 })).toBe(true);
    expect(loaded({ rules: 1 })).toBe(false);
    expect(loaded({ rules: 2, policy: "ACCEPT" })).toBe(false);
    expect(loaded({ rules: 2, missing: "-C INPUT -j ufw6" })).toBe(false);
    expect(loaded({ rules: 2, missing: "-C ufw-before-input" })).toBe(false);
  });
});

describe("a script from its file", () => {
  const file = (text: string): string => {
    host.run(`cat >${host.path("a.sh")} <<'EOF'\n${text}EOF\n`);
    return host.path("a.sh");
  };

  test("is given its values as words, whatever they hold, and keeps everything else", () => {
    const values = { word: `it's "a" $(word) \\ \`x\``, number: 3, yes: true, none: [], list: ["a b", "c'd", ""] };
    const path = file(
      `#!/bin/bash\nword='before'\n\n# Given by the program:\nreadonly word='x'\nnumber=1\nyes=false\nnone=()\nlist=('x')\n\nother='kept'\nprintf '%s|' "$word" "$number" "$yes" "\${#none[@]}" "\${list[@]}" "$other"\n`,
    );
    const text = shellScript(path, values);
    expect(text.startsWith("#!/bin/bash\nword='before'\n\n# Given by the program:\nreadonly word=")).toBe(true);
    expect(host.run(text).said).toBe(`it's "a" $(word) \\ \`x\`|3|true|0|a b|c'd||kept|`);
  });

  test("is refused with all that does not fit at once", () => {
    const path = file("# Given by the program:\na='x'\nb=()\nc='x'\n\nd='not given'\n");
    expect(() => shellScript(path, { b: "word", c: ["list"], d: "x" })).toThrow(
      /^a\.sh: a: found no value; b: found one value, where the file has \(\); c: found a list, where the file has 'x'; d: found a value, where the file assigns none; allowed: one value for each assignment/,
    );
  });

  test("that is given nothing is as it is, but for what only shellcheck reads", () => {
    expect(shellScript(file("# shellcheck shell=bash\n# A part.\nx=1\n"))).toBe("# A part.\nx=1\n");
    expect(() => shellScript(join(host.folder, "a.sh"), { x: 2 })).toThrow(
      "x: found a value, where the file assigns none",
    );
  });
});
