import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostKeyPair } from "@standin/machines/simulated/hostKeyPair";
import { PROBE, SmallEstate } from "../machines/support/smallEstate";
import type { RunDocument } from "./support/stand";

const LIMIT = 240_000;
const HOST = "redis-01";
const ADDRESS = "10.0.0.123";

/** tests/machines/badHosts.test.ts is the same on machines that are there. */
describe("a host that cannot be reached, or is not who it was (simulated machines, real SSH)", () => {
  let estate: SmallEstate;
  let api: Readonly<Record<string, string>>;

  const open = async (): Promise<void> => {
    api = (await estate.openCloud()).env;
  };
  const up = async (): Promise<RunDocument & { readonly seconds: number }> => {
    const started = Date.now();
    const { document } = await estate.document("up", ...estate.arguments);
    return { ...document, seconds: (Date.now() - started) / 1000 };
  };
  /** What Hetzner's console would do. */
  const power = async (action: "poweroff" | "poweron"): Promise<void> => {
    const ask = async <T>(path: string, method = "GET"): Promise<T> => {
      const headers = { authorization: `Bearer ${api["HCLOUD_TOKEN"] ?? ""}` };
      const response = await fetch(`${api["HCLOUD_ENDPOINT"] ?? ""}${path}`, { method, headers });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    };
    const { servers } = await ask<{ servers: { id: number; status: string }[] }>(`/servers?name=${HOST}`);
    const [server] = servers;
    if (server === undefined) throw new Error(`no server ${HOST}`);
    await ask(`/servers/${server.id}/actions/${action}`, "POST");
    const wanted = action === "poweron" ? "running" : "off";
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if ((await ask<{ server: { status: string } }>(`/servers/${server.id}`)).server.status === wanted) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${HOST} is not ${wanted}`);
  };
  const onDisk = (host: string, ...path: string[]): string => join(estate.stackDir, "machines", host, ...path);
  const probe = (host: string): string => readFileSync(onDisk(host, "fs", PROBE), "utf8").trim();
  const failed = ({ resources }: RunDocument): readonly (readonly [string, string])[] =>
    resources.filter(({ status }) => status === "failed").map(({ name, error }) => [name, error ?? ""]);

  beforeAll(async () => {
    estate = new SmallEstate("simulated");
    await open();
    expect((await up()).errors).toEqual([]);
  }, LIMIT);
  afterAll(() => estate.dispose(), LIMIT);

  test(
    "without power: host, step and remedy in bounded time; the next up goes on",
    async () => {
      await power("poweroff");
      const revision = estate.change();
      const run = await up();
      expect(failed(run).map(([name]) => name)).toEqual([`${HOST}-config`]);
      expect(failed(run)[0]?.[1]).toMatch(
        new RegExp(
          `${HOST}-config: host ${ADDRESS}: step connect: .*the bastion \\S+ cannot reach it .*13 attempt.*remedy: check that the machine is on`,
        ),
      );
      expect(run.seconds).toBeLessThan(120);
      expect(probe(HOST)).not.toBe(revision);

      await power("poweron");
      const next = await up();
      expect(next.errors).toEqual([]);
      expect(next.summary).toMatchObject({ create: 0, replace: 0, delete: 0 });
      for (const host of [HOST, "haproxy-01"]) expect(probe(host)).toBe(revision);
      expect((await up()).summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
    },
    LIMIT,
  );

  test(
    "with another host key: refused at once, nothing sent; the next up goes on",
    async () => {
      await estate.closeCloud();
      const key = readFileSync(onDisk(HOST, "host_key"), "utf8");
      const history = (): string => readFileSync(onDisk(HOST, "history.jsonl"), "utf8");
      writeFileSync(onDisk(HOST, "host_key"), hostKeyPair("stranger").private);
      await open();
      const revision = estate.change();
      const before = history();
      const run = await up();
      expect(failed(run).map(([name]) => name)).toEqual([`${HOST}-config`]);
      expect(failed(run)[0]?.[1]).toMatch(
        new RegExp(`host ${ADDRESS}: step connect: .*its host key is not the expected one; remedy: .*-host-key`),
      );
      expect(history()).toBe(before);
      expect(probe(HOST)).not.toBe(revision);

      await estate.closeCloud();
      writeFileSync(onDisk(HOST, "host_key"), key);
      await open();
      expect((await up()).errors).toEqual([]);
      for (const host of [HOST, "haproxy-01"]) expect(probe(host)).toBe(revision);
    },
    LIMIT,
  );
});
