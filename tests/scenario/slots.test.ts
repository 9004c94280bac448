import { Stand } from "./support/stand";

// A run has so many slots, and a step that waits holds one: nobody may wait for what has not begun.
const LIMIT = 300_000;

describe("prod from nothing", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  test(
    "one step at a time ends in the whole estate",
    async () => {
      const { code, document } = await stand.document("up", "--parallel", "1");
      expect(document.errors).toEqual([]);
      expect(code).toBe(0);
      expect(document.summary.create).toBe(document.resources.length);
      const again = await stand.document("up", "--parallel", "2");
      expect(again.document.summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
    },
    LIMIT,
  );
});

describe("prod from nothing, as it was: a host's script waits for what it starts", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  test(
    "never ends with two slots: who waits has both, and the others never begin",
    async () => {
      stand.edit("components/machines/render.ts", "waitsForPeers === true", "waitsForPeers === undefined");
      const { code, document } = await stand.document("up", "--parallel", "2");
      expect(code).not.toBe(0);
      // The rehearsal's patience; real machines have half an hour of it.
      expect(document.resources.map(({ error }) => error).join("\n")).toMatch(
        /\.service has not started within 60 s: it waits for /,
      );
    },
    LIMIT,
  );
});

describe("prod from nothing, with a worker that is sold out", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  test(
    "lacks that worker and nothing else, where the run goes on",
    async () => {
      const fault = "resource_unavailable@POST/servers,of=k3s-worker-01";
      const { code, document } = await stand.document("up", "--continue-on-error", "--fault", fault);
      expect(code).not.toBe(0);
      expect(document.resources.filter(({ status }) => status !== "done").map(({ name }) => name)).toEqual([
        "k3s-worker-01",
      ]);
      const deployments = document.resources.filter(({ type }) => type.endsWith(":Deployment"));
      expect(deployments.map(({ name }) => name)).toEqual(
        expect.arrayContaining(["chatwoot-web-deployment", "keybuzz-api-deployment", "n8n-main-deployment"]),
      );
    },
    LIMIT,
  );
});
