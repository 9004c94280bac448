import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { podLabels } from "../../topology/party";
import { CORE_DNS } from "./clusterFlows";

/** On different nodes: K3s' own manifest spreads them, and says nothing of their number (k3s-io/k3s manifests/coredns.yaml). */
const REPLICAS = { least: 2, most: 4 } as const;

export interface ClusterDnsArgs {
  readonly provider: kubernetes.Provider;
  /** The cluster. */
  readonly dependsOn: pulumi.Input<pulumi.Resource[]>;
}

/**
 * More than one CoreDNS: K3s ships one, and when its node dies nobody has names until it is started elsewhere (k3s#3092).
 *
 * K3s applies its manifest anew at each start, which takes back what differs from it. The number of replicas stays, for
 * the manifest has none; and an autoscaler sees to it whoever makes the Deployment anew. In a cluster that runs the second
 * one comes beside the first.
 */
export class ClusterDns extends pulumi.ComponentResource {
  constructor(name: string, { provider, dependsOn }: ClusterDnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:cluster:ClusterDns", name, {}, opts);
    const child = { parent: this, provider, dependsOn };
    const { app, namespace } = CORE_DNS;
    new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
      `${name}-scale`,
      {
        metadata: { name: app, namespace },
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: app },
          minReplicas: REPLICAS.least,
          maxReplicas: REPLICAS.most,
          metrics: [
            { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
          ],
        },
      },
      child,
    );
    new kubernetes.policy.v1.PodDisruptionBudget(
      `${name}-budget`,
      {
        metadata: { name: app, namespace },
        spec: { maxUnavailable: 1, selector: { matchLabels: { ...podLabels(CORE_DNS) } } },
      },
      child,
    );
    this.registerOutputs();
  }
}
