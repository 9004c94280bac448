import type { EmittedGraph } from "../../verifier/read/graph";
import type { Environment } from "../../stacks/environment";
import { loadEnvironment } from "../../stacks/loadEnvironment";
import { EXAMPLE_SETTINGS, emittedGraph } from "../../stacks/emittedGraph";

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

const graphs = new Map<string, Promise<EmittedGraph>>();

/** What a stack registers, made once for all tests of a file. */
export function graphOf(stack: string): Promise<EmittedGraph> {
  const known = graphs.get(stack) ?? emittedGraph(loadEnvironment(stack), EXAMPLE_SETTINGS);
  graphs.set(stack, known);
  return known;
}

/** Every object that a stack gives to its Kubernetes API; secrets are "[secret]", what only a provider could know is "[unknown]". */
export async function kubernetesObjects(stack: string | Environment): Promise<readonly KubernetesObject[]> {
  const { resources } = typeof stack === "string" ? await graphOf(stack) : await emittedGraph(stack, EXAMPLE_SETTINGS);
  return resources.filter(({ inputs }) => isObject(inputs)).map(({ inputs }) => inputs as unknown as KubernetesObject);
}

const isObject = (inputs: object): boolean => "apiVersion" in inputs && "kind" in inputs && "metadata" in inputs;

/** "Deployment chatwoot/chatwoot-web" */
export const nameOf = ({ kind, metadata }: KubernetesObject): string =>
  `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
