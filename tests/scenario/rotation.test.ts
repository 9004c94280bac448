import { CloudView } from "./support/cloudView";
import { Stand } from "./support/stand";

const LIMIT = 300_000;
const ROTATED = ["postgres/chatwoot", "redis/default", "minio/keybuzz-chatwoot", "postgres/staging-haproxy-01"];

describe("passwords and a certificate are rotated by one change and one up", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  test(
    "daemons first, then consumers, and the old login ends after the last of them; then nothing changes",
    async () => {
      const { document: before } = await stand.document("up", "--stack", "staging");
      expect(before.errors).toEqual([]);
      stand.edit(
        "stacks/staging.ts",
        "  protect:",
        `  rotations: { ${ROTATED.map((id) => `"${id}": 1`).join(", ")} },\n  protect:`,
      );
      const { code, document } = await stand.document("up", "--stack", "staging");
      expect(document.errors).toEqual([]);
      expect(code).toBe(0);
      const named = document.resources.filter(({ op }) => op !== "same").map(({ name, op }) => `${op} ${name}`);
      expect(named.filter((one) => /retire|accounts|replace/.test(one)).sort()).toEqual([
        "create object-store-retire",
        "create postgres-retire",
        "create redis-accounts",
        "create redis-retire",
        "replace chatwoot-first-account",
        "replace chatwoot-migration",
        "replace minio/keybuzz-chatwoot",
        "replace postgres/chatwoot",
        "replace redis/default",
        "update object-store-accounts",
      ]);
      // Key, request and certificate.
      for (const op of ["create postgres/staging-haproxy-01-1", "delete postgres/staging-haproxy-01"])
        expect(named.filter((one) => one === op)).toHaveLength(3);
      const place = (name: string) => named.findIndex((one) => one.endsWith(` ${name}`));
      expect(place("postgres-databases")).toBeGreaterThanOrEqual(0);
      expect(place("postgres-databases")).toBeLessThan(place("chatwoot-web-deployment"));
      expect(place("redis-accounts")).toBeLessThan(place("chatwoot-web-deployment"));
      for (const consumer of ["chatwoot-web-deployment", "chatwoot-worker-deployment"]) {
        expect(place(consumer)).toBeGreaterThanOrEqual(0);
        for (const end of ["postgres-retire", "redis-retire", "object-store-retire"])
          expect(place(consumer)).toBeLessThan(place(end));
      }
      const view = await CloudView.open(stand, "staging");
      const config = (await view.kubernetes("ConfigMap")).find(({ metadata }) => metadata.name === "chatwoot-config");
      await view.close();
      expect(config).toMatchObject({ data: { POSTGRES_USERNAME: "chatwoot_b" } });
      const { document: again } = await stand.document("up", "--stack", "staging");
      expect(again.summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
    },
    2 * LIMIT,
  );
});
