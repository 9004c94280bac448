import { CloudView, type Row } from "./support/cloudView";
import { Stand } from "./support/stand";

// Three members of a cluster get another server type in one up. The provider alone would power all of them off at once;
// here each is asked to leave, shuts down by itself, and the next one's turn comes when it is back.
const LIMIT = 300_000;
const STACK = ["--stack", "local"] as const;
const FILE = "stacks/local.ts";
const MEMBERS = ["db-master-01", "db-slave-01", "db-slave-02"];
const ADDRESSES = ["10.0.0.120", "10.0.0.121", "10.0.0.122"];

/** From when to when a server was told to be without power. */
interface Off {
  readonly name: string;
  readonly from: number;
  readonly until: number;
  readonly commands: readonly string[];
}

describe("another server type for a cluster", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  const retype = (from: string, to: string, addresses: readonly string[]): void => {
    for (const address of addresses)
      stand.edit(FILE, `address: "${address}", serverType: "${from}"`, `address: "${address}", serverType: "${to}"`);
  };
  const servers = async (view: CloudView): Promise<ReadonlyMap<string, Row>> =>
    new Map((await view.hetzner("servers")).map((row) => [String(row["name"]), row]));
  const typeOf = (row: Row | undefined): unknown => (row?.["server_type"] as Row | undefined)?.["name"];
  /** What was done to a server since it was made. */
  const actions = async (view: CloudView, row: Row | undefined): Promise<readonly Row[]> =>
    (await view.hetzner(`servers/${String(row?.["id"])}/actions`)).filter(({ command }) => {
      return !["create_server", "attach_to_network", "change_protection", "add_to_placement_group"].includes(
        String(command),
      );
    });
  let before = 0;

  test(
    "an estate as it stands",
    async () => {
      expect((await stand.run("up", ...STACK)).code).toBe(0);
      const view = await CloudView.open(stand, "local");
      before = (await actions(view, (await servers(view)).get("db-master-01"))).length;
      await view.close();
    },
    LIMIT,
  );

  test(
    "a type that is sold out: said, and nothing is switched off",
    async () => {
      retype("cx23", "cx33", ADDRESSES);
      const { code, document } = await stand.document("up", ...STACK, "--fault", "sold-out:cx33");
      expect(code).toBe(1);
      expect(document.errors.join("\n")).toContain("which is a cx23: sold out in fsn1 now");
      const view = await CloudView.open(stand, "local");
      const there = await servers(view);
      for (const name of MEMBERS) {
        expect([name, there.get(name)?.["status"], typeOf(there.get(name))]).toEqual([name, "running", "cx23"]);
        expect(await actions(view, there.get(name))).toHaveLength(before);
      }
      await view.close();
    },
    LIMIT,
  );

  test(
    "one up, one after the other, the first last; each shuts down by itself, and all are back",
    async () => {
      const { code, document } = await stand.document("up", ...STACK);
      expect([code, document.errors]).toEqual([0, []]);
      const view = await CloudView.open(stand, "local");
      const there = await servers(view);
      const off: Off[] = [];
      for (const name of MEMBERS) {
        expect([name, there.get(name)?.["status"], typeOf(there.get(name))]).toEqual([name, "running", "cx33"]);
        const done = (await actions(view, there.get(name))).slice(before);
        const times = done.flatMap(({ started, finished }) => [
          Date.parse(String(started)),
          Date.parse(String(finished)),
        ]);
        const commands = done.map(({ command }) => String(command));
        off.push({ name, from: Math.min(...times), until: Math.max(...times), commands });
      }
      await view.close();
      // Never hard.
      for (const { commands } of off) expect(commands).toEqual(["shutdown_server", "change_server_type"]);
      off.sort((a, b) => a.from - b.from);
      expect(off.map(({ name }) => name)).toEqual([...MEMBERS].reverse());
      for (const [i, { from }] of off.entries()) expect(from).toBeGreaterThan(off[i - 1]?.until ?? 0);
      // Nobody was met anew; what is sized by its machine follows.
      const changed = document.resources.filter(({ op }) => op !== "same");
      expect(new Set(changed.map(({ op }) => op))).toEqual(new Set(["update"]));
      expect(changed.filter(({ name }) => name.endsWith("-host-key"))).toEqual([]);
    },
    LIMIT,
  );

  test(
    "and then there is nothing to do",
    async () => {
      const { code, document } = await stand.document("up", ...STACK);
      expect([code, document.summary]).toEqual([
        0,
        expect.objectContaining({ create: 0, update: 0, replace: 0, delete: 0 }) as object,
      ]);
    },
    LIMIT,
  );
});
