import { CloudView } from "./support/cloudView";
import { Stand, type RunDocument } from "./support/stand";

// Workloads are taken out of an estate that lives, with what they keep: refused first, then by consent.
const LIMIT = 300_000;
const STACK = ["--stack", "staging"] as const;
const FILE = "stacks/staging.ts";
const FRONT = "      keybuzzFront(";
const STORE_AND_FRONT =
  '      { name: "store", image: "store:1", processes: [{ kind: "web", port: 80, health: { kind: "tcp" }, scale: 1, ownVolume: { path: "/data", sizeGb: 1 } }] },\n      keybuzzFront(';
const SUPERSET = "    superset: {";
const N8N_AND_SUPERSET =
  '    n8n: { image: VERSIONS.images.n8n, host: "n8n.staging.keybuzz.io", workerReplicas: 1, webhookReplicas: 1 },\n    superset: {';

describe("a workload that is taken out", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  const up = async (...args: readonly string[]): Promise<RunDocument> => {
    const { code, document, stderr } = await stand.document("up", ...STACK, ...args);
    if (code !== 0) throw new Error(`up ended with ${code}:\n${document.errors.join("\n")}\n${stderr.slice(-4000)}`);
    return document;
  };
  const keyOfN8n = async (): Promise<unknown> => {
    const view = await CloudView.open(stand, "staging");
    const secrets = await view.kubernetes("Secret");
    await view.close();
    const secret = secrets.find(({ metadata }) => metadata.name === "n8n-secrets") as unknown as
      { readonly data: Readonly<Record<string, string>> } | undefined;
    return secret?.data["N8N_ENCRYPTION_KEY"];
  };
  let key: unknown;

  test(
    "an estate that lives is protected in place: nothing is made anew, and no pod is replaced",
    async () => {
      stand.edit(FILE, FRONT, STORE_AND_FRONT);
      await up();
      key = await keyOfN8n();
      expect(key).toEqual(expect.any(String));
      stand.edit(FILE, "protect: false", "protect: true");
      const { summary, resources } = await up();
      expect(summary).toMatchObject({ create: 0, replace: 0, delete: 0 });
      // Hetzner's own protection is told to Hetzner.
      expect(resources.filter(({ op, type }) => op === "update" && !type.startsWith("hcloud:"))).toEqual([]);
    },
    2 * LIMIT,
  );

  test(
    "without consent it is refused before anything is done, with what would be lost",
    async () => {
      stand.edit(FILE, N8N_AND_SUPERSET, SUPERSET);
      stand.edit(FILE, STORE_AND_FRONT, FRONT);
      const { code, document } = await stand.document("up", ...STACK);
      expect(code).toBe(1);
      const failed = document.resources.filter(({ status }) => status === "failed").map(({ name }) => name);
      expect([...failed].sort()).toEqual(["n8n/encryption-key", "namespaces-store"]);
      const told = await stand.run("up", ...STACK);
      expect(told.stdout).toContain("REFUSED: 2 protected resources would have to go. Nothing was touched.");
      expect(told.stdout).toMatch(/n8n\/encryption-key \(a key: what it encrypts can be read by nobody any more\)/);
      expect(told.stdout).toMatch(/namespaces-store \(everything in it, with its claims and what is stored in them\)/);
      expect(await keyOfN8n()).toBe(key);
    },
    LIMIT,
  );

  test(
    "put back, it has the same key",
    async () => {
      stand.edit(FILE, SUPERSET, N8N_AND_SUPERSET);
      stand.edit(FILE, FRONT, STORE_AND_FRONT);
      expect((await up()).summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
      expect(await keyOfN8n()).toBe(key);
    },
    LIMIT,
  );

  test(
    "with consent, which says what can be lost, it goes; and it comes again as a new one",
    async () => {
      const { code, stderr, document } = await stand.document("up", ...STACK, "--consent", "n8n");
      expect([code, document.summary]).toEqual([
        0,
        expect.objectContaining({ create: 0, update: 0, replace: 0, delete: 0 }) as object,
      ]);
      expect(stderr).toContain("the key of the credentials in n8n's database: nobody can read them any more");
      stand.edit(FILE, N8N_AND_SUPERSET, SUPERSET);
      const gone = await up();
      const names = gone.resources.filter(({ op }) => op === "delete").map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(["n8n/encryption-key", "namespaces-n8n"]));
      expect(names.filter((name) => name.includes("store"))).toEqual([]);
      stand.edit(FILE, SUPERSET, N8N_AND_SUPERSET);
      await up();
      expect(await keyOfN8n()).toEqual(expect.any(String));
      expect(await keyOfN8n()).not.toBe(key);
    },
    2 * LIMIT,
  );
});
