import { at, objectKey, texts, type EmittedResource, type GraphIndex } from "../graph";
import type { Workload } from "../workload";
import {
  ANNOTATIONS,
  CONTROLLER_ARGS,
  FELIX,
  INGRESS,
  INGRESS_OPTIONS,
  INSTALLATION,
  NETWORK_ANNOTATIONS,
  POD,
  SERVICE,
} from "./clusterWords";
import { leaves, notAllowed, type Word, type Words } from "./wordsOf";

/** Kinds whose spec is read word by word. */
const SPECS: readonly (readonly [type: string, kind: string, words: Words])[] = [
  ["kubernetes:core/v1:Service", "Service", SERVICE],
  ["kubernetes:networking.k8s.io/v1:Ingress", "Ingress", INGRESS],
  ["kubernetes:operator.tigera.io/v1:Installation", "Installation", INSTALLATION],
  ["kubernetes:crd.projectcalico.org/v1:FelixConfiguration", "FelixConfiguration", FELIX],
];
/** Kinds that whoever carries packets reads annotations of. */
const ANNOTATED = new Set(["Service", "Ingress"]);

/** Every word of an object on a packet's way that is not understood, each with its object. */
export function unreadObjects(index: GraphIndex): readonly string[] {
  return [
    ...SPECS.flatMap(([type, kind, words]) =>
      index.ofType(type).flatMap((one) => {
        const spec = notAllowed([...leaves(at(one.inputs, "spec"), "")], words).map((word) => `spec.${word}`);
        const strange = ANNOTATED.has(kind) ? annotations(one).filter((name) => !ANNOTATIONS.test(name)) : [];
        return [...spec, ...strange.map((name) => `annotation ${name}`)].map(
          (word) => `${kind} ${objectKey(one)}: ${word}`,
        );
      }),
    ),
    ...index
      .ofType("kubernetes:core/v1:Namespace")
      .flatMap((one) => networks(`Namespace ${one.name}`, annotations(one))),
  ];
}

/** The same of a workload's pods. */
export function unreadPods({ label, kind }: Workload, template: unknown): readonly string[] {
  const spec = at(template, "spec");
  const fields = typeof spec === "object" && spec !== null ? Object.keys(spec) : [];
  return [
    ...fields.filter((name) => !POD.has(name)).map((name) => `${kind} ${label}: pods' ${name}`),
    ...networks(`pods of ${label}`, Object.keys(texts(at(template, "metadata", "annotations")))),
  ];
}

/** The same of the ingress controller: its ConfigMap, and the arguments of its container. */
export function unreadController(
  label: string,
  options: Readonly<Record<string, string>>,
  args: readonly string[],
): readonly string[] {
  const map: readonly Word[] = Object.entries(options).map(([name, value]) => ({ name, value }));
  const flags = args.map((arg) => {
    const [name = "", ...value] = arg.split("=");
    return { name, value: value.join("=") };
  });
  return [
    ...notAllowed(map, INGRESS_OPTIONS).map((word) => `ConfigMap of ${label}: ${word}`),
    ...notAllowed(flags, CONTROLLER_ARGS).map((word) => `arguments of ${label}: ${word}`),
  ];
}

const annotations = ({ inputs }: EmittedResource): readonly string[] =>
  Object.keys(texts(at(inputs, "metadata", "annotations")));

const networks = (whose: string, names: readonly string[]): readonly string[] =>
  names.filter((name) => NETWORK_ANNOTATIONS.test(name)).map((name) => `${whose}: annotation ${name}`);
