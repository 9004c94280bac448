import { hostView, type HostView } from "../../../components/machines/hostView";
import type { HostPlan } from "../../../components/machines/hostPlan";
import { privateRoute } from "../../../components/machines/privateRoute";
import { sample } from "./support/sampleConfig";

const SCRIPT = "/usr/local/sbin/keybuzz-private-route";
const view = (gateway: string): Readonly<Record<string, string>> => whole(gateway).files;
const whole = (gateway: string): HostView => {
  const plan: HostPlan = {
    name: "db-01",
    address: "10.0.0.120",
    group: "postgres",
    serverType: "cpx31",
    location: "fsn1",
    image: "debian-12",
    public: false,
    stateful: true,
    config: sample(privateRoute({ gateway })),
  };
  return hostView(plan);
};

test("a host shows its files whole, and of a script what it is given and the sum of the rest", () => {
  expect(view("10.0.0.1")["/etc/haproxy/haproxy.cfg"]).toBe("global\n");
  const shown = view("10.0.0.1")[SCRIPT] ?? "";
  expect(shown.split("\n").slice(0, -2)).toEqual([
    "#!/bin/sh",
    expect.stringContaining("default route"),
    "set -eu",
    "",
    "# Given by the program:",
    "gateway='10.0.0.1'",
    "name_servers='185.12.64.1 185.12.64.2'",
  ]);
  expect(shown).toMatch(/\n# \d+ more lines; sha256 of the whole: [0-9a-f]{16}\n$/);
  expect(view("10.0.0.2")[SCRIPT]).not.toBe(shown);
});

test("what else the script sees to is shown as well: who may read a file, packages, accounts", () => {
  const shown = whole("10.0.0.1");
  expect(shown.access[SCRIPT]).toBe("root:root 0755");
  expect(shown.access["/etc/haproxy/haproxy.cfg"]).toBeUndefined();
  expect(Object.keys(shown.packages)).toContain("haproxy");
  expect(Object.values(shown.directories).every((access) => /^\S+:\S+ 0\d{3}$/.test(access))).toBe(true);
});
