import { symlinkSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Stand, type RunDocument } from "../scenario/support/stand";
import { describeWithPulumi } from "./support/cli";
import { comparable, DRAWN, NORMALISATIONS } from "./support/comparison";

/** Each run starts a real Kubernetes API; a busy machine's. */
const LIMIT = 1_800_000;
const ALL = [...NORMALISATIONS, ...DRAWN];

// Each step builds on the one before.
describeWithPulumi("cli and Kubernetes")("the production estate under the Pulumi CLI and its providers", () => {
  let stand: Stand;
  let up: RunDocument;
  const run = async (...args: string[]): Promise<RunDocument> => {
    const { code, document } = await stand.document(...args, "--engine", "pulumi");
    if (code !== 0) throw new Error(`${args.join(" ")}: exit code ${code}: ${JSON.stringify(failures(document))}`);
    return document;
  };
  const failures = ({ errors, resources }: RunDocument): unknown => [
    ...errors,
    ...resources.filter(({ status }) => status !== "done").map(({ name, error }) => ({ name, error })),
  ];

  beforeAll(async () => {
    stand = new Stand();
    // The Kubernetes binaries are built once, not for each copy.
    const cache = join(__dirname, "..", "..", ".cache");
    mkdirSync(cache, { recursive: true });
    symlinkSync(cache, join(stand.project, ".cache"));
    up = await run("up");
  }, LIMIT);
  afterAll(() => stand.dispose());

  test("up creates everything, and shows no secret", () => {
    expect(up.summary).toMatchObject({ update: 0, replace: 0, delete: 0, same: 0 });
    expect(up.summary.create).toBe(up.resources.length);
    expect(JSON.stringify(up)).not.toContain("PRIVATE KEY");
  });

  test(
    "the embedded engine makes the same resources with the same inputs",
    async () => {
      const other = new Stand();
      try {
        const { document } = await other.document("up");
        expect(document.ok).toBe(true);
        expect(comparable(up.resources, ALL)).toEqual(comparable(document.resources, ALL));
      } finally {
        await other.dispose();
      }
    },
    LIMIT,
  );

  test(
    "up again changes nothing",
    async () => {
      const { summary } = await run("up");
      expect(summary).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: up.summary.create });
    },
    LIMIT,
  );

  test(
    "one changed timeout of Chatwoot's route: one resource, one field",
    async () => {
      stand.edit("stacks/prod.ts", "requestTimeoutSeconds: 60", "requestTimeoutSeconds: 90");
      const document = await run("up");
      expect(document.summary).toEqual({ create: 0, update: 1, replace: 0, delete: 0, same: up.summary.create - 1 });
      const [changed] = document.resources.filter(({ op }) => op === "update");
      expect(changed?.diff).toEqual([
        {
          path: 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"]',
          before: "60",
          after: "90",
        },
      ]);
    },
    LIMIT,
  );

  test(
    "destroy without consent is refused before anything happens; with consent nothing is left",
    async () => {
      const { code, document } = await stand.document("destroy", "--engine", "pulumi");
      expect(code).toBe(1);
      expect(document.summary.delete).toBe(0);
      const done = await run("destroy", "--consent", "prod");
      expect(done.summary.delete).toBe(up.summary.create);
    },
    LIMIT,
  );
});
