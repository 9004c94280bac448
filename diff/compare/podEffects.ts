import { at, integer, text } from "../../verifier/read/graph";
import type { EmittedEstate, EmittedOne } from "../model/emitted";
import type { Effect, FieldChange } from "../model/model";
import { called } from "./machineEffects";
import { listed, RECONNECT, unique } from "./names";
import type { ResourceChange } from "./resources";

const TEMPLATE = "spec.template";
const WORKLOADS = ["Deployment", "StatefulSet", "DaemonSet"] as const;
type Workload = (typeof WORKLOADS)[number];

/** Pods that are replaced by others, numbers of pods that change, and the web entry's reload. */
export function podEffects(changes: readonly ResourceChange[], estate: EmittedEstate): readonly Effect[] {
  return [...webEntry(changes, estate), ...changes.flatMap(effectsOf)];
}

const CONTROLLER_OPTION = "worker-shutdown-timeout";
/** Of ingress-nginx, where nobody says otherwise (its docs, ConfigMap). */
const SHUTDOWN = "240s";

/** nginx reads its configuration anew for every other Ingress; its old workers end what is open, for so long. */
function webEntry(changes: readonly ResourceChange[], { resources }: EmittedEstate): readonly Effect[] {
  const concerned = changes.flatMap(({ before, after }) => {
    const one = after ?? before;
    if (one === undefined) return [];
    if (one.type.endsWith(":Ingress")) return [called(one)];
    return text(at(one.inputs, "data", CONTROLLER_OPTION)) === undefined ? [] : [called(one)];
  });
  if (concerned.length === 0) return [];
  const options = resources.flatMap(({ inputs }) => text(at(inputs, "data", CONTROLLER_OPTION)) ?? []);
  const seconds = (options[0] ?? SHUTDOWN).replace(/s$/, " s");
  return [
    {
      kind: "reloads",
      subject: "ingress-nginx on every node",
      what: `reloads; a WebSocket or stream that is still open ${seconds} later is closed, and its client ${RECONNECT}`,
      by: [listed(concerned)],
    },
  ];
}

function effectsOf({ operation, before, after, changes }: ResourceChange): readonly Effect[] {
  if (before === undefined || after === undefined || operation === "replace") return [];
  if (!after.type.startsWith("kubernetes:")) return [];
  const kind = after.type.split(":").at(-1) ?? "";
  const subject = `${text(at(after.inputs, "metadata", "namespace")) ?? ""}/${text(at(after.inputs, "metadata", "name")) ?? after.name}`;
  if (kind === "HorizontalPodAutoscaler") return scaled(subject, changes, ["spec.minReplicas", "spec.maxReplicas"]);
  const workload = WORKLOADS.find((one) => one === kind);
  if (workload === undefined) return [];
  const template = changes.filter(({ path }) => path.startsWith(TEMPLATE));
  return [
    ...(template.length === 0 ? [] : [rollOut(subject, workload, after, template)]),
    ...scaled(subject, changes, ["spec.replicas"]),
  ];
}

function scaled(subject: string, changes: readonly FieldChange[], paths: readonly string[]): readonly Effect[] {
  return changes.flatMap((one): readonly Effect[] =>
    one.kind === "value" && paths.includes(one.path)
      ? [
          {
            kind: "scales",
            subject,
            what: `${one.path.slice("spec.".length)} ${one.before ?? "unset"} -> ${one.after ?? "unset"}`,
            by: [],
          },
        ]
      : [],
  );
}

function rollOut(subject: string, kind: Workload, after: EmittedOne, template: readonly FieldChange[]): Effect {
  const by = unique(template.map(reason));
  return { kind: "rollsOut", subject, what: turn(kind, after), by: by.length > 6 ? [listed(by)] : by };
}

/** How Kubernetes replaces the pods, and whether there is a moment without any. */
function turn(kind: Workload, { inputs }: EmittedOne): string {
  const replicas = integer(at(inputs, "spec", "replicas")) ?? 1;
  if (kind === "DaemonSet") return "its pod on each node is replaced, one node after another";
  const alone = "its only pod is replaced: nothing answers until the new one is ready";
  if (kind === "StatefulSet") {
    const onDelete = text(at(inputs, "spec", "updateStrategy", "type")) === "OnDelete";
    if (onDelete) return "its pods stay as they are until somebody deletes them (OnDelete)";
    return replicas === 1 ? alone : `its ${replicas} pods are replaced, one after another`;
  }
  const strategy = at(inputs, "spec", "strategy");
  if (text(at(strategy, "type")) === "Recreate") return `${alone} (Recreate)`;
  const unavailable = at(strategy, "rollingUpdate", "maxUnavailable");
  const gone =
    unavailable === undefined
      ? Math.floor(replicas / 4)
      : (integer(unavailable) ?? Math.floor((replicas * parseInt(text(unavailable) ?? "0", 10)) / 100));
  const pods = replicas === 1 ? "its pod is replaced" : `its ${replicas} pods are replaced, one after another`;
  if (gone >= replicas) return alone;
  return `${pods}; ${replicas === 1 ? "the new one is ready before the old one goes" : "new ones are ready before old ones go"}`;
}

/** "image of n8n 1.0 -> 1.1" */
function reason(change: FieldChange): string {
  const image = /containers\[([^\]]+)\]\.image$/.exec(change.path);
  if (image !== null && change.kind === "value")
    return `image of ${image[1]}: ${change.before ?? "none"} -> ${change.after ?? "none"}`;
  const annotation = /^spec\.template\.metadata\.annotations\["([^"]+)"\]$/.exec(change.path)?.[1];
  // What the pods read when they start (components/apps): another one starts them anew.
  if (annotation?.endsWith("-checksum") === true)
    return `its ${annotation.slice(annotation.indexOf("/") + 1, -"-checksum".length)}`;
  return change.path.slice(TEMPLATE.length + 1).replace(/^spec\./, "");
}
