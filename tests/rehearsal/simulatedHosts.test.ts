import type { KubernetesNode } from "@standin/kubernetes-api";
import type { FileSpec, HostConfigPart } from "../../components/machines/hostConfig";
import { mergeHostConfigs } from "../../components/machines/mergeHostConfigs";
import { renderScript } from "../../components/machines/render";
import { HOST_SCRIPTS } from "../../rehearsal/estate";
import { k3sRole } from "../../rehearsal/k3sRole";
import { PROVIDERS } from "../../rehearsal/providers";
import { BASTION, DATABASE, run as runWith, TestFleet } from "../packages/machines/support/simulatedFleet";

// Processes and handshakes take their time where others use the processor, too.
jest.setTimeout(60_000);

const APPLY = "sudo timeout 1800 bash -s # 0123456789abcdef";
const run = (connection: Parameters<typeof runWith>[0], command: string, stdin?: string): Promise<string> =>
  runWith(connection, command, stdin, PROVIDERS["command"]);
const script = (config: HostConfigPart, host = "db-01"): string =>
  renderScript(mergeHostConfigs(host, [{ module: "test", config }])).script;

let fleet: TestFleet;
const nodes: (readonly KubernetesNode[])[] = [];
beforeEach(async () => {
  nodes.length = 0;
  const k3s = {
    kubeconfig: () => "kubeconfig of the test",
    onNodes: (list: readonly KubernetesNode[]) => void nodes.push(list),
  };
  fleet = await new TestFleet(() => ({ scripts: HOST_SCRIPTS, roles: [k3sRole(k3s)] })).start();
});
afterEach(() => fleet.close());

describe("a host script of the estate", () => {
  const files: readonly FileSpec[] = [
    { path: "/etc/app/config.yaml", content: "a: 1\n" },
    { path: "/etc/app/password", content: "s3cret-value", secret: true },
  ];
  const units = [
    {
      name: "app.service",
      content: "[Service]\nExecStart=/bin/true\n",
      enabled: true,
      state: "running",
      reloadOn: ["/etc/app/"],
    },
  ] as const;

  test("is understood by a simulated machine, and reported as on a real one", async () => {
    const text = script({ files, units, packages: [{ name: "app" }] });
    expect((await run(fleet.toDatabase(), APPLY, text)).split("\n")).toEqual([
      "keybuzz: host db-01: packages installed: app",
      "keybuzz: host db-01: file /etc/app/config.yaml written",
      "keybuzz: host db-01: file /etc/app/password written",
      "keybuzz: host db-01: file /etc/systemd/system/app.service written",
      "keybuzz: host db-01: unit app.service enabled",
      "keybuzz: host db-01: unit app.service started",
      "keybuzz: host db-01: 6 change(s)",
    ]);
    expect(await run(fleet.toDatabase(), APPLY, text)).toBe("keybuzz: host db-01: no change");
    const changed = script({ files: [{ path: "/etc/app/config.yaml", content: "a: 2\n" }], units });
    expect(await run(fleet.toDatabase(), APPLY, changed)).toContain("unit app.service reloaded");
    expect(fleet.machines.read("db-01", "/etc/app/password")).toBeUndefined();
  });

  test("that was cut off or changed is refused", async () => {
    const text = script({ files });
    await expect(run(fleet.toDatabase(), APPLY, text.slice(0, -30))).rejects.toThrow(/step syntax/);
    await expect(run(fleet.toDatabase(), APPLY, text.replace("\nkb_end\n", "\nrm -rf /\n"))).rejects.toThrow(
      /keybuzz: host db-01: step syntax: parseScript: .*; remedy: /,
    );
  });
});

describe("a K3s machine", () => {
  const k3s = (unit: string, text: string): HostConfigPart => ({
    files: [{ path: "/etc/rancher/k3s/config.yaml", content: text }],
    units: [{ name: unit, content: "[Service]\nExecStart=/usr/local/bin/k3s\n", enabled: true, state: "running" }],
  });
  const config =
    "node-name: db-01\nnode-ip: 10.0.0.120\nnode-label: [keybuzz.io/duty=ai]\nnode-taint: ['keybuzz.io/duty=ai:NoSchedule']\n";

  test("as a server registers its node and hands out the kubeconfig to root", async () => {
    await run(fleet.toDatabase(), APPLY, script(k3s("k3s.service", config)));
    expect(nodes.at(-1)).toEqual([
      {
        name: "db-01",
        address: "10.0.0.120",
        role: "server",
        labels: { "keybuzz.io/duty": "ai" },
        taints: [{ key: "keybuzz.io/duty", value: "ai", effect: "NoSchedule" }],
      },
    ]);
    expect(await run(fleet.toDatabase(), "sudo cat /etc/rancher/k3s/k3s.yaml")).toBe("kubeconfig of the test");
    await expect(run(fleet.toDatabase(), "cat /etc/rancher/k3s/k3s.yaml")).rejects.toThrow(/Permission denied/);
    expect(await run(fleet.toDatabase(), APPLY, script(k3s("k3s.service", config)))).toBe(
      "keybuzz: host db-01: no change",
    );
  });

  test("as an agent hands out nothing, and is gone with its machine", async () => {
    await run(fleet.toDatabase(), APPLY, script(k3s("k3s-agent.service", config)));
    expect(nodes.at(-1)).toMatchObject([{ role: "agent" }]);
    expect(fleet.machines.read("db-01", "/etc/rancher/k3s/k3s.yaml")).toBeUndefined();
    await fleet.machines.delete(DATABASE.id);
    expect(nodes.at(-1)).toEqual([]);
  });

  test("with a configuration that K3s would not read fails", async () => {
    await expect(run(fleet.toDatabase(), APPLY, script(k3s("k3s.service", "- a list\n")))).rejects.toThrow(
      /is not a mapping/,
    );
    await expect(
      run(fleet.toDatabase(), APPLY, script(k3s("k3s.service", "node-taint: ['a=b:Never']\n"))),
    ).rejects.toThrow(/allowed: NoSchedule/);
  });

  test("is there again after a restart of the local cloud", async () => {
    await run(fleet.toDatabase(), APPLY, script(k3s("k3s-agent.service", config)));
    nodes.length = 0;
    await fleet.restart([BASTION, DATABASE]);
    expect(nodes.at(-1)).toMatchObject([{ name: "db-01" }]);
  });
});
