import type { Finding } from "../finding";
import { sharedClaims } from "../read/claims";
import { at, integer, list, text } from "../read/graph";
import { HOSTNAME_LABEL, placesFor, type NodePlace } from "../read/nodePlaces";
import { podSpec, type Workload } from "../read/workload";
import type { World } from "../read/world";

/** Does the cluster have a node for each pod, and a pod for each node that is kept for some? */
export function checkPlaced(world: World): readonly Finding[] {
  const { places } = world;
  const lasting = world.cluster.workloads.filter(({ resource }) => resource !== undefined);
  return [
    ...lasting.flatMap((workload) => [...unplaced(workload, places), ...stuck(world, workload)]),
    ...idle(lasting, places),
  ];
}

/** Pods that no node takes, or of which fewer fit than are wanted: they stay Pending, and the run waits for them. */
function unplaced(workload: Workload, places: readonly NodePlace[]): readonly Finding[] {
  const pod = podSpec(workload);
  const fitting = placesFor(pod, places);
  const finding = (rule: string, value: string, remedy: string): Finding => ({
    question: "alive",
    subject: `pods of ${workload.label}`,
    at: workload.label,
    rule,
    value,
    remedy,
  });
  if (fitting.length === 0)
    return [
      finding(
        "nodeSelector, affinity and tolerations",
        `none of ${places.length} nodes takes them`,
        "a worker with the duty that they ask for (hosts[].duty), or another placement",
      ),
    ];
  const { replicas = 0 } = workload;
  const apart = list(at(pod, "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution")).some(
    (term) => text(at(term, "topologyKey")) === HOSTNAME_LABEL,
  );
  if (apart && replicas > fitting.length)
    return [
      finding(
        "podAntiAffinity by kubernetes.io/hostname",
        `${replicas} pods, never two on one node, and ${fitting.length} node(s) take them`,
        "fewer of them, or more workers",
      ),
    ];
  return list(at(pod, "topologySpreadConstraints"))
    .filter(
      (one) =>
        text(at(one, "topologyKey")) === HOSTNAME_LABEL && text(at(one, "whenUnsatisfiable")) !== "ScheduleAnyway",
    )
    .flatMap((one) => {
      // Nodes that it does not tolerate count as empty ones, unless it says Honor (kubernetes.io, topology spread).
      const counted = text(at(one, "nodeTaintsPolicy")) === "Honor" ? fitting.length : places.length;
      const most = (integer(at(one, "maxSkew")) ?? 1) * fitting.length;
      return counted > fitting.length && replicas > most
        ? [
            finding(
              "topologySpreadConstraints by kubernetes.io/hostname, DoNotSchedule",
              `${replicas} pods, no more than ${most} on ${fitting.length} node(s) that take them: the others count as empty`,
              "nodeTaintsPolicy: Honor, ScheduleAnyway, or fewer of them",
            ),
          ]
        : [];
    });
}

/** A new version's pod on another node waits for a claim that the old one's keeps: neither goes. */
function stuck({ cluster }: World, workload: Workload): readonly Finding[] {
  if (workload.kind !== "Deployment") return [];
  const strategy = text(at(workload.resource?.inputs, "spec", "strategy", "type")) ?? "RollingUpdate";
  if (strategy === "Recreate") return [];
  // What is local draws every pod to its node.
  return sharedClaims(cluster, workload)
    .filter(({ oneNode, local }) => oneNode && !local)
    .map(({ name }) => ({
      question: "alive" as const,
      subject: `roll-out of ${workload.label}`,
      at: workload.label,
      rule: `strategy ${strategy}`,
      value: `claim ${name} is one node's at a time, and the new pod may come to another: it waits for ever`,
      remedy: "strategy Recreate, or a claim with ReadWriteMany",
    }));
}

/** Workers that are kept for pods which nobody has. A daemon is on every node anyway; servers run the cluster itself. */
function idle(workloads: readonly Workload[], places: readonly NodePlace[]): readonly Finding[] {
  const own = workloads.filter(({ kind }) => kind !== "DaemonSet");
  return places
    .filter(({ isServer, taints }) => !isServer && taints.length > 0)
    .filter((place) => own.every((workload) => placesFor(podSpec(workload), [place]).length === 0))
    .map(({ name, taints }) => ({
      question: "alive" as const,
      subject: `pods on ${name}`,
      at: name,
      rule: `taint ${taints.map((taint) => taint.text).join(", ")}`,
      value: "no workload tolerates it: the machine runs nothing",
      remedy: "place a workload there (placement: only, or also), or make it a general worker",
    }));
}
