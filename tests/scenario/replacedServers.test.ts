import { CloudView, type Row } from "./support/cloudView";
import { Stand, type DocumentResource, type RunDocument } from "./support/stand";

// A server of every role goes and comes back, as Pulumi replaces it: delete first, under the same name and address, its
// Node drained before, its balancers following. What the daemons then do on real machines: tests/machines.
const LIMIT = 300_000;
const FILE = "stacks/prod.ts";
/** One of each role but the bastion, and of those that vote never more than one. */
const REPLACED: readonly string[] = [
  "haproxy-02",
  // The first: whether it makes a cluster or joins one is no matter of its place in the list.
  "k3s-master-01",
  "k3s-worker-04",
  "db-slave-02",
  "redis-02",
  "queue-03",
  "minio-01",
  "vector-01",
  "maria-02",
  "proxysql-01",
];
const ELSEWHERE = 'location: "nbg1"';

const at = <T>(value: unknown, ...path: (string | number)[]): T =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value) as T;

interface Seen {
  readonly servers: ReadonlyMap<string, Row>;
  /** Names of the servers behind each balancer, sorted. */
  readonly targets: ReadonlyMap<string, readonly string[]>;
  /** Of each Node: when it came, and whether it is ready. */
  readonly nodes: ReadonlyMap<string, string>;
  readonly mismatch: object;
}

describe("servers of every role, replaced through the engine", () => {
  const stand = new Stand();
  let before: Seen;
  afterAll(() => stand.dispose());

  const up = async (consent: readonly string[] = []): Promise<RunDocument> => {
    const { code, document, stderr } = await stand.document("up", ...consent.flatMap((name) => ["--consent", name]));
    if (code !== 0) throw new Error(`up ended with ${code}:\n${document.errors.join("\n")}\n${stderr.slice(-4000)}`);
    return document;
  };
  const look = async (): Promise<Seen> => {
    const view = await CloudView.open(stand, "prod");
    const servers = await view.hetzner("servers");
    const names = new Map(servers.map(({ id, name }) => [id, String(name)]));
    const balancers = await view.hetzner("load_balancers");
    const nodes = await view.kubernetes("Node");
    const mismatch = await view.mismatch();
    await view.close();
    return {
      servers: new Map(servers.map((row) => [String(row["name"]), row])),
      targets: new Map(
        balancers.map((row) => [
          String(row["name"]),
          at<Row[]>(row, "targets")
            .map((target) => names.get(at(target, "server", "id")) ?? "a server that is gone")
            .sort(),
        ]),
      ),
      nodes: new Map(nodes.map(({ metadata }) => [metadata.name, metadata.creationTimestamp])),
      mismatch,
    };
  };
  const move = (name: string): void => {
    if (name.startsWith("k3s-worker-")) {
      const workers = 'duties: { 3: "ai", 5: "monitoring" } })';
      stand.edit(FILE, workers, `${workers}.map((one) => (one.name === "${name}" ? { ...one, ${ELSEWHERE} } : one))`);
    } else stand.edit(FILE, `{ name: "${name}",`, `{ name: "${name}", ${ELSEWHERE},`);
  };
  const changed = (after: Seen): string[] =>
    [...after.servers].filter(([name, row]) => before.servers.get(name)?.["id"] !== row["id"]).map(([name]) => name);
  /** What is of others in it, balancers and members of its group, is left out. */
  const lasting = ({ load_balancers: _lbs, placement_group: _group, ...row }: Row = {}): object => row;

  test(
    "an estate, and then the consent for those that may go: nothing else is done",
    async () => {
      await up();
      before = await look();
      const { summary } = await up(REPLACED);
      expect(summary).toMatchObject({ create: 0, replace: 0, delete: 0 });
    },
    LIMIT,
  );

  test(
    "without the consent nothing moves",
    async () => {
      for (const name of REPLACED) move(name);
      const { code, document } = await stand.document("up", "--consent", "db-slave-02");
      expect(code).toBe(1);
      expect(document.errors.join("\n")).toContain(
        'hosts[2] (haproxy-02).location: found "nbg1", while haproxy-02 is in fsn1; allowed: where it is',
      );
      expect(document.errors.join("\n")).not.toContain("while db-slave-02 is in");
    },
    LIMIT,
  );

  test(
    "each is replaced under its name and address, retired before and configured after",
    async () => {
      const { resources } = await up(REPLACED);
      const after = await look();
      expect(changed(after).sort()).toEqual([...REPLACED].sort());
      for (const name of REPLACED) {
        const row = after.servers.get(name);
        expect(at(row, "location", "name")).toBe("nbg1");
        expect([at(row, "private_net", 0, "ip"), row?.["status"]]).toEqual([
          at(before.servers.get(name), "private_net", 0, "ip"),
          "running",
        ]);
        expect(at<Row | null>(row, "placement_group")?.["name"]).toBe(
          at<Row | null>(before.servers.get(name), "placement_group")?.["name"],
        );
      }
      expect(after.targets).toEqual(before.targets);
      expect(after.mismatch).toEqual({ orphans: [], lost: [] });
      const ops = (find: (one: DocumentResource) => boolean): string[] =>
        resources.filter((one) => one.op !== "same" && find(one)).map(({ name, op }) => `${op} ${name}`);
      // Who it is is learned anew, and what must be on it is put there.
      expect(ops(({ name }) => name.endsWith("-host-key")).sort()).toEqual(
        REPLACED.map((name) => `replace ${name}-host-key`).sort(),
      );
      for (const name of REPLACED)
        expect(ops((one) => one.name === `${name}-config`)).toEqual([`replace ${name}-config`]);
      const retired = ["k3s-master-01", "k3s-worker-04"];
      expect(ops(({ name }) => name.endsWith("-retire"))).toEqual(
        expect.arrayContaining(retired.map((name) => `replace ${name}-retire`)),
      );
      // The Node went with its machine, and another came.
      expect([...after.nodes.keys()].sort()).toEqual([...before.nodes.keys()].sort());
    },
    LIMIT,
  );

  test(
    "the protection is there again, and then nothing is left to do",
    async () => {
      expect((await up()).summary).toMatchObject({ create: 0, replace: 0, delete: 0 });
      expect((await up()).summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
      const { servers } = await look();
      expect(at(servers.get("db-slave-02"), "protection")).toEqual({ delete: true, rebuild: true });
      for (const [name, row] of servers)
        if (!REPLACED.includes(name)) expect(lasting(row)).toEqual(lasting(before.servers.get(name)));
    },
    LIMIT,
  );

  test(
    "the bastion, through which all others are reached, and its public address",
    async () => {
      before = await look();
      await up(["bastion-01"]);
      move("bastion-01");
      await up(["bastion-01"]);
      const after = await look();
      expect(changed(after)).toEqual(["bastion-01"]);
      expect(at(after.servers.get("bastion-01"), "private_net", 0, "ip")).toBe("10.0.0.9");
      expect(after.mismatch).toEqual({ orphans: [], lost: [] });
      await up();
      expect((await up()).summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
    },
    LIMIT,
  );
});
