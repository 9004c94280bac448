import type { KindToken } from "../typeToken";
import type { Judge } from "./judgement";
import { judgeIngress, judgeService } from "./network";
import { judgeClaim, judgeCrd, judgeNamespace, judgeVolume } from "./storage";
import { judgeDaemonSet, judgeDeployment, judgeJob, judgePod, judgeReplicaSet, judgeStatefulSet } from "./workloads";

const judges: Readonly<Record<string, Judge>> = {
  "apps/v1/Deployment": judgeDeployment,
  "apps/v1/StatefulSet": judgeStatefulSet,
  "apps/v1/DaemonSet": judgeDaemonSet,
  "apps/v1/ReplicaSet": judgeReplicaSet,
  "batch/v1/Job": judgeJob,
  "v1/Pod": judgePod,
  "v1/Service": judgeService,
  "v1/Namespace": judgeNamespace,
  "v1/PersistentVolumeClaim": judgeClaim,
  "v1/PersistentVolume": judgeVolume,
  "networking.k8s.io/v1/Ingress": judgeIngress,
  "apiextensions.k8s.io/v1/CustomResourceDefinition": judgeCrd,
};

/** Undefined: there is nothing to wait for. */
export const judgeOf = ({ apiVersion, kind }: KindToken): Judge | undefined => judges[`${apiVersion}/${kind}`];

const workloads = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"]);
export const hasPods = ({ kind }: KindToken): boolean => workloads.has(kind);
