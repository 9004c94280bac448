import { parseRange, type Range } from "../../verifier/read/range";
import { readUfw, type Ufw } from "../../verifier/read/ufw";

const RUNNING = { enabled: true, state: "running" };
const range = (text: string): Range => {
  const parsed = parseRange(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
};
const address = (text: string): number => range(text).first;

function files(rules: readonly string[], changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    "/etc/ufw/user.rules": ["*filter", ...rules, "COMMIT"].join("\n"),
    "/etc/ufw/user6.rules": "*filter\nCOMMIT\n",
    "/etc/ufw/ufw.conf": "ENABLED=yes\nLOGLEVEL=low\n",
    "/etc/default/ufw":
      'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\nDEFAULT_OUTPUT_POLICY="ACCEPT"\nDEFAULT_FORWARD_POLICY="DROP"\n',
    ...changes,
  };
}

const ufw = (rules: readonly string[], changes?: Readonly<Record<string, string>>): Ufw =>
  readUfw(files(rules, changes), RUNNING);

describe("rules", () => {
  const one = "-A ufw-user-input -p tcp --dport 5432 -s 10.0.0.11 -j ACCEPT";
  const network = "-A ufw-user-input -p tcp -m multiport --dports 9100:9200 -s 10.0.0.0/24 -j ACCEPT";
  const open = "-A ufw-user-input -p udp --dport 53 -j ACCEPT";
  const filter = ufw([one, network, open]);

  test("one address and port: the rule is named; everything beside it is dropped", () => {
    expect(filter.admits(address("10.0.0.11"), 5432, "tcp")).toBe(one);
    expect(filter.admits(address("10.0.0.12"), 5432, "tcp")).toBeUndefined();
    expect(filter.admits(address("10.0.0.11"), 5433, "tcp")).toBeUndefined();
    expect(filter.admits(address("10.0.0.11"), 5432, "udp")).toBeUndefined();
  });

  test("networks and port ranges, to their very ends", () => {
    expect(filter.admits(address("10.0.0.0"), 9100, "tcp")).toBe(network);
    expect(filter.admits(address("10.0.0.255"), 9200, "tcp")).toBe(network);
    expect(filter.admits(address("10.0.1.0"), 9100, "tcp")).toBeUndefined();
    expect(filter.admits(address("10.0.0.1"), 9099, "tcp")).toBeUndefined();
    expect(filter.admits(address("10.0.0.1"), 9201, "tcp")).toBeUndefined();
  });

  test("without a source: everybody", () => {
    expect(filter.admits(address("203.0.113.9"), 53, "udp")).toBe(open);
    expect(filter.admits(address("203.0.113.9"), 53, "tcp")).toBeUndefined();
  });

  test("a whole range passes only by a rule that covers all of it", () => {
    expect(filter.admitsAll(range("10.0.0.128/25"), 9150, "tcp")).toBe(network);
    expect(filter.admitsAll(range("10.0.0.0/23"), 9150, "tcp")).toBeUndefined();
  });

  test("forwarding: both ends must be covered", () => {
    const route = "-A ufw-user-forward -d 10.233.96.0/19 -s 10.233.64.0/24 -j ACCEPT";
    const node = ufw([route]);
    expect(node.passesOn(range("10.233.64.0/24"), range("10.233.96.0/19"))).toBe(route);
    expect(node.passesOn(range("10.233.64.0/23"), range("10.233.96.0/19"))).toBeUndefined();
    expect(node.passesOn(range("10.233.64.0/24"), range("10.0.0.1"))).toBeUndefined();
  });

  test.each([
    "-A ufw-user-input -p tcp --dport 22 -s 10.0.0.9 -j LOG",
    "-A ufw-user-input -i eth1 -p tcp --dport 22 -j ACCEPT",
    "-A ufw-user-input -p tcp --dport 22 -s fe80::1 -j ACCEPT",
    "-A ufw-user-forward -o eth0 -j ACCEPT",
  ])("%s is reported as unread, and lets nobody in", (line) => {
    const filter_ = ufw([line]);
    expect(filter_.problems).toEqual([`/etc/ufw/user.rules: "${line}"`]);
    expect(filter_.admits(address("10.0.0.9"), 22, "tcp")).toBeUndefined();
  });
});

