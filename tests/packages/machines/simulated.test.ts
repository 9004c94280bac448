import { createServer } from "node:net";
import { join } from "node:path";
import { simulatedMachines } from "@standin/machines/simulated";
import { demoScript, DEMO_SCRIPTS } from "./support/demoScript";
import { BASTION, DATABASE, KEYS, machineSpec, OTHER_KEYS, run, TestFleet } from "./support/simulatedFleet";

// Processes and handshakes take their time where others use the processor, too.
jest.setTimeout(60_000);

const APPLY = "sudo timeout 1800 bash -s # 0123456789abcdef";
const KEY_PATH = "/etc/ssh/ssh_host_ed25519_key.pub";

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await new TestFleet(() => ({ scripts: DEMO_SCRIPTS })).start();
});
afterEach(() => fleet.close());

describe("who may log in", () => {
  test("the account of the user data with its keys, and nobody else", async () => {
    await expect(run(fleet.toBastion(), "true")).resolves.toBe("");
    await expect(run(fleet.toBastion({ user: "root" }), "true")).rejects.toThrow(/accepts none/);
    await expect(run(fleet.toBastion({ privateKey: OTHER_KEYS.private }), "true")).rejects.toThrow(/accepts none/);
    await expect(run(fleet.toBastion({ user: "nobody" }), "true")).rejects.toThrow(/accepts none/);
  });

  test("root with the injected keys, unless the user data disables it", async () => {
    await fleet.machines.create(machineSpec(3, "plain", "10.0.0.3", { userData: "", sshPublicKeys: [KEYS.public] }));
    const hostKey = fleet.hostKey("plain");
    await expect(run(fleet.toDatabase({ host: "10.0.0.3", user: "root", hostKey }), "true")).resolves.toBe("");
  });

  test("only those that its sshd's own files still allow", async () => {
    const file = { path: "/etc/ssh/sshd_config.d/10-demo.conf", content: "AllowUsers somebody\n" };
    await run(fleet.toDatabase(), APPLY, demoScript({ files: [file] }));
    await expect(run(fleet.toDatabase(), "true")).rejects.toThrow(/accepts none/);
  });

  test("user data that cloud-init would not understand stops the machine from coming up", async () => {
    await expect(fleet.machines.create(machineSpec(4, "bad", "10.0.0.4", { userData: "#!/bin/sh\n" }))).rejects.toThrow(
      /does not begin with/,
    );
    await expect(
      fleet.machines.create(machineSpec(4, "bad", "10.0.0.4", { userData: "#cloud-config\nusers: [{name: 5}]" })),
    ).rejects.toThrow(/is not cloud-config/);
  });
});

describe("ways in", () => {
  test("only a machine with a public interface listens, on the port that was asked for", async () => {
    expect(fleet.machines.entry(DATABASE.id)).toBeUndefined();
    expect(fleet.machines.entry(99)).toBeUndefined();
    const port = await freePort();
    const other = await new TestFleet(() => ({ entryPort: port })).start();
    expect(other.machines.entry(BASTION.id)).toEqual({ host: "127.0.0.1", port });
    const third = simulatedMachines({ stateDir: join(other.stateDir, "x"), entryPort: port });
    await expect(third.create(BASTION)).rejects.toThrow(/port 127\.0\.0\.1:\d+ is in use; remedy: /);
    await third.close();
    await other.close();
  });

  test("a machine without a public interface passes nothing on, nor does a bastion that is told not to", async () => {
    const forbid = demoScript(
      { files: [{ path: "/etc/ssh/sshd_config.d/10-demo.conf", content: "AllowTcpForwarding no\n" }] },
      "bastion-01",
    );
    await run(fleet.toBastion(), APPLY, forbid);
    await expect(run(fleet.toDatabase(), "true")).rejects.toThrow(/cannot reach it/);
  });

  test("machines of another network cannot be reached", async () => {
    await fleet.machines.create(
      machineSpec(5, "far", "10.9.0.5", {
        privateAddresses: [{ networkId: 8, networkCidr: "10.9.0.0/16", address: "10.9.0.5" }],
      }),
    );
    await expect(run(fleet.toDatabase({ host: "10.9.0.5", hostKey: fleet.hostKey("far") }), "true")).rejects.toThrow(
      /cannot reach it/,
    );
  });
});

test("a path cannot lead out of the machine", async () => {
  await expect(run(fleet.toDatabase(), "cat /../../../../etc/hostname")).rejects.toThrow(/No such file/);
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
    await run(fleet.toDatabase(), APPLY, demoScript({ files: [{ path: "/etc/app.conf", content: "x" }] }));
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
      await run(fleet.toDatabase(), APPLY, demoScript({ files: [{ path: "/etc/app.conf", content: "x" }] })),
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

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}
