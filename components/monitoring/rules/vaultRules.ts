import type { RuleGroup } from "../alertRule";

const MEMBERS = 'namespace="vault", pod=~"vault-[0-9]+"';

/**
 * By what Kubernetes knows of Vault's pods: their readiness is /v1/sys/health's own answer, which is no where a member
 * is sealed or not initialised, and yes for a standby (vault.ts). So nobody's metrics must be open or have a token, and
 * a sealed Vault, which counts nothing, is seen all the same.
 */
export function vaultRules(members: number): RuleGroup {
  return {
    name: "vault",
    rules: [
      {
        alert: "VaultSealed",
        expr: `kube_pod_status_ready{${MEMBERS}, condition="true"} == 0 and on (namespace, pod) kube_pod_status_phase{${MEMBERS}, phase="Running"} == 1`,
        holds: "5m",
        severity: "critical",
        summary: "Vault's member {{ $labels.pod }} runs, but is sealed or was never initialised",
        runbook:
          "`kubectl -n vault exec POD -- vault status` says which. Sealed: enough people enter their shares (docs/operate.md, Vault); why did the pod begin anew? With unseal transit: the other Vault, and its token.",
      },
      {
        alert: "VaultMembersMissing",
        expr: `kube_statefulset_status_replicas_ready{namespace="vault", statefulset="vault"} < ${members}`,
        holds: "15m",
        severity: "warning",
        summary: `Vault has fewer than its ${members} members that serve`,
        runbook:
          "`kubectl -n vault get pods -o wide`: a node that is down keeps its member, whose volume is there. Bring the node back; `vault operator raft list-peers` shows who votes.",
      },
    ],
  };
}
