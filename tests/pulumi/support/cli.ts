import { findPulumi } from "../../../rehearsal/cli/pulumiCli";
import { realKubernetesAvailable } from "@standin/kubernetes-api";

/** describe, or describe.skip with one line that says why: the official CLI comes from pulumi.com, not from npm. */
export function describeWithPulumi(needs: "cli" | "cli and Kubernetes"): jest.Describe {
  const cli = findPulumi();
  const kubernetes = needs === "cli" ? ({ ok: true } as const) : realKubernetesAvailable();
  if (cli.found && kubernetes.ok) return describe;
  const why = !cli.found ? cli.why : kubernetes.ok ? "" : kubernetes.why;
  process.stderr.write(`skipped, the official Pulumi CLI's tests: ${why}\n`);
  return describe.skip;
}
