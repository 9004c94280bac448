/** Type token of a machine. */
export const SERVER = "hcloud:index/server:Server";

/** Type token of the component that says what is on a machine. */
export const HOST = "keybuzz:machines:Host";

/** Types that the verifier reads. */
const READ: readonly string[] = [
  SERVER,
  "hcloud:index/network:Network",
  "hcloud:index/networkRoute:NetworkRoute",
  "hcloud:index/firewall:Firewall",
  "hcloud:index/placementGroup:PlacementGroup",
  "hcloud:index/loadBalancer:LoadBalancer",
  "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork",
  "hcloud:index/loadBalancerService:LoadBalancerService",
  "hcloud:index/loadBalancerTarget:LoadBalancerTarget",
  "hcloud:index/zoneRrset:ZoneRrset",
  "hcloud:index/managedCertificate:ManagedCertificate",
  "hcloud:index/uploadedCertificate:UploadedCertificate",
  "command:remote:Command",
  "kubernetes:core/v1:Namespace",
  "kubernetes:core/v1:Service",
  "kubernetes:core/v1:ConfigMap",
  "kubernetes:apps/v1:Deployment",
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:apps/v1:DaemonSet",
  "kubernetes:batch/v1:Job",
  "kubernetes:batch/v1:CronJob",
  "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  "kubernetes:networking.k8s.io/v1:Ingress",
  "kubernetes:networking.k8s.io/v1:IngressClass",
  "kubernetes:gateway.networking.k8s.io/v1:Gateway",
  "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
  "kubernetes:gateway.networking.k8s.io/v1beta1:ReferenceGrant",
  "kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration",
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration",
  "kubernetes:operator.tigera.io/v1:Installation",
  "kubernetes:crd.projectcalico.org/v1:FelixConfiguration",
];

/** Types that no packet meets: they neither open nor close, delay nor answer. */
const BESIDE: readonly string[] = [
  "hcloud:index/networkSubnet:NetworkSubnet",
  "hcloud:index/primaryIp:PrimaryIp",
  "hcloud:index/sshKey:SshKey",
  "hcloud:index/rdns:Rdns",
  "hcloud:index/zone:Zone",
  "hcloud:index/volume:Volume",
  "hcloud:index/volumeAttachment:VolumeAttachment",
  "hcloud:index/snapshot:Snapshot",
  "kubernetes:core/v1:Secret",
  "kubernetes:core/v1:ServiceAccount",
  "kubernetes:core/v1:PersistentVolumeClaim",
  "kubernetes:core/v1:ResourceQuota",
  "kubernetes:core/v1:LimitRange",
  "kubernetes:storage.k8s.io/v1:StorageClass",
  "kubernetes:scheduling.k8s.io/v1:PriorityClass",
  "kubernetes:policy/v1:PodDisruptionBudget",
  "kubernetes:rbac.authorization.k8s.io/v1:Role",
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
];

const UNDERSTOOD = new Set([...READ, ...BESIDE]);

/** The program's own components carry nothing but what is read from them; providers of secrets carry no packets. */
const BESIDE_PREFIXES = ["keybuzz:", "random:", "tls:", "pulumi:"];

/** Whether it is known what a type does to packets. An unknown one is reported, never passed. */
export function isUnderstood(type: string): boolean {
  return UNDERSTOOD.has(type) || BESIDE_PREFIXES.some((prefix) => type.startsWith(prefix));
}
