import { DUTY_LABEL } from "./labels";
import type { LabelSelector, PodSpec } from "./podManifests";
import type { Duty, Placement } from "./processArgs";

const HOSTNAME = "kubernetes.io/hostname";

/** On which nodes pods come. `apart`: never two of those pods on one node. */
export function renderPlacement(
  placement: Placement,
  apart?: LabelSelector,
): Pick<PodSpec, "affinity" | "nodeSelector" | "tolerations"> {
  const affinity = { ...nodeAffinity(placement), ...(apart === undefined ? {} : antiAffinity(apart)) };
  return {
    ...("only" in placement
      ? { nodeSelector: { [DUTY_LABEL]: placement.only }, tolerations: [tolerationOf(placement.only)] }
      : {}),
    ...("also" in placement ? { tolerations: [tolerationOf(placement.also)] } : {}),
    ...(Object.keys(affinity).length === 0 ? {} : { affinity }),
  };
}

const tolerationOf = (duty: Duty): NonNullable<PodSpec["tolerations"]>[number] => ({
  key: DUTY_LABEL,
  operator: "Equal",
  value: duty,
  effect: "NoSchedule",
});

function nodeAffinity(placement: Placement): NonNullable<PodSpec["affinity"]> {
  if (!("avoid" in placement) || placement.avoid.length === 0) return {};
  // NotIn also matches nodes without the label.
  const values = [...placement.avoid];
  const elsewhere = { matchExpressions: [{ key: DUTY_LABEL, operator: "NotIn" as const, values }] };
  return {
    nodeAffinity: placement.strict
      ? { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [elsewhere] } }
      : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: elsewhere }] },
  };
}

function antiAffinity(labelSelector: LabelSelector): NonNullable<PodSpec["affinity"]> {
  return {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOSTNAME, labelSelector }],
    },
  };
}

/** One node lost costs as few pods as possible; each version is spread by itself, or a roll-out would skew it. */
export function renderSpread(labelSelector: LabelSelector): Pick<PodSpec, "topologySpreadConstraints"> {
  return {
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: HOSTNAME,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector,
        matchLabelKeys: ["pod-template-hash"],
      },
    ],
  };
}
