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

/** What pods need before they start. */
const RUNNING: ReadonlySet<string> = new Set([
  "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service", "Ingress", "Pod", "ReplicaSet",
]); // prettier-ignore

/**
 * Objects that others wrote, each registered as the type that it would have had, so that the verifier, previews and the
 * policy pack read them like all others: first what pods refer to, then what runs.
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
    const definitions = objects.filter(({ kind }) => kind === "CustomResourceDefinition");
    const others = objects.filter(({ kind }) => kind !== "CustomResourceDefinition" && !RUNNING.has(kind));
    const defined = definitions.map((object) => register(object, []));
    const given = others.map((object) => register(object, defined));
    for (const object of objects) if (RUNNING.has(object.kind)) register(object, [...defined, ...given]);
    this.registerOutputs();
  }
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
