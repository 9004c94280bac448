// `npm run test:mutations`: every rule, service, policy and timeout of prod, removed or altered, one at a time; then what
// is different behind a controller of the Gateway API.
import { verify } from "../verifier/verify";
import type { Environment } from "../stacks/environment";
import { environment } from "../stacks/prod";
import { emittedGraph, EXAMPLE_SETTINGS } from "../stacks/emittedGraph";
import { concernsGateway } from "../verifier/mutations/gatewayMutations";
import type { Mutation } from "../verifier/mutations/mutation";
import { mutations } from "../verifier/mutations/mutationList";
import { runCommand } from "./commandLine";
import { throughGateway } from "./throughGateway";
import { REQUIRED_SHARE, runMutations, shareCaught } from "../verifier/mutations/mutationRun";

/** @returns Whether enough are caught. */
async function judge(title: string, stack: Environment, concerns: (mutation: Mutation) => boolean): Promise<boolean> {
  const graph = await emittedGraph(stack, EXAMPLE_SETTINGS);
  const baseline = verify(graph);
  if (!baseline.ok)
    throw new Error(`${title} itself is not proved: ${baseline.findings.length} finding(s); npm run verify shows them`);
  const started = process.cpuUsage();
  const result = runMutations(graph, mutations(graph).filter(concerns));
  for (const { name, harmless } of result.harmless)
    process.stdout.write(`without effect: ${name}: ${harmless ?? ""}\n`);
  for (const { name } of result.missed) process.stdout.write(`MISSED: ${name}\n`);
  const effective = result.caught.length + result.missed.length;
  const share = shareCaught(result);
  const seconds = (process.cpuUsage(started).user / 1e6).toFixed(0);
  process.stdout.write(
    `${title}: ${result.caught.length} of ${effective} mutations with an effect caught (${(100 * share).toFixed(2)} %), ` +
      `${result.harmless.length} without effect; ${seconds} s of processor time\n`,
  );
  return share >= REQUIRED_SHARE;
}

const USAGE = `Usage:
  npm run test:mutations   removes and alters each rule, service, policy and timeout of prod: is it noticed?

Exit status: 0 enough are caught, 1 too few, 2 bad input.
`;

async function main(): Promise<number> {
  const enough = [
    await judge("prod", environment, () => true),
    await judge("prod behind the Gateway API", throughGateway(environment), concernsGateway),
  ];
  return enough.every(Boolean) ? 0 : 1;
}

runCommand(main, { script: "test:mutations", usage: USAGE });
