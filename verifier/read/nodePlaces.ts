import { at, list, text } from "./graph";
import type { Host } from "./hosts";
import { hostYaml } from "./hostYaml";
import { K3S_CONFIG } from "./listeners";
import { matches, readSelector } from "./policies";

interface Taint {
  /** "keybuzz.io/duty=ai:NoSchedule" */
  readonly text: string;
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** A node as the scheduler finds it. */
export interface NodePlace {
  readonly name: string;
  readonly isServer: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Those that keep pods away. */
  readonly taints: readonly Taint[];
}

/** Labels that every kubelet here gives its node (kubernetes.io, Well-Known Labels). */
const WELL_KNOWN = { "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" } as const;
/** Label that each node has with its own name. */
export const HOSTNAME_LABEL = "kubernetes.io/hostname";

export function readNodePlace({ name, files, listeners }: Host): NodePlace {
  const config = hostYaml(files[K3S_CONFIG] ?? "");
  const entries = (key: string): readonly string[] => list(at(config, key)).flatMap((entry) => text(entry) ?? []);
  const labels = entries("node-label").map((entry) => entry.split("=", 2) as [string, string?]);
  return {
    name,
    isServer: listeners.some(({ daemon }) => daemon === "k3sApi"),
    labels: {
      ...WELL_KNOWN,
      [HOSTNAME_LABEL]: name,
      ...Object.fromEntries(labels.map(([key, value = ""]) => [key, value])),
    },
    taints: entries("node-taint")
      .map(readTaint)
      .filter(({ effect }) => effect !== "PreferNoSchedule"),
  };
}

/** key=value:effect, or key:effect. */
function readTaint(entry: string): Taint {
  const end = entry.lastIndexOf(":");
  const [key = "", value = ""] = entry.slice(0, end).split("=", 2);
  return { text: entry, key, value, effect: entry.slice(end + 1) };
}

/** Nodes that a pod may come to: it tolerates what they are tainted with, and they are what it asks for. */
export function placesFor(pod: unknown, places: readonly NodePlace[]): readonly NodePlace[] {
  const tolerations = list(at(pod, "tolerations"));
  const selector = readSelector({ matchLabels: at(pod, "nodeSelector") });
  const required = at(pod, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
  const terms = list(at(required, "nodeSelectorTerms")).map((term) => readSelector(term));
  return places.filter(
    ({ labels, taints }) =>
      taints.every((taint) => tolerations.some((one) => tolerates(one, taint))) &&
      matches(selector, labels) &&
      (required === undefined || terms.some((term) => matches(term, labels))),
  );
}

function tolerates(toleration: unknown, { key, value, effect }: Taint): boolean {
  const named = text(at(toleration, "key"));
  const forEffect = text(at(toleration, "effect"));
  if (forEffect !== undefined && forEffect !== effect) return false;
  if (text(at(toleration, "operator")) === "Exists") return named === undefined || named === key;
  return named === key && (text(at(toleration, "value")) ?? "") === value;
}
