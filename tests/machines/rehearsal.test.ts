import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { installTools, realMachinesAvailable } from "@standin/machines/real";
import { FleetNetwork } from "@standin/machines/real/fleetNetwork";
import { machineImage } from "../../rehearsal/machineImage";
import { CloudView } from "../scenario/support/cloudView";
import { Stand, type RunDocument } from "../scenario/support/stand";
import { log } from "./support/bench";
import { objection, questions } from "./support/consumers";
import { eventually } from "./support/faults";
import { machineMemory, memoryTable } from "./support/memory";
import { CACHE, NEEDS } from "./support/smallEstate";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);

const LIMIT = 900_000;
const REAL = ["--machines", "real"] as const;
const ARGS = ["--stack", "local", ...REAL] as const;
/** bastion 1, HAProxy 2, PostgreSQL 3, Redis 3, RabbitMQ 3, Galera 3, its proxies 2; K3s, MinIO and Qdrant are simulated. */
const MACHINES = 17;

(possible.ok ? describe : describe.skip)("the local stack on real machines, as an operator brings it up", () => {
  let stand: Stand;
  let view: CloudView | undefined;
  let fleetDir: string;
  let image: string;

  beforeAll(async () => {
    installTools(log);
    // The clients' programs are in it; the rehearsal would build it, too.
    image = (await machineImage({ cacheDir: CACHE, needs: NEEDS, log })).root;
    stand = new Stand();
    mkdirSync(CACHE, { recursive: true });
    symlinkSync(CACHE, join(stand.project, ".cache"));
    // Nobody in the local stack goes through PgBouncer; it is to be seen as well.
    stand.edit("stacks/local.ts", 'databaseVia: "leader"', 'databaseVia: "pooled"');
    // Debian 12's pools of sessions keep half of the connections: more than its small databases have to spare.
    for (const address of ["10.0.0.120", "10.0.0.121", "10.0.0.122"])
      stand.edit("stacks/local.ts", `"${address}", serverType: "cx23"`, `"${address}", serverType: "cx43"`);
    fleetDir = join(stand.state, "local-real-machines", "machines-real");
    view = await CloudView.open(stand, "local", ...REAL);
  }, LIMIT);
  afterAll(async () => {
    try {
      await view?.close();
    } finally {
      await stand?.dispose();
    }
  }, LIMIT);

  const up = async (): Promise<{ readonly document: RunDocument; readonly code: number | null }> => {
    const started = Date.now();
    const { code, document } = await stand.document("up", ...ARGS);
    log(`up of local with real machines: ${((Date.now() - started) / 1000).toFixed(0)} s`);
    return { code, document };
  };
  const opened = (): CloudView => {
    if (view === undefined) throw new Error("no cloud");
    return view;
  };

  test(
    "from nothing to every data service answering through its load balancer",
    async () => {
      const { code, document } = await up();
      expect(document.errors).toEqual([]);
      expect(document.resources.filter(({ status }) => status !== "done")).toEqual([]);
      expect(code).toBe(0);
      expect(document).toMatchObject({ ok: true, verdict: { ok: true } });
      expect(document.summary).toMatchObject({ update: 0, replace: 0, delete: 0, same: 0 });
      log(`${document.summary.create} resources`);

      const { name: namespace } = new FleetNetwork(fleetDir);
      const asked = await questions(opened(), { namespace, image }, "rehearsed");
      for (const question of asked) {
        // A load balancer looks at its targets every few seconds.
        await eventually(() => objection(question), 60_000);
        log(`answers: ${question.name}`);
      }
      expect(asked.map(({ name }) => name.split(" at ")[1])).toEqual([
        ...["10.0.0.10:5432", "10.0.0.10:5433", "10.0.0.10:6432", "10.0.0.10:6379", "10.0.0.10:5672"],
        "10.0.0.20:3306",
      ]);
      const machines = machineMemory(fleetDir);
      expect(machines).toHaveLength(MACHINES);
      for (const line of ["| group | machines | resident MiB | peak MiB |", ...memoryTable(machines)]) log(line);
      const total = machines.reduce((sum, { resident }) => sum + resident, 0);
      log(`${machines.length} machines: ${Math.round(total)} MiB resident`);
    },
    LIMIT,
  );

  test(
    "again: no change",
    async () => {
      const { code, document } = await up();
      expect(document.errors).toEqual([]);
      expect(document.summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
      expect(document.summary.same).toBeGreaterThan(300);
      expect(document).toMatchObject({ ok: true, verdict: { ok: true } });
      expect(code).toBe(0);
    },
    LIMIT,
  );
});
