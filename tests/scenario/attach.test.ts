import { CloudView, type Row } from "./support/cloudView";
import { Stand } from "./support/stand";

// A whole estate attaches itself to one network at once.
const LIMIT = 300_000;
const STACK = ["--stack", "staging"] as const;
const NOTHING = { create: 0, update: 0, replace: 0, delete: 0 };

test(
  "a network that is busy whenever somebody else attaches: the first up waits its turn, and ends in the whole estate",
  async () => {
    const stand = new Stand();
    try {
      const { code, document } = await stand.document("up", ...STACK, "--fault", "busy-networks");
      expect(document.errors).toEqual([]);
      expect(code).toBe(0);
      expect((await stand.document("up", ...STACK)).document.summary).toMatchObject(NOTHING);
    } finally {
      await stand.dispose();
    }
  },
  LIMIT,
);

test(
  "a server that stays unattached: the next up names it and the commands that finish it, and does nothing else",
  async () => {
    const stand = new Stand();
    try {
      const name = "staging-db-01";
      const fault = `conflict@attach_to_network,of=${name}`;
      expect((await stand.run("up", ...STACK, "--fault", fault)).code).toBe(1);
      const refused = await stand.run("up", ...STACK);
      expect(refused.code).not.toBe(0);
      expect(refused.stdout).toContain(
        `hcloud server attach-to-network --network keybuzz-staging --ip 10.1.0.120 ${name}`,
      );
      expect(refused.stdout).toContain(`hcloud server poweron ${name}`);
      expect(refused.stderr).not.toMatch(/^(create|update|replace|delete) /m);
      // What the commands do.
      const view = await CloudView.open(stand, "staging");
      const found = async (): Promise<Row | undefined> =>
        (await view.hetzner("servers")).find((one) => one["name"] === name);
      const server = await found();
      const network = (await view.hetzner("networks"))[0];
      const actions = `servers/${String(server?.["id"])}/actions`;
      await view.post(`${actions}/attach_to_network`, { network: network?.["id"], ip: "10.1.0.120" });
      // As the hcloud command does, which waits for its action.
      while ((await found())?.["locked"] === true) await new Promise((resolve) => setTimeout(resolve, 100));
      await view.post(`${actions}/poweron`, {});
      await view.close();
      const whole = await stand.document("up", ...STACK);
      expect(whole.document.errors).toEqual([]);
      expect(whole.code).toBe(0);
      expect((await stand.document("up", ...STACK)).document.summary).toMatchObject(NOTHING);
    } finally {
      await stand.dispose();
    }
  },
  LIMIT,
);
