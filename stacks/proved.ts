import { writeFileSync } from "node:fs";
import { textVerdict } from "../verifier/report";
import { verify } from "../verifier/verify";
import { registered } from "./emittedGraph";
import type { EstatePlan } from "./plan";

/** Environment variable: a file that the whole verdict is written to as JSON, for whoever shows it in his own way. */
export const VERDICT_FILE = "KEYBUZZ_VERDICT_FILE";

/** A plan that the verifier refuses. */
export class NotProvedError extends Error {
  override readonly name = "NotProvedError";
}

/**
 * Holds the graph that this plan registers against what it declares, before anything is registered: whoever runs the
 * program, with whatever options, runs the proof (docs/decisions/0011). Takes about a second for prod.
 *
 * @throws NotProvedError with every finding; where the verdict goes to a file, with their number.
 */
export async function proved(plan: EstatePlan, verdictFile = process.env[VERDICT_FILE]): Promise<void> {
  const verdict = verify(await registered(plan));
  if (verdictFile !== undefined) writeFileSync(verdictFile, JSON.stringify(verdict), { mode: 0o600 });
  if (verdict.ok) return;
  const refused = `The verifier refuses this: ${verdict.findings.length} finding(s), see the verdict`;
  throw new NotProvedError(
    verdictFile === undefined
      ? `${textVerdict(verdict)}\n${refused} above. Nothing was registered.`
      : `${refused} below. Nothing was registered.`,
  );
}
