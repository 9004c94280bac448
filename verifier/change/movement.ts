import type { EmittedGraph, EmittedResource } from "../read/graph";

export type Operation = "create" | "update" | "replace" | "delete";

/** A resource with what Pulumi is told of its life. */
export interface PlannedResource extends EmittedResource {
  readonly urn: string;
  /** Never deleted or replaced. Default false. */
  readonly protect?: boolean;
  /** Default false. */
  readonly retainOnDelete?: boolean;
  /** Names of the hooks before and after its update: its cluster lets it go, and waits for it. Default: none. */
  readonly hooks?: readonly string[];
}

/**
 * What a run does to one resource, as an engine's plan or the providers' tables say. A resource to which nothing
 * happens is no movement.
 */
export interface Movement {
  readonly operation: Operation;
  /** As it is; absent where it is made. */
  readonly before?: PlannedResource;
  /** As it will be; absent where it goes. */
  readonly after?: PlannedResource;
  /** Why it is replaced: paths of inputs. */
  readonly because: readonly string[];
  /** Of a replacement: the old one goes before the new one comes. Default: it goes at the end of the run. */
  readonly deleteFirst?: boolean;
}

/** What cannot be judged, in one sentence. */
export class NotJudgeableError extends Error {
  override readonly name = "NotJudgeableError";
}

/** A run that is about to begin. */
export interface Change {
  /** What is there. */
  readonly before: EmittedGraph;
  /** What is wanted, with what waits for what. */
  readonly after: EmittedGraph;
  readonly movements: readonly Movement[];
  /** Names that people gave up for this run: hosts, applications, keys, or the stack for all. */
  readonly consent: readonly string[];
  /** Public address of who runs it. Default: not known. */
  readonly runsFrom?: string;
  /** What of the state before could not be known, a sentence each. */
  readonly unknown: readonly string[];
}

/** Whoever has a name of his own cannot be there twice, so its provider deletes first (docs/reference/pulumi.md). */
export function deletesFirst({ type, inputs }: EmittedResource): boolean {
  return type.startsWith("kubernetes:") || (type.startsWith("hcloud:") && inputs["name"] !== undefined);
}

/** The resource that a movement is of. */
export function subjectOf({ before, after }: Movement): PlannedResource {
  const one = after ?? before;
  if (one === undefined) throw new Error("a movement of nothing");
  return one;
}
