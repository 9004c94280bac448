import type { ResourceResult } from "@standin/pulumi-engine/events";
import { lostWith } from "../estate";
import { isRefused } from "./progress";
import { kindOfMessage, listed, readable, shortName, shortType } from "./names";

/** What went wrong, said once for each cause, however many resources it hit. */
export function failureLines(resources: readonly ResourceResult[], command: string, stack: string): string[] {
  const failed = resources.filter(({ status }) => status === "failed");
  const refused = failed.filter(isRefusal);
  const causes = new Map<string, ResourceResult[]>();
  for (const resource of failed) {
    if (refused.includes(resource)) continue;
    const kind = kindOfMessage(resource.error ?? "", resource.urn);
    causes.set(kind, [...(causes.get(kind) ?? []), resource]);
  }
  const lines = [...causes.values()].flatMap((hit) => {
    const [first] = hit;
    if (first === undefined) return [];
    const text = readable(first.error ?? "no reason given");
    if (hit.length === 1) return [`FAILED ${shortName(first.urn)}: ${text}`];
    return [`FAILED ${hit.length} resources: ${text}`, `       ${listed(hit.map(({ urn }) => shortName(urn)))}`];
  });
  return [...lines, ...refusalLines(refused, command, stack)];
}

/** Would be deleted, but is protected. */
function isRefusal({ protect, op, error }: ResourceResult): boolean {
  return protect && (op === "delete" || op === "replace") && isRefused(error ?? "");
}

function refusalLines(refused: readonly ResourceResult[], command: string, stack: string): string[] {
  if (refused.length === 0) return [];
  const kinds = new Map<string, string[]>();
  for (const { type, name } of refused) kinds.set(type, [...(kinds.get(type) ?? []), name]);
  const width = Math.max(...[...kinds.keys()].map((type) => shortType(type).length));
  const option = stack === "prod" ? "" : ` --stack ${stack}`;
  return [
    `REFUSED: ${refused.length} protected resources would ${command === "destroy" ? "be deleted" : "have to go"}. Nothing was touched.`,
    ...[...kinds].map(([type, names]) => {
      const lost = lostWith(type);
      return `  ${shortType(type).padEnd(width)}  ${names.join(", ")}${lost === undefined ? "" : ` (${lost})`}`;
    }),
    ...(command === "destroy"
      ? ["To let them go all the same:", `  npm run rehearse -- destroy${option} --consent ${stack}`]
      : [
          "To let them go all the same, lift their protection while they are still in the program, then run this again:",
          `  npm run rehearse -- up${option} --consent NAME,...   (hosts, load balancers, applications, secrets, or ${stack} for all)`,
        ]),
  ];
}
