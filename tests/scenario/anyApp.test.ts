import { get } from "node:http";
import { CloudView } from "./support/cloudView";
import { Stand } from "./support/stand";

const LIMIT = 300_000;

/** One of each kind of process, with all that goes with them. */
const APPS = `
      {
        name: "orders",
        image: "ghcr.io/keybuzzio/orders:1.4.0",
        needs: { postgres: { via: "pooled", extensions: ["vector"] }, redis: { index: 5 }, bucket: {} },
        configuredSecrets: { SHOP_TOKEN: "shopToken" },
        generatedSecrets: ["SESSION_SECRET"],
        files: { "/etc/orders/db": "{{DATABASE_URL}}" },
        sharedFiles: { path: "/data", sizeGb: 1 },
        migration: { command: ["migrate"] },
        processes: [
          {
            kind: "web",
            port: 3000,
            ports: { metrics: 9090 },
            health: { kind: "http", path: "/health" },
            scale: { min: 2, max: 3, memoryPercent: 80 },
            init: [{ name: "warm-up", command: ["warm"] }],
            sidecars: [{ name: "logs", image: "fluent/fluent-bit:4.0.3" }],
            expose: [{ host: "orders.staging.keybuzz.io", routes: [
              { kind: "http", path: "/", audience: "operators" },
              { kind: "http", path: "/admin", authentication: { kind: "basic", users: { mara: "SESSION_SECRET" } } },
              { kind: "redirect", path: "/old", to: "https://orders.staging.keybuzz.io", permanent: true },
            ] }],
          },
          { kind: "worker", health: { kind: "exit" }, scale: 1, rollout: "recreate" },
          { kind: "cron", name: "nightly", schedule: "0 3 * * *" },
          { kind: "daemon", name: "agent", health: { kind: "exec", command: ["alive"] } },
        ],
      },
      {
        name: "store",
        image: "store:1",
        processes: [
          { kind: "web", port: 80, health: { kind: "tcp" }, scale: 1, ownVolume: { path: "/data", sizeGb: 1 } },
        ],
      },
`;

/** Of Chatwoot. */
const MAIL = `
      smtp: { host: "smtp.example.org", port: 587, domain: "staging.keybuzz.io", username: "support" },
      mailboxPorts: [993, 587],
`;

const ORDERS = "orders.staging.keybuzz.io";

/** Of an answer to somebody outside. */
function statusOf(view: CloudView, path: string, login?: string, host = ORDERS): Promise<number> {
  const authorization = login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
  const headers = { host, ...authorization };
  return new Promise((resolve, reject) => {
    get(`${view.webEntry}${path}`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on("error", reject);
  });
}

describe("applications of all kinds, and nothing but their entries", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  test(
    "come up, are ready, and a second run changes nothing",
    async () => {
      const end = "    ],\n    chatwoot: {";
      stand.edit("stacks/staging.ts", end, `${APPS}${end}`);
      stand.edit("stacks/staging.ts", "      publicAttachments: true,\n", `${MAIL}      publicAttachments: true,\n`);
      const { document } = await stand.document("up", "--stack", "staging");
      expect(document.errors).toEqual([]);
      const view = await CloudView.open(stand, "staging");
      const names = async (kind: string): Promise<readonly string[]> =>
        (await view.kubernetes(kind))
          .map(({ metadata }) => metadata.name)
          .filter((name) => /^(orders|store)/.test(name));
      expect(await names("CronJob")).toEqual(["orders-nightly"]);
      expect(await names("DaemonSet")).toEqual(["orders-agent"]);
      expect(await names("StatefulSet")).toEqual(["store"]);
      expect([...(await names("Deployment"))].sort()).toEqual(["orders", "orders-worker"]);
      expect((await names("Job")).map((name) => name.replace(/-[0-9a-f]{8}$/, ""))).toEqual(["orders-migrate"]);
      expect(await statusOf(view, "/admin")).toBe(401);
      expect(await statusOf(view, "/admin", "mara:wrong")).toBe(401);
      const [secret] = (await view.kubernetes("Secret")).filter(({ metadata }) => metadata.name === "orders-secrets");
      const { SESSION_SECRET = "" } = (secret as unknown as { data: Record<string, string> }).data;
      const password = Buffer.from(SESSION_SECRET, "base64").toString();
      expect(await statusOf(view, "/admin", `mara:${password}`)).toBe(200);
      expect(await statusOf(view, "/old")).toBe(308);
      const attachment = "/keybuzz-chatwoot/8f/a.png?X-Amz-Expires=300&X-Amz-Signature=0a";
      expect(await statusOf(view, attachment, undefined, "files.staging.keybuzz.io")).toBe(200);
      expect(await statusOf(view, attachment, undefined, "files.keybuzz.io")).toBe(404);
      const settings = (await view.kubernetes("ConfigMap")).map((one) => (one as unknown as { data?: object }).data);
      expect(settings).toContainEqual(
        expect.objectContaining({ SMTP_ADDRESS: "smtp.example.org", SMTP_PORT: "587" }) as object,
      );
      const allowed = (await view.kubernetes("NetworkPolicy")).filter(({ metadata }) =>
        /chatwoot-worker/.test(metadata.name),
      );
      expect(JSON.stringify(allowed)).toMatch(/"port":993/);
      await view.close();
      const { document: again } = await stand.document("up", "--stack", "staging");
      expect(again.summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
    },
    3 * LIMIT,
  );
});
