import type { AppExposure } from "../apps/appEntry";

/** Kubernetes objects as somebody else wrote them: of a chart, of a maker's manual. */
export interface ObjectsEntry {
  /** Unique in the environment. Part of the objects' logical names. */
  readonly name: string;
  /** Of all that belong to one; no workload's own. */
  readonly namespace: string;
  /** As they would stand in a YAML file. Default: none. */
  readonly manifests?: readonly unknown[];
  /** Their pods that reach or are reached by something. Default: none, they are closed on every side. */
  readonly pods?: readonly ObjectsPods[];
}

export interface ObjectsPods {
  /** Their label "app.kubernetes.io/name", and the name of their Service. */
  readonly name: string;
  /** Of the Service. Default: none, nobody asks them. */
  readonly port?: number;
  /** What may be asked of that port from outside. Default: nothing. */
  readonly expose?: readonly AppExposure[];
  /** Ports of the internet that they connect to. Default: none. */
  readonly internet?: readonly { readonly port: number; readonly purpose: string }[];
}

/** An object as far as its place is known. */
export interface RawObject extends Readonly<Record<string, unknown>> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string; readonly namespace?: string };
}

/** One with the place where it stands: "manifests[2]", "redis.yaml, object 2". */
export interface PlacedObject {
  readonly path: string;
  readonly value: unknown;
}
