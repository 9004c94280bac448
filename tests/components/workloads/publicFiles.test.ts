import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { publicFilesConfig, PUBLIC_FILES_PORT } from "../../../components/workloads/publicFilesConfig";
import { findChecker } from "../../support/checkers";
import { openStore, signedAddress, type SignedStore } from "../../support/signedStore";

const nginx = findChecker("nginx");
const HOST = "files.keybuzz.io";
const SECRET = "chatwoot's";

/** The real nginx, with the configuration of production but for its ports and its directory. */
(nginx === undefined ? describe.skip : describe)("the way to published objects", () => {
  const dir = mkdtempSync(join(tmpdir(), "keybuzz-files-"));
  let store: SignedStore;
  let daemon: ChildProcess;
  let port: number;

  beforeAll(async () => {
    store = await openStore(SECRET);
    port = await freePort();
    const file = join(dir, "nginx.conf");
    const config = publicFilesConfig(`127.0.0.1:${store.port}`, ["keybuzz-chatwoot", "keybuzz-shop"]);
    writeFileSync(
      file,
      config.replaceAll("/tmp/", `${dir}/`).replace(`listen ${PUBLIC_FILES_PORT};`, `listen 127.0.0.1:${port};`),
    );
    // As the container's own user, where this one is root.
    const user = process.getuid?.() === 0 ? "user root; " : "";
    daemon = spawn(nginx ?? "", ["-e", "/dev/stderr", "-c", file, "-g", `${user}daemon off;`], { stdio: "ignore" });
    for (let tries = 0; (await ask("/healthz").catch(() => undefined))?.status !== 200; tries++) {
      if (tries > 100) throw new Error("nginx does not start");
      await pause(50);
    }
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => daemon.once("exit", resolve));
    daemon.kill("SIGTERM");
    await ended;
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(() => void store.arrived.splice(0));

  interface Answer {
    readonly status: number | undefined;
    readonly body: string;
    readonly headers: Readonly<Record<string, unknown>>;
  }

  /** The path as it is written: a URL would tidy it up. */
  function ask(path: string, method = "GET", headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: "127.0.0.1", port, path, method, headers: { host: HOST, ...headers } },
        (response) => {
          let body = "";
          response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
          response.on("end", () => resolve({ status: response.statusCode, body, headers: response.headers }));
        },
      );
      sent.on("error", reject).end();
    });
  }

  test("a signed address is fetched: host, path and query arrive as they were signed", async () => {
    const disposition = { "response-content-disposition": "inline; filename=\"a b.png\"; filename*=UTF-8''a%20b.png" };
    const address = signedAddress(HOST, "/keybuzz-chatwoot/8f/a%20b%2Bc.png", SECRET, disposition);
    expect(await ask(address)).toMatchObject({
      status: 200,
      body: "object /keybuzz-chatwoot/8f/a%20b%2Bc.png",
      headers: { "x-content-type-options": "nosniff" },
    });
    expect(store.arrived).toMatchObject([{ method: "GET", host: HOST, url: address }]);
  });

  test("what is not signed, or for another host, is for the store to refuse; nothing is added that would sign it", async () => {
    expect((await ask("/keybuzz-chatwoot/a.png")).status).toBe(403);
    const elsewhere = signedAddress("10.0.0.134:9000", "/keybuzz-chatwoot/a.png", SECRET);
    expect((await ask(elsewhere)).status).toBe(403);
    expect(store.arrived).toHaveLength(2);
  });

  test.each([
    ["another bucket", "/keybuzz-backups/postgres/base.tar"],
    ["a bucket with a longer name", "/keybuzz-chatwoot2/a"],
    ["the list of buckets", "/"],
    ["the list of objects", "/keybuzz-chatwoot?list-type=2"],
    ["the list of objects, with its slash", "/keybuzz-chatwoot/?list-type=2"],
    ["MinIO's administration", "/minio/admin/v3/info"],
    ["MinIO's metrics", "/minio/v2/metrics/cluster"],
    ["a step up", "/keybuzz-chatwoot/../keybuzz-backups/a"],
    ["a step up that is written in code", "/keybuzz-chatwoot/%2e%2e/keybuzz-backups/a"],
    ["a step up within one name", "/keybuzz-chatwoot/..%2fkeybuzz-backups%2fa"],
    ["a way down from elsewhere", "/keybuzz-backups/../keybuzz-chatwoot/a"],
    ["a slash too many", "//keybuzz-chatwoot/a"],
    ["a backslash", "/keybuzz-chatwoot/..%5Ckeybuzz-backups/a"],
  ])("%s never reaches the store, whoever signed it", async (_what, path) => {
    const [own = "", query = ""] = path.split("?");
    const more = query === "" ? {} : { "list-type": "2" };
    expect((await ask(signedAddress(HOST, own, SECRET, more))).status).toBe(404);
    expect(store.arrived).toEqual([]);
  });

  test.each(["PUT", "POST", "DELETE", "PATCH", "OPTIONS"])("%s never reaches the store", async (method) => {
    expect((await ask(signedAddress(HOST, "/keybuzz-chatwoot/a", SECRET), method)).status).toBe(403);
    expect(store.arrived).toEqual([]);
  });

  test("a part of an object is a part; cookies stay outside", async () => {
    const address = signedAddress(HOST, "/keybuzz-shop/a", SECRET);
    expect((await ask(address, "GET", { cookie: "session=1", range: "bytes=0-1" })).status).toBe(200);
    const [{ headers } = { headers: {} }] = store.arrived;
    expect(headers).toMatchObject({ range: "bytes=0-1" });
    expect(headers).not.toHaveProperty("cookie");
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
