import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { isClaim } from "./keptObjects";
import type { RawObject } from "./objectsEntry";

export interface RawObjectsArgs {
  readonly objects: readonly RawObject[];
  readonly provider: k8s.Provider;
  /** Refuse deletion and replacement of a claim, by its name. Default: of each. */
  readonly isProtected?: (claim: string) => boolean;
}

/** When objects are registered: each turn after all before it. */
const TURNS = ["defined", "given", "running", "asked"] as const;
type Turn = (typeof TURNS)[number];

/** Whatever is nowhere else is given: pods may refer to it. */
const KINDS: Readonly<Record<Exclude<Turn, "given">, ReadonlySet<string>>> = {
  defined: new Set(["CustomResourceDefinition"]),
  running: new Set([
    "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service", "Ingress", "Pod", "ReplicaSet",
  ]),
  // The API asks their pods about objects of others, and refuses these while nobody answers.
  asked: new Set(["APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]),
}; // prettier-ignore

/**
 * Objects that others wrote, each registered as the type that it would have had, so that the verifier, previews and the
 * policy pack read them like all others: first what pods refer to, then what runs, then what asks those that run.
 *
 * @example
 * new RawObjects("redis-insight-objects", { objects: plan.objects, provider }, { dependsOn: policies.ready });
 */
export class RawObjects extends pulumi.ComponentResource {
  constructor(name: string, args: RawObjectsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:workloads:RawObjects", name, {}, opts);
    const { objects, provider, isProtected = () => true } = args;
    const own = { parent: this, provider };
    const register = (object: RawObject, dependsOn: readonly pulumi.Resource[]): pulumi.Resource =>
      new Raw(typeToken(object), `${name}-${object.kind.toLowerCase()}-${object.metadata.name}`, object, {
        ...own,
        dependsOn: [...dependsOn],
        ...(isClaim(object) && isProtected(object.metadata.name) ? { protect: true } : {}),
      });
    let before: readonly pulumi.Resource[] = [];
    for (const turn of TURNS) {
      const now = objects.filter(({ kind }) => turnOf(kind) === turn).map((object) => register(object, before));
      before = [...before, ...now];
    }
    this.registerOutputs();
  }
}

function turnOf(kind: string): Turn {
  return TURNS.find((turn) => turn !== "given" && KINDS[turn].has(kind)) ?? "given";
}

class Raw extends pulumi.CustomResource {
  constructor(type: string, name: string, object: RawObject, opts: pulumi.CustomResourceOptions) {
    super(type, name, { ...object }, opts);
  }
}

/** As the provider calls it: the core group has a name there. */
export function typeToken({ apiVersion, kind }: Pick<RawObject, "apiVersion" | "kind">): string {
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
}
