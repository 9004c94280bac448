import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { snapshotScript, snapshotStorage } from "../../../../components/data/qdrant/qdrantSnapshots";

const KEY = "the-key-of-a-test";
const hasPython = spawnSync("python3", ["--version"]).status === 0;
if (!hasPython) process.stderr.write("skipped: Qdrant's snapshot script: python3 is not on PATH\n");

interface Snapshot {
  readonly name: string;
  readonly creation_time: string;
}

/** Answers as Qdrant's API does, and remembers. */
class StandInQdrant {
  readonly snapshots = new Map<string, Snapshot[]>();
  /** Collections of which no snapshot can be made. */
  readonly broken = new Set<string>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const [, , encoded = "", , snapshot = ""] = (request.url ?? "").split("/");
      const collection = decodeURIComponent(encoded);
      const answer = (status: number, result: unknown): void =>
        void response.writeHead(status).end(JSON.stringify({ result }));
      if (request.headers["api-key"] !== KEY) return answer(401, null);
      if (encoded === "") return answer(200, { collections: [...this.snapshots.keys()].map((name) => ({ name })) });
      const there = this.snapshots.get(collection);
      if (there === undefined || this.broken.has(collection)) return answer(500, null);
      if (request.method === "POST") {
        const made = { name: `${collection}-new.snapshot`, creation_time: "2026-11-21T02:15:00" };
        there.push(made);
        return answer(200, made);
      }
      if (request.method === "DELETE") {
        this.snapshots.set(
          collection,
          there.filter(({ name }) => name !== decodeURIComponent(snapshot)),
        );
        return answer(200, true);
      }
      return answer(200, there);
    });
  }

  static async start(): Promise<StandInQdrant> {
    const made = new StandInQdrant();
    await new Promise<void>((resolve) => made.#server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  names(collection: string): readonly string[] {
    return (this.snapshots.get(collection) ?? []).map(({ name }) => name);
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

describe("where snapshots go", () => {
  test("to the bucket; its secret key is in the environment file alone", () => {
    const { config, environment } = snapshotStorage({
      address: { host: "10.0.0.134", port: 9000 } as never,
      url: "http://10.0.0.134:9000",
      bucket: "keybuzz-vectors",
      region: "us-east-1",
      accessKey: "keybuzz-vectors",
      secretKey: "PLACEHOLDER",
    });
    expect(config).toMatchObject({ snapshots_storage: "s3", s3_config: { endpoint_url: "http://10.0.0.134:9000" } });
    expect(JSON.stringify(config)).not.toContain("PLACEHOLDER");
    expect(environment).toEqual(["QDRANT__STORAGE__SNAPSHOTS_CONFIG__S3_CONFIG__SECRET_KEY=PLACEHOLDER"]);
  });
});

(hasPython ? describe : describe.skip)("the nightly script", () => {
  let folder: string;
  let qdrant: StandInQdrant;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "keybuzz-qdrant-"));
    qdrant = await StandInQdrant.start();
  });
  afterEach(async () => {
    await qdrant.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function run(url = qdrant.url): Promise<{ readonly ok: boolean; readonly said: string }> {
    const environmentFile = join(folder, "environment");
    writeFileSync(environmentFile, `QDRANT__SERVICE__API_KEY=${KEY}\n`);
    const script = join(folder, "script");
    writeFileSync(script, snapshotScript({ url, environmentFile }));
    return new Promise((resolve) =>
      execFile("python3", [script], (error, out, err) => resolve({ ok: error === null, said: `${out}${err}` })),
    );
  }

  const old = (collection: string, day: number): Snapshot => ({
    name: `${collection}-${day}.snapshot`,
    creation_time: `2026-11-0${day}T02:15:00`,
  });

  test("makes one of each collection, and keeps the three newest", async () => {
    qdrant.snapshots.set(
      "messages/v2",
      [4, 1, 3, 2].map((day) => old("messages/v2", day)),
    );
    qdrant.snapshots.set("articles", []);
    const { ok, said } = await run();
    expect({ ok, said }).toMatchObject({ ok: true });
    expect(qdrant.names("articles")).toEqual(["articles-new.snapshot"]);
    expect(qdrant.names("messages/v2").toSorted()).toEqual(
      ["messages/v2-3.snapshot", "messages/v2-4.snapshot", "messages/v2-new.snapshot"].toSorted(),
    );
  });

  test("a collection that fails keeps what it has, the others go on, and the job fails by name", async () => {
    qdrant.snapshots.set(
      "articles",
      [1, 2, 3, 4].map((day) => old("articles", day)),
    );
    qdrant.snapshots.set("messages", []);
    qdrant.broken.add("articles");
    const { ok, said } = await run();
    expect(ok).toBe(false);
    expect(said).toMatch(/no snapshot of articles: .*500.*remedy/);
    expect(said).not.toContain(KEY);
    expect(qdrant.names("articles")).toHaveLength(4);
    expect(qdrant.names("messages")).toEqual(["messages-new.snapshot"]);
  });

  test("without Qdrant it says so", async () => {
    const { ok, said } = await run("http://127.0.0.1:9");
    expect(ok).toBe(false);
    expect(said).toMatch(/127.0.0.1:9 does not list its collections: .*remedy: systemctl status qdrant/);
    expect(said).not.toContain("Traceback");
  });
});
