import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPrices } from "../../cost/prices";
import { TestCloud } from "../packages/hetzner-api/support/testCloud";

jest.setTimeout(120_000);

const ROOT = join(__dirname, "..", "..");
const cloud = new TestCloud();
const folder = mkdtempSync(join(tmpdir(), "keybuzz-prices-"));
const out = join(folder, "prices.json");

beforeAll(() => cloud.start());
afterAll(async () => {
  await cloud.dispose();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => rmSync(out, { force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(tool: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { HCLOUD_TOKEN: _token, HCLOUD_ENDPOINT: _endpoint, ...own } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", `tools/${tool}.ts`, ...args], {
    cwd: ROOT,
    env: { ...own, ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (part: Buffer) => (stdout += part.toString()));
  child.stderr.on("data", (part: Buffer) => (stderr += part.toString()));
  return new Promise((done) => child.once("close", (code) => done({ code, stdout, stderr })));
}

const prices = (env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ended> =>
  run("prices", ["--out", out, ...args], env);

test("what Hetzner answers becomes the table", async () => {
  const { code, stdout } = await prices({ HCLOUD_TOKEN: cloud.token, HCLOUD_ENDPOINT: cloud.endpoint });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\S+prices\.json: prices of \d{4}-\d\d-\d\d\.\n/);
  const table = readPrices(readFileSync(out, "utf8"), out);
  expect(table).toMatchObject({ currency: "EUR", of: "Hetzner Cloud, fsn1, a month, without VAT" });
  expect(table.servers["cx23"]).toBeGreaterThan(0);
  expect(table.loadBalancers["lb11"]).toBeGreaterThan(0);
  expect(JSON.stringify(table)).not.toContain(cloud.token);
});

test.each([
  [
    "no token",
    {},
    [],
    2,
    /^HCLOUD_TOKEN is not set: prices stay those of \d{4}-\d\d-\d\d; a token that may only read is enough\n$/,
  ],
  [
    "nobody answers",
    { HCLOUD_TOKEN: "t", HCLOUD_ENDPOINT: "http://127.0.0.1:1/v1" },
    [],
    1,
    /^http:\/\/127\.0\.0\.1:1\/v1\/pricing does not answer \(.+\): prices stay those of \S+\n$/,
  ],
  [
    "a token sent in the clear",
    { HCLOUD_TOKEN: "t", HCLOUD_ENDPOINT: "http://example.com/v1" },
    [],
    2,
    /^HCLOUD_ENDPOINT http:\/\/example\.com\/v1: allowed are https addresses/,
  ],
] as const)("%s: one sentence, and nothing is written", async (_, env, args, code, said) => {
  expect(await prices(env, ...args)).toEqual({ code, stdout: "", stderr: expect.stringMatching(said) as string });
  expect(existsSync(out)).toBe(false);
});

test("a wrong token and a wrong place, too", async () => {
  const wrong = await prices({ HCLOUD_TOKEN: "nobody's", HCLOUD_ENDPOINT: cloud.endpoint });
  expect(wrong).toEqual({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/answers 401, the token is not known: prices stay/) as string,
  });
  expect(wrong.stderr).not.toContain("nobody's");
  const place = await prices({ HCLOUD_TOKEN: cloud.token, HCLOUD_ENDPOINT: cloud.endpoint }, "--location", "moon1");
  expect(place).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Hetzner has no servers in moon1; allowed: .*fsn1/) as string,
  });
  expect(existsSync(out)).toBe(false);
});

test("npm run cost: a month of a stack, kind by kind; what nobody knows is named", async () => {
  const { code, stdout } = await run("cost", ["--stack", "local"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^local costs [\d,.]+ EUR a month, without 1 load balancer type lb21, whose price is not known\.\n/,
  );
  expect(stdout).toMatch(/^ {2}21 x server type cx23 +115\.29$/m);
  expect(stdout).toMatch(/^ {2}1 x load balancer type lb21 +not known$/m);
  expect(stdout).toMatch(/^Prices of \d{4}-\d\d-\d\d: /m);
});
