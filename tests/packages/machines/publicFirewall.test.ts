import { connect } from "node:net";
import { admits } from "@standin/machines/publicFirewall";
import type { CloudSnapshot } from "@standin/machines/machines";
import { KEYS, run, TestFleet } from "./support/simulatedFleet";

jest.setTimeout(60_000);

const firewall = (port: string, sources: readonly string[], server = 1): CloudSnapshot => ({
  firewalls: [
    {
      rules: [{ direction: "in", protocol: "tcp", port, source_ips: sources }],
      applied_to: [{ type: "server", server: { id: server } }],
    },
  ],
});

test.each<[string, CloudSnapshot, string, boolean]>([
  ["no firewall at all", {}, "127.0.0.1", true],
  ["one of another server", firewall("80", [], 2), "127.0.0.1", true],
  ["another port", firewall("80", ["0.0.0.0/0"]), "127.0.0.1", false],
  ["a range of ports", firewall("20-30", ["127.0.0.1/32"]), "127.0.0.1", true],
  ["every port", firewall("any", ["127.0.0.0/30"]), "127.0.0.2", true],
  ["another network", firewall("22", ["127.0.0.2/32"]), "127.0.0.1", false],
  ["the same, as Node tells it", firewall("22", ["127.0.0.2/32"]), "::ffff:127.0.0.2", true],
  ["networks of the internet: whoever comes is one of them", firewall("22", ["203.0.113.0/24"]), "127.0.0.1", true],
  ["no rule", { firewalls: [{ rules: [], applied_to: [{ server: { id: 1 } }] }] }, "127.0.0.1", false],
  [
    "one by label",
    {
      firewalls: [
        { rules: [], applied_to: [{ type: "label_selector", applied_to_resources: [{ server: { id: 1 } }] }] },
      ],
    },
    "127.0.0.1",
    false,
  ],
])("%s", (_name, snapshot, source, expected) => {
  expect(admits(snapshot, 1, 22, source)).toBe(expected);
});

test("a bastion answers whom the firewall lets in, from the moment on that it does, and says nothing to others", async () => {
  const fleet = await new TestFleet().start();
  try {
    let snapshot = firewall("22", ["127.0.0.2/32"]);
    fleet.machines.follow(() => snapshot);
    const port = fleet.machines.entry(1)?.port ?? 0;
    const greeting = (localAddress: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect({ host: "127.0.0.1", port, localAddress });
        socket.setTimeout(500, () => socket.destroy());
        socket.once("data", (data) => (resolve(data.toString("latin1").slice(0, 4)), socket.destroy()));
        socket.once("close", () => resolve("nothing"));
      });
    expect([await greeting("127.0.0.1"), await greeting("127.0.0.2")]).toEqual(["nothing", "SSH-"]);
    snapshot = firewall("22", ["127.0.0.1/32"]);
    expect([await greeting("127.0.0.1"), await greeting("127.0.0.2")]).toEqual(["SSH-", "nothing"]);
    await run(fleet.toBastion({ privateKey: KEYS.private }), "true");
  } finally {
    await fleet.close();
  }
});
