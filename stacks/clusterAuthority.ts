import { AUTHORITY_LABEL, type AuthorityMaker } from "../components/cluster/k3s/k3sAuthority";
import type { HostGroupName } from "../components/machines/hostPlan";
import { shown, type Mistake } from "../components/mistakes";
import type { Environment } from "./environment";
import type { ProjectFacts } from "./observeProject";

const SERVERS: HostGroupName = "k3sServers";

/**
 * A cluster's authority is made with it and stays: tokens that name another lock every node out at its next start. What
 * the servers are labelled with since they were made says whose it is; those of earlier versions have no label.
 */
export function clusterAuthorityMistakes(
  { kubernetes }: Pick<Environment, "kubernetes">,
  servers: ProjectFacts["servers"],
): readonly Mistake[] {
  const wanted = kubernetes.authority ?? "k3s";
  const other = servers.filter(({ labels }) => labels["group"] === SERVERS && makerOf(labels) !== wanted);
  if (other.length === 0) return [];
  const there: AuthorityMaker = wanted === "program" ? "k3s" : "program";
  return [
    {
      path: "kubernetes.authority",
      found: `${shown(wanted)}, while ${other.map(({ name }) => name).join(", ")} ${other.length === 1 ? "is" : "are"} of a cluster whose authority ${MADE_BY[there]} made`,
      allowed: `${shown(there)} for as long as this cluster lives: a node whose token names another authority does not start any more`,
      fix: `kubernetes: { authority: "${there}", ... } in the stack's environment; nothing was changed`,
    },
  ];
}

const MADE_BY: Readonly<Record<AuthorityMaker, string>> = { program: "the program", k3s: "K3s" };

const makerOf = (labels: Readonly<Record<string, string>>): AuthorityMaker =>
  labels[AUTHORITY_LABEL] === "program" ? "program" : "k3s";
