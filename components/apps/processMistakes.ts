import { hasSecret } from "../secrets/secretRef";
import type { Mistake } from "../mistakes";
import { imageMistakes } from "./imageRef";
import { probeMistakes } from "./probe";
import type { DaemonPlan, DeploymentPlan, ProcessPlan, StatefulPlan } from "./processPlan";
import { resourceMistakes } from "./quantity";
import { environmentMistakes, nameMistakes, pathMistakes, sizeMistakes } from "./valueMistakes";

const PORT_NAME = /^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/;

/** Every mistake of one process. */
export function processMistakes(path: string, process: ProcessPlan): readonly Mistake[] {
  return [
    ...nameMistakes(`${path}.name`, process.name),
    ...plainMistakes(`${path}.env`, process.env),
    ...portMistakes(`${path}.ports`, process.ports),
    ...environmentMistakes(`${path}.podFields`, process.podFields),
    ...kindMistakes(path, process),
    ...probeMistakes(`${path}.probes`, process.probes, Object.keys(process.ports)),
    ...resourceMistakes(`${path}.resources`, process.resources),
    ...graceMistakes(path, process),
    ...besideMistakes(path, process),
  ];
}

function besideMistakes(path: string, { name, init, sidecars }: ProcessPlan): readonly Mistake[] {
  const all = [
    ...init.map((one, i) => ({ one, at: `${path}.init[${i}]` })),
    ...sidecars.map((one, i) => ({ one, at: `${path}.sidecars[${i}]` })),
  ];
  const names = [name, ...all.map(({ one }) => one.name)];
  return all.flatMap(({ one, at }, i): readonly Mistake[] => [
    ...nameMistakes(`${at}.name`, one.name),
    ...(names.indexOf(one.name) === i + 1
      ? []
      : [{ path: `${at}.name`, found: `"${one.name}" twice`, allowed: "each name of a pod once", fix: "rename it" }]),
    ...(one.image === undefined ? [] : imageMistakes(`${at}.image`, one.image)),
    ...plainMistakes(`${at}.env`, one.env ?? {}),
    ...resourceMistakes(`${at}.resources`, one.resources),
  ]);
}

/** Of values that stand readable in the object that runs the pods. */
function plainMistakes(path: string, env: Readonly<Record<string, string>>): readonly Mistake[] {
  return [
    ...environmentMistakes(path, env),
    ...Object.entries(env)
      .filter(([, value]) => hasSecret(value))
      .map(([name]) => ({
        path: `${path}.${name}`,
        found: "a secret's placeholder",
        allowed: "plain values: it would stand readable in the Deployment",
        fix: "move it to the application's config.env",
      })),
  ];
}

function kindMistakes(path: string, process: ProcessPlan): readonly Mistake[] {
  switch (process.kind) {
    case "deployment":
      return [
        ...replicaMistakes(path, process),
        ...autoscaleMistakes(path, process),
        ...rolloutMistakes(path, process),
      ];
    case "stateful":
      return [...replicaMistakes(path, process), ...memberMistakes(path, process)];
    case "daemon":
      return daemonMistakes(path, process);
  }
}

function daemonMistakes(path: string, { nodes, nodeNetwork, nodeFilesAt, ports }: DaemonPlan): readonly Mistake[] {
  const low = nodeNetwork ? Object.entries(ports).filter(([, port]) => port < 1024) : [];
  return [
    ...(Number.isInteger(nodes) && nodes > 0
      ? []
      : [{ path: `${path}.nodes`, found: String(nodes), allowed: "a whole number from 1", fix: "count the nodes" }]),
    ...(nodeFilesAt === undefined ? [] : pathMistakes(`${path}.nodeFilesAt`, nodeFilesAt)),
    ...low.map(([name, port]) => ({
      path: `${path}.ports.${name}`,
      found: String(port),
      allowed: "from 1024, on a node's own network: below, only root may listen there",
      fix: "let it listen on a higher port",
    })),
  ];
}

function memberMistakes(path: string, { name, headless, ports, volume }: StatefulPlan): readonly Mistake[] {
  const mistakes = [
    ...pathMistakes(`${path}.volume.path`, volume.path),
    ...sizeMistakes(`${path}.volume.sizeGb`, volume.sizeGb),
    ...(headless === undefined ? [] : nameMistakes(`${path}.headless`, headless)),
  ];
  if (headless === name) {
    const allowed = "another name than the process', which its other Service has";
    mistakes.push({ path: `${path}.headless`, found: `"${headless}"`, allowed, fix: `name it "${name}-members"` });
  }
  if (Object.keys(ports).length === 0) {
    const allowed = "one port or more: a Service must name the pods";
    mistakes.push({ path: `${path}.ports`, found: "none", allowed, fix: "add the port that it listens on" });
  }
  return mistakes;
}

