import { CALICO_NAMESPACES, INGRESS_NAMESPACE } from "../components/cluster/pods/namespaces";
import { MONITORING_NAMESPACE, NODE_EXPORTER_NAMESPACE } from "../components/monitoring/monitoringParts";
import { CHATWOOT_NAMESPACE } from "../components/workloads/chatwoot";
import { ERPNEXT_NAMESPACE } from "../components/workloads/erpNext";
import { FILES_NAMESPACE } from "../components/workloads/publicFiles";
import { N8N_NAMESPACE } from "../components/workloads/n8n";
import { SUPERSET_NAMESPACE } from "../components/workloads/superset";
import { VAULT_NAMESPACE } from "../components/workloads/vault/vault";

const KUBERNETES = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;

/** Namespaces that no application of `apps` may be in, and whose they are. LiteLLM's "ai" is for all AI services. */
export const RESERVED_NAMESPACES: ReadonlyMap<string, string> = new Map([
  ...KUBERNETES.map((name) => [name, "Kubernetes itself"] as const),
  ...CALICO_NAMESPACES.map((name) => [name, "Calico"] as const),
  [INGRESS_NAMESPACE, "the ingress"],
  [MONITORING_NAMESPACE, "the monitoring"],
  [NODE_EXPORTER_NAMESPACE, "the monitoring"],
  [VAULT_NAMESPACE, "workloads.vault"],
  [CHATWOOT_NAMESPACE, "workloads.chatwoot"],
  [N8N_NAMESPACE, "workloads.n8n"],
  [SUPERSET_NAMESPACE, "workloads.superset"],
  [ERPNEXT_NAMESPACE, "workloads.erpNext"],
  [FILES_NAMESPACE, "workloads.files"],
]);
