import { checkAlive } from "./ask/alive";
import { checkAudience } from "./ask/audience";
import { checkClaimed } from "./ask/claimed";
import { checkClosed } from "./ask/closed";
import { readDeclaration, type AcceptedRisk } from "./declaration";
import type { Accepted, Finding, Verdict } from "./finding";
import { gatewayAssumptions } from "./ask/gatewayLimits";
import { checkHttpsAlone } from "./ask/httpsAlone";
import type { EmittedGraph } from "./read/graph";
import { imageAssumptions } from "./ask/imageNames";
import { checkMetadata } from "./ask/metadata";
import { checkNames } from "./ask/names";
import { checkOpen } from "./ask/open";
import { checkPatient } from "./ask/patient";
import { checkPromises } from "./ask/promises";
import { checkRights } from "./ask/rights";
import { checkRouteOptions } from "./ask/routeOptions";
import { Paths } from "./walk/paths";
import { checkPlaced } from "./ask/placed";
import { checkPodNetwork } from "./ask/podNetwork";
import { checkServiceNames } from "./ask/serviceNames";
import { checkSound } from "./ask/sound";
import { checkTokens } from "./ask/tokens";
import { checkWebhooks } from "./ask/webhooks";
import { buildWorld } from "./read/world";

/** How sources that are no part of the estate are called. */
const OUTSIDERS: readonly string[] = ["the internet", "anybody", "addresses ", "whoever "];

/**
 * Holds what a program emits against what it declares. Pure; reads the emitted resources only, and knows nothing of
 * how they were derived.
 */
export function verify(graph: EmittedGraph): Verdict {
  const declaration = readDeclaration(graph);
  if (declaration === undefined) return nothingDeclared();
  const world = buildWorld(graph);
  const paths = new Paths(world);
  const open = checkOpen(paths, declaration);
  const closed = checkClosed(paths, declaration);
  const patient = checkPatient(paths, declaration);
  const sound = checkSound(paths);
  const alive = checkAlive(paths, declaration);
  const all = [
    ...world.gaps,
    ...open.findings,
    ...checkServiceNames(paths),
    ...checkNames(graph, declaration),
    ...checkWebhooks(paths),
    ...closed.findings,
    ...checkHttpsAlone(world),
    ...checkTokens(world, declaration),
    ...checkAudience(world, declaration),
    ...checkRouteOptions(world, declaration),
    ...checkClaimed(graph, world),
    ...patient.findings,
    ...sound.findings,
    ...checkPromises(paths, declaration),
    ...checkPodNetwork(world.cluster.network),
    ...alive.findings,
    ...checkPlaced(world),
    ...checkMetadata(world.cluster),
    ...checkRights(world.cluster),
  ];
  const { findings, accepted, unused } = accept(all, declaration.accepted);
  return {
    ok: findings.length === 0,
    findings,
    accepted,
    assumptions: [...gatewayAssumptions(world, declaration), ...imageAssumptions(world.cluster.workloads)],
    notes: [...closed.notes, ...unused],
    counts: {
      flows: declaration.flows.length,
      paths: open.paths,
      openings: closed.openings,
      routes: patient.routes,
      checks: sound.checks,
      losses: alive.losses,
    },
  };
}

function nothingDeclared(): Verdict {
  const finding: Finding = {
    question: "understood",
    subject: "the whole estate",
    at: "declaration",
    rule: "missing",
    value: "no resource says which flows must be open",
    remedy: "register the Platform component, whose outputs carry the declaration",
  };
  const counts = { flows: 0, paths: 0, openings: 0, routes: 0, checks: 0, losses: 0 };
  return { ok: false, findings: [finding], accepted: [], assumptions: [], notes: [], counts };
}

/** Only what is named is accepted: of an exposure's sources, those that no acceptance covers stay a finding. */
function accept(
  all: readonly Finding[],
  risks: readonly AcceptedRisk[],
): { findings: Finding[]; accepted: Accepted[]; unused: string[] } {
  const findings: Finding[] = [];
  const accepted: Accepted[] = [];
  const used = new Set<AcceptedRisk>();
  for (const finding of all) {
    const matching = risks.filter((risk) => concerns(risk, finding));
    for (const risk of matching) used.add(risk);
    const left = (finding.exposure?.from ?? []).filter(
      (from) => !matching.some((risk) => risk.kind === "exposure" && covers(risk.from, from)),
    );
    if (matching.length === 0) findings.push(finding);
    else {
      accepted.push({ finding, reasons: matching.map(({ reason }) => reason) });
      if (left.length > 0 && finding.exposure !== undefined) {
        const exposure = { from: left, to: finding.exposure.to };
        findings.push({
          ...finding,
          subject: `${left.join(", ")} -> ${exposure.to}`,
          value: `open, and no flow declares it: ${left.join(", ")}`,
          exposure,
        });
      }
    }
  }
  const unused = risks
    .filter((risk) => !used.has(risk))
    .map(
      (risk) =>
        `Accepted, but not there (any more): ${risk.kind === "exposure" ? `${risk.from.join(", ")} -> ${risk.to}` : risk.of}.`,
    );
  return { findings, accepted, unused };
}

function concerns(risk: AcceptedRisk, { exposure, singlePoint, unread }: Finding): boolean {
  if (risk.kind === "unread") return risk.of === unread;
  if (risk.kind === "singlePoint") return singlePoint !== undefined && like(risk.of, singlePoint);
  return exposure !== undefined && like(risk.to, exposure.to) && exposure.from.some((from) => covers(risk.from, from));
}

/** Whoever is outside of the estate must be named: no "*" lets the internet in. */
function covers(patterns: readonly string[], from: string): boolean {
  const outside = OUTSIDERS.find((name) => from.startsWith(name));
  return patterns.some((pattern) => like(pattern, from) && (outside === undefined || pattern.startsWith(outside)));
}

/** "lb-data:*" against "lb-data:5432". */
function like(pattern: string, value: string): boolean {
  if (!pattern.includes("*")) return pattern === value;
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(value);
}
