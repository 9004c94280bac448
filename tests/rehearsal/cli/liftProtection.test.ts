import { liftProtection } from "../../../rehearsal/cli/liftProtection";
import type { RunReport } from "../../../rehearsal/cli/report";

const MISTAKE = 'stack local has 1 mistake:\n  image: found "debian-13x"';

async function told(json: boolean, more: Partial<RunReport>): Promise<string> {
  const lines: string[] = [];
  const summary = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
  const report = {
    engine: "embedded engine",
    command: "up",
    stack: "local",
    resources: [],
    outputs: {},
    durationMs: 1,
  };
  const run = (): Promise<RunReport> => Promise.resolve({ ok: false, summary, ...report, ...more });
  await liftProtection({ consent: ["db-1"], json }, run, { line: (text) => void lines.push(text) });
  return lines.join("\n");
}

test("what could not be lifted is told with the reason, for no report has it", async () => {
  expect(await told(false, { errors: [MISTAKE] })).toBe(
    `Lifting the protection of db-1 ...\nFAILED: ${MISTAKE}\nNot everything could be lifted; going on with what there is.`,
  );
});

test("with --json the reason was told when it came", async () => {
  expect(await told(true, { errors: [MISTAKE] })).not.toContain("debian-13x");
});

test("of what was lifted nothing more is said", async () => {
  expect(await told(false, { ok: true })).toBe("Lifting the protection of db-1 ...");
});
