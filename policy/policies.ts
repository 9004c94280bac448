import type { Policies, ReportViolation, StackValidationArgs } from "@pulumi/policy";
import { writeFileSync } from "node:fs";
import type { Question, Verdict } from "../verifier/finding";
import { acceptedLines, findingLines } from "../verifier/report";
import { verify } from "../verifier/verify";
import { Collected } from "./collected";

/** The verifier's questions, one policy each. */
const RULES: Readonly<Record<Question, { readonly name: string; readonly description: string }>> = {
  understood: { name: "everything-understood", description: "Nothing is registered that the verifier cannot read." },
  open: { name: "declared-flows-open", description: "Every declared flow passes every filter and hop." },
  closed: { name: "nothing-else-open", description: "What no flow declares is closed, or accepted with a reason." },
  patient: { name: "hops-patient", description: "No hop gives up before the route's slowest answer or heartbeat." },
  sound: { name: "health-checks-sound", description: "Every health check asks something that answers." },
  alive: { name: "alive-under-loss", description: "What is not accepted as a single point survives its loss." },
};

/** Environment variable: a file that the whole verdict is written to, for the rehearsal's report. */
export const VERDICT_FILE = "KEYBUZZ_VERDICT_FILE";

/** The pack's policies. They share what is collected: one set for each process. */
export function policies(verdictFile: string | undefined = process.env[VERDICT_FILE]): Policies {
  const collected = new Collected();
  let judged: { readonly of: StackValidationArgs["resources"]; readonly verdict: Verdict } | undefined;
  const judge = (resources: StackValidationArgs["resources"]): Verdict => {
    const key = resources.map(({ urn }) => urn).join();
    if (judged === undefined || judged.of.map(({ urn }) => urn).join() !== key)
      judged = { of: resources, verdict: verify(collected.graph(resources)) };
    return judged.verdict;
  };
  return [
    {
      name: "inputs-collected",
      description: "Keeps every resource's inputs for the other policies; finds nothing itself.",
      enforcementLevel: "advisory",
      validateResource: (resource) => {
        judged = undefined;
        collected.add(resource);
      },
    },
    ...(Object.keys(RULES) as Question[]).map((question) => ({
      ...RULES[question],
      enforcementLevel: "mandatory" as const,
      validateStack: ({ resources }: StackValidationArgs, report: ReportViolation) => {
        const verdict = judge(resources);
        if (verdictFile !== undefined) writeFileSync(verdictFile, JSON.stringify(verdict), { mode: 0o600 });
        for (const finding of verdict.findings) {
          if (finding.question === question) report(`${finding.subject}\n${findingLines(finding).slice(1).join("\n")}`);
        }
      },
    })),
    {
      name: "accepted-and-assumed",
      description: "Refuses nothing: says each time what is accepted, with the reason, and what is assumed.",
      enforcementLevel: "advisory",
      validateStack: ({ resources }: StackValidationArgs, report: ReportViolation) => {
        const verdict = judge(resources);
        for (const lines of acceptedLines(verdict)) report(`Accepted:\n${lines.join("\n")}`);
        for (const one of verdict.assumptions) report(`Assumed, and not proved: ${one}`);
        for (const note of verdict.notes) report(`Note: ${note}`);
      },
    },
  ];
}