function portMistakes(path: string, ports: Readonly<Record<string, number>>): readonly Mistake[] {
  const numbers = Object.values(ports);
  return Object.entries(ports).flatMap(([name, port], index) => {
    const mistakes: Mistake[] = [];
    if (!PORT_NAME.test(name)) {
      mistakes.push({
        path,
        found: `"${name}"`,
        allowed: "up to 15 lower-case letters, digits and hyphens",
        fix: "rename the port",
      });
    }
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      mistakes.push({
        path: `${path}.${name}`,
        found: String(port),
        allowed: "1-65535",
        fix: "choose a port in that range",
      });
    }
    if (numbers.indexOf(port) !== index) {
      mistakes.push({
        path: `${path}.${name}`,
        found: `${port} twice`,
        allowed: "each port once",
        fix: "remove one of them",
      });
    }
    return mistakes;
  });
}

function replicaMistakes(
  path: string,
  { minReplicas, maxUnavailable }: DeploymentPlan | StatefulPlan,
): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  if (!Number.isInteger(minReplicas) || minReplicas < 1) {
    mistakes.push({
      path: `${path}.scale`,
      found: String(minReplicas),
      allowed: "a whole number from 1",
      fix: "run one pod at least, or switch the workload off",
    });
  }
  if (
    maxUnavailable !== undefined &&
    (!Number.isInteger(maxUnavailable) || maxUnavailable < 1 || maxUnavailable >= minReplicas)
  ) {
    const allowed =
      minReplicas > 1 ? `1-${minReplicas - 1}` : "none, with a single pod: it would block every drain or guard nothing";
    const fix =
      minReplicas > 1
        ? "leave at least one pod running, and let at least one go"
        : "run two pods or more, or leave it out";
    const found = `${maxUnavailable} of ${minReplicas} replicas`;
    mistakes.push({ path: `${path}.maxUnavailable`, found, allowed, fix });
  }
  return mistakes;
}

function autoscaleMistakes(path: string, { autoscale }: DeploymentPlan): readonly Mistake[] {
  if (autoscale === undefined) return [];
  const { min, max, cpuPercent, memoryPercent } = autoscale;
  const mistakes: Mistake[] = [];
  if (max < min) {
    const fix = "raise max or lower min";
    mistakes.push({ path: `${path}.scale.max`, found: String(max), allowed: `from min, ${min}`, fix });
  }
  if (cpuPercent === undefined && memoryPercent === undefined) {
    const allowed = "cpuPercent, memoryPercent, or both";
    mistakes.push({ path: `${path}.scale`, found: "nothing to scale by", allowed, fix: "set cpuPercent: 70" });
  }
  for (const [measure, percent] of Object.entries({ cpuPercent, memoryPercent })) {
    if (percent === undefined || (percent >= 10 && percent <= 100)) continue;
    const allowed = `10-100 per cent of the ${measure === "cpuPercent" ? "CPU" : "memory"} request`;
    mistakes.push({ path: `${path}.scale.${measure}`, found: String(percent), allowed, fix: "70 is a good start" });
  }
  return mistakes;
}

function rolloutMistakes(path: string, { rollout, minReplicas, autoscale }: DeploymentPlan): readonly Mistake[] {
  if (rollout === "rolling" || (minReplicas <= 1 && autoscale === undefined)) return [];
  const fix = 'scale to 1, or use rollout "rolling"';
  const found = `"recreate" with ${minReplicas} or more replicas`;
  return [{ path: `${path}.rollout`, found, allowed: "one replica", fix }];
}

function graceMistakes(
  path: string,
  { gracePeriodSeconds, drainSeconds, longestRequestSeconds }: ProcessPlan,
): readonly Mistake[] {
  const needed = drainSeconds + longestRequestSeconds;
  if (gracePeriodSeconds >= needed) return [];
  return [
    {
      path: `${path}.gracePeriodSeconds`,
      found: String(gracePeriodSeconds),
      allowed: `from ${needed}: ${drainSeconds} s to drain and ${longestRequestSeconds} s for the longest request`,
      fix: "raise it, or leave it out and it is derived",
    },
  ];
}
