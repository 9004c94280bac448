import type { HostGroupName } from "../components/machines/hostPlan";
import type { Mistake } from "../components/mistakes";
import type { Environment } from "./environment";
import type { ProjectFacts } from "./observeProject";

/** Of a worker's server: it is to leave. The run that says so empties it, and takes it from its balancers last. */
export const LEAVING_LABEL = "leaving";
const WORKERS: HostGroupName = "k3sAgents";

/**
 * Workers that would go while they serve: filters close for them, pods lose their neighbours and balancers lead to them
 * until the machine itself goes, at the run's end. One that does not run serves nobody.
 *
 * @param isAll has somebody consented to the end of the whole stack?
 */
export function leavingWorkerMistakes(
  { name: stack, hosts }: Pick<Environment, "name" | "hosts">,
  { servers }: Pick<ProjectFacts, "servers">,
  isAll: boolean,
): readonly Mistake[] {
  if (isAll) return [];
  return servers
    .filter(({ labels, status }) => labels["group"] === WORKERS && status === "running")
    .filter((server) => !hosts.some(({ name }) => name === server.name) && !hasLeft(server))
    .map(({ name }) => ({
      path: "hosts",
      found: `${name} is not among them, and it is a worker in service`,
      allowed: "a worker that goes in two runs: it leaves its balancers and is emptied, and then its machine goes",
      fix:
        `put its line back into stacks/${stack}.ts with leaving: true, and up; then take it out, and up. ` +
        `A machine that nobody reaches any more: hcloud server poweroff ${name}, and up`,
    }));
}

/** A run that failed before has left the label, and the balancers. */
const hasLeft = ({ labels, load_balancers: balancers = [] }: ProjectFacts["servers"][number]): boolean =>
  labels[LEAVING_LABEL] === "true" && balancers.length === 0;

/** Who may leave: a worker, and not the last one. */
export function leavingRoleMistakes({ hosts }: Pick<Environment, "hosts">): readonly Mistake[] {
  const stay = hosts.some(({ role, leaving }) => role === "k3sAgent" && leaving !== true);
  return hosts.flatMap(({ name, role, leaving }, i): readonly Mistake[] => {
    if (leaving !== true || (role === "k3sAgent" && stay)) return [];
    return [
      {
        path: `hosts[${i}].leaving`,
        found: `true for ${name}, ${role === "k3sAgent" ? "and no worker stays" : `which is a ${role}`}`,
        allowed: "a worker (k3sAgent), while another one stays: what is on it starts there",
        fix: role === "k3sAgent" ? "let one stay" : "leave it out; docs/operate.md says how other machines go",
      },
    ];
  });
}
