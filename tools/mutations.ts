// `npm run test:mutations`: every rule, service, policy and timeout of prod, removed or altered, one at a time.
import { verify } from "../components/topology/verifier/verify";
import { environment } from "../stacks/prod";
import { emittedGraph, EXAMPLE_SETTINGS } from "./emittedGraph";
import { REQUIRED_SHARE, runMutations, shareCaught } from "./mutationRun";

async function main(): Promise<void> {
  const graph = await emittedGraph(environment, EXAMPLE_SETTINGS);
  const baseline = verify(graph);
  if (!baseline.ok)
    throw new Error(`prod itself is not proved: ${baseline.findings.length} finding(s); npm run verify shows them`);
  const started = process.cpuUsage();
  const result = runMutations(graph);
  for (const { name, harmless } of result.harmless)
    process.stdout.write(`without effect: ${name}: ${harmless ?? ""}\n`);
  for (const { name } of result.missed) process.stdout.write(`MISSED: ${name}\n`);
  const effective = result.caught.length + result.missed.length;
  const share = shareCaught(result);
  const seconds = (process.cpuUsage(started).user / 1e6).toFixed(0);
  process.stdout.write(
    `${result.caught.length} of ${effective} mutations with an effect caught (${(100 * share).toFixed(2)} %), ` +
      `${result.harmless.length} without effect; ${seconds} s of processor time\n`,
  );
  process.exitCode = share >= REQUIRED_SHARE ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