describe("exceptions", () => {
  const open = "-A ufw-user-input -p tcp --dport 22 -j ACCEPT";
  const one = "-A ufw-user-input -p tcp --dport 22 -s 10.0.0.9 -j ACCEPT";
  const drop = "-A ufw-user-input -p tcp --dport 22 -s 10.0.0.0/16 -j DROP";

  test("the first rule that fits counts", () => {
    const filter = ufw([one, drop, open]);
    expect(filter.problems).toEqual([]);
    const admitted = ["10.0.0.9", "10.0.0.8", "9.255.255.255", "10.1.0.0", "203.0.113.7"].filter(
      (text) => filter.admits(address(text), 22, "tcp") !== undefined,
    );
    expect(admitted).toEqual(["10.0.0.9", "9.255.255.255", "10.1.0.0", "203.0.113.7"]);
    expect(filter.rules.map(({ from }) => from.text)).toEqual([
      "10.0.0.9",
      "0.0.0.0-9.255.255.255",
      "10.1.0.0-255.255.255.255",
    ]);
  });

  test("one that comes too late is none", () => {
    expect(ufw([open, drop]).admits(address("10.0.0.8"), 22, "tcp")).toBe(open);
  });

  test("one to a part of the ports is reported as unread, and shuts nothing", () => {
    const wide = "-A ufw-user-input -p tcp -m multiport --dports 20:30 -j ACCEPT";
    const filter = ufw([drop, wide]);
    expect(filter.problems).toEqual([expect.stringContaining("is an exception to a part of the ports of")]);
    expect(filter.admits(address("10.0.0.8"), 22, "tcp")).toBe(wide);
  });
});

describe("off, and why", () => {
  const rule = "-A ufw-user-input -p tcp --dport 22 -s 10.0.0.9 -j ACCEPT";
  test.each([
    [
      "ENABLED=no",
      files([rule], { "/etc/ufw/ufw.conf": "ENABLED=no\n" }),
      RUNNING,
      "/etc/ufw/ufw.conf does not say ENABLED=yes",
    ],
    ["no unit", files([rule]), undefined, "ufw.service is not among its units"],
    ["not at boot", files([rule]), { enabled: false, state: "running" }, "ufw.service is not enabled"],
    ["stopped", files([rule]), { enabled: true, state: "stopped" }, "ufw.service is stopped"],
    ["no files", {}, RUNNING, "without /etc/ufw/user.rules, /etc/ufw/user6.rules, /etc/ufw/ufw.conf, /etc/default/ufw"],
  ])("%s: everybody gets in", (_, content, unit, why) => {
    const filter = readUfw(content, unit);
    expect(filter.off).toBe(why);
    expect(filter.admits(address("203.0.113.9"), 3306, "tcp")).toBe("");
    expect(filter.passesOn(range("10.233.64.0/18"), range("10.0.0.1"))).toBe("");
  });

  test("a policy that accepts is as good as off, for what it is about", () => {
    const defaults = files([])["/etc/default/ufw"]?.replace('INPUT_POLICY="DROP"', 'INPUT_POLICY="ACCEPT"') ?? "";
    const filter = ufw([], { "/etc/default/ufw": defaults });
    expect(filter.admits(address("203.0.113.9"), 3306, "tcp")).toBe("");
    expect(filter.passesOn(range("10.0.0.1"), range("10.0.0.2"))).toBeUndefined();
  });

  test("policies that are not said are reported", () => {
    expect(ufw([], { "/etc/default/ufw": "IPV6=yes\n" }).problems).toHaveLength(3);
  });
});

test("rules for IPv6 are kept as text", () => {
  const line = "-A ufw6-user-input -p tcp --dport 22 -j ACCEPT";
  expect(ufw([], { "/etc/ufw/user6.rules": `*filter\n${line}\nCOMMIT\n` }).rules6).toEqual([line]);
});
