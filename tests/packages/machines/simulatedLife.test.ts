import type { SimulatedNode } from "@standin/machines/simulated";
import type { HostConfigPart } from "../../../components/machines/hostConfig";
import { APPLY, KEY_PATH, run, script } from "./runOnMachine";
import { BASTION, DATABASE, machineSpec, TestFleet } from "./simulatedFleet";

// Processes and handshakes take their time where others use the processor, too.
jest.setTimeout(60_000);

let fleet: TestFleet;
const nodes: (readonly SimulatedNode[])[] = [];
beforeEach(async () => {
  nodes.length = 0;
  fleet = await new TestFleet({
    kubeconfig: () => "kubeconfig of the test",
    onNodes: (list) => void nodes.push(list),
  }).start();
});
afterEach(() => fleet.close());

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

describe("a machine's life", () => {
  test("power off refuses connections and cuts off those there are; on and reset bring it back", async () => {
    await fleet.machines.power(DATABASE.id, "off");
    await expect(run(fleet.toDatabase(), "true")).rejects.toThrow(/cannot reach it/);
    await fleet.machines.power(DATABASE.id, "on");
    await expect(run(fleet.toDatabase(), "true")).resolves.toBe("");
    await fleet.machines.power(DATABASE.id, "reset");
    await expect(run(fleet.toDatabase(), "true")).resolves.toBe("");
    await fleet.machines.power(BASTION.id, "shutdown");
    await expect(run(fleet.toBastion(), "true")).rejects.toThrow(/step connect/);
    await expect(fleet.machines.power(99, "on")).rejects.toThrow(/no machine 99/);
  });

  test("a fault makes it unreachable", async () => {
    fleet.machines.setFault("db-01", { unreachable: true });
    await expect(run(fleet.toDatabase(), "true")).rejects.toThrow(/cannot reach it/);
  });

  test("state, files, power and host key survive a restart; what is not listed is forgotten", async () => {
    await run(fleet.toDatabase(), APPLY, script({ files: [{ path: "/etc/app.conf", content: "x" }] }));
    await fleet.machines.create(machineSpec(6, "temporary", "10.0.0.6"));
    const key = fleet.hostKey("db-01");
    await fleet.machines.power(DATABASE.id, "off");
    await fleet.restart([DATABASE, BASTION]);
    expect(fleet.hostKey("db-01")).toBe(key);
    expect(fleet.machines.read("db-01", "/etc/app.conf")).toBe("x");
    expect(fleet.machines.read("temporary", KEY_PATH)).toBeUndefined();
    await expect(run(fleet.toDatabase(), "true")).rejects.toThrow(/cannot reach it/);
    await fleet.machines.power(DATABASE.id, "on");
    expect(
      await run(fleet.toDatabase(), APPLY, script({ files: [{ path: "/etc/app.conf", content: "x" }] })),
    ).toContain("no change");
  });

  test("a machine made anew under an old name has another host key and no files", async () => {
    const key = fleet.hostKey("db-01");
    await fleet.machines.delete(DATABASE.id);
    await fleet.machines.delete(DATABASE.id);
    await fleet.machines.create({ ...DATABASE, id: 20 });
    expect(fleet.hostKey("db-01")).not.toBe(key);
    await expect(fleet.machines.create({ ...DATABASE, id: 21 })).rejects.toThrow(/has this name already/);
  });
});
