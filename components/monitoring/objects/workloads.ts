import { podLabels } from "../../topology/party";
import type { WorkloadManifest } from "./monitoringApp";
import { metadata, podTemplate, type PodArgs } from "./monitoringPods";

/** K3s' own storage class: a directory on the node's disk. */
const STORAGE_CLASS = "local-path";
const REVISIONS = 5;

/** One pod with a volume of its own, on the worker kept for monitoring. */
export function withVolume(
  args: PodArgs & { readonly data: { readonly claim: string; readonly path: string } },
  gigabytes: number,
): WorkloadManifest {
  const { pods } = args;
  return {
    kind: "StatefulSet",
    manifest: {
      metadata: metadata(pods),
      spec: {
        serviceName: pods.app,
        replicas: 1,
        revisionHistoryLimit: REVISIONS,
        selector: { matchLabels: { ...podLabels(pods) } },
        template: podTemplate(args),
        volumeClaimTemplates: [
          {
            metadata: { name: args.data.claim },
            spec: {
              storageClassName: STORAGE_CLASS,
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: `${gigabytes}Gi` } },
            },
          },
        ],
      },
    },
  };
}

/** One pod that keeps nothing. */
export function withoutVolume(args: PodArgs): WorkloadManifest {
  const { pods } = args;
  return {
    kind: "Deployment",
    manifest: {
      metadata: metadata(pods),
      spec: {
        replicas: 1,
        revisionHistoryLimit: REVISIONS,
        strategy: { type: "Recreate" },
        selector: { matchLabels: { ...podLabels(pods) } },
        template: podTemplate(args),
      },
    },
  };
}
