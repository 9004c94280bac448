import type { Options } from "./options";
import type { Progress } from "./progress";
import { failedLines, type RunReport } from "./report";

/** Lifts what was consented to; a destroy goes on with what there is, and no report says what went wrong here. */
export async function liftProtection(
  { consent, json }: Pick<Options, "consent" | "json">,
  run: () => Promise<RunReport>,
  progress: Pick<Progress, "line">,
): Promise<void> {
  progress.line(`Lifting the protection of ${consent.join(", ")} ...`);
  const lifted = await run();
  if (lifted.ok) return;
  // With --json each error was said when it came.
  if (!json) failedLines(lifted).forEach((line) => progress.line(line));
  progress.line("Not everything could be lifted; going on with what there is.");
}
