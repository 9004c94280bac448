import type { JsonObject } from "@standin/kubernetes-api/wire/json";
import { KubeError, UnreachableError } from "@standin/kubernetes-api/wire/kubeClient";
import type { ResourceType } from "@standin/kubernetes-api/wire/resourceType";
import { PartialFailure, type Properties, type ResourceContext, type ResourceState } from "../../provider";
import { awaitReady, NotReadyError } from "./await/awaitReady";
import { parseWaitFor } from "./await/waitFor";
import type { TargetCluster } from "./cluster";
import { idOf, manifestOf, outputsOf, previewOutputs } from "./manifest";
import { annotation } from "./naming";
import { objectError } from "./objectError";
import { objectPath } from "./objectPaths";
import type { KindToken } from "./typeToken";
import { hasUnknown, mapAt, toJsonObject } from "./values";

const defaultTimeoutSeconds = 600;
const claimTimeoutSeconds = 300;
// A CRD that this run applies is served within a second or two.
const kindTimeoutSeconds = 60;

/** An object's place. */
export interface Target {
  readonly cluster: TargetCluster;
  readonly token: KindToken;
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
}

/** Where an object is to be; waits a moment for its kind. @throws Error */
export async function findTarget(
  ctx: ResourceContext,
  cluster: TargetCluster,
  token: KindToken,
  inputs: Properties,
): Promise<Target> {
  const type = await cluster.kinds.require(
    token,
    Math.min(ctx.timeoutSeconds ?? kindTimeoutSeconds, kindTimeoutSeconds),
    ctx.signal,
  );
  const { name, namespace } = mapAt(inputs, "metadata");
  if (typeof name !== "string")
    throw new Error(
      `${ctx.urn}: metadata.name must be a string; metadata.generateName is not supported with server-side apply`,
    );
  const place = type.namespaced ? (typeof namespace === "string" ? namespace : cluster.namespace) : "";
  return { cluster, token, type, namespace: place, name, path: objectPath(type, place, name) };
}

/** Applies an object and waits until it is ready. @throws PartialFailure when it is there and does not get ready */
export async function applyObject(
  ctx: ResourceContext,
  target: Target,
  inputs: Properties,
  fieldManager: string,
): Promise<JsonObject> {
  const { cluster, token, type, namespace, name, path } = target;
  const force = annotation(inputs, "patchForce") === "true";
  const id = namespace === "" ? name : `${namespace}/${name}`;
  let live: JsonObject;
  try {
    live = await cluster.apply(type, namespace, name, manifestOf(inputs), {
      fieldManager,
      force,
      dryRun: false,
      signal: ctx.signal,
    });
  } catch (error) {
    throw objectError(token, id, error);
  }
  if (annotation(inputs, "skipAwait") === "true") return live;
  const waitFor = annotation(inputs, "waitFor");
  try {
    return await awaitReady(live, {
      client: cluster.client,
      token,
      path,
      timeoutSeconds: timeoutOf(ctx, token, inputs),
      signal: ctx.signal,
      log: (message) => ctx.log("debug", `${id}: ${message}`),
      ...(waitFor === undefined ? {} : { judge: parseWaitFor(waitFor) }),
    });
  } catch (error) {
    // The object is there: whatever went wrong now, it must not be lost from the state.
    const seen = error instanceof NotReadyError ? error.live : live;
    const reason = ctx.signal.aborted ? new Error("interrupted while it was awaited") : error;
    throw new PartialFailure(objectError(token, id, reason).message, idOf(live), outputsOf(seen, token, fieldManager));
  }
}

/** A dry run on the cluster where there is one: what it would refuse, the preview refuses. */
export async function previewObject(
  ctx: ResourceContext,
  cluster: TargetCluster | undefined,
  token: KindToken,
  inputs: Properties,
  old: ResourceState | undefined,
  fieldManager: string,
): Promise<Properties> {
  const outputs = previewOutputs(token, inputs, old?.outputs);
  if (cluster === undefined || hasUnknown(inputs)) return outputs;
  try {
    const type = await cluster.kinds.find(token, ctx.signal);
    const { name, namespace } = mapAt(inputs, "metadata");
    if (type === undefined || typeof name !== "string") return outputs;
    const place = type.namespaced ? (typeof namespace === "string" ? namespace : cluster.namespace) : "";
    const force = annotation(inputs, "patchForce") === "true";
    await cluster.apply(type, place, name, manifestOf(inputs), {
      fieldManager,
      force,
      dryRun: true,
      signal: ctx.signal,
    });
  } catch (error) {
    if (error instanceof UnreachableError) ctx.log("debug", `previewed without the cluster: ${error.message}`);
    // Its namespace or kind may be what this run makes first.
    else if (!(error instanceof KubeError && error.code === 404))
      throw objectError(token, idOf(toJsonObject(inputs)), error);
  }
  return outputs;
}

/** Seconds: customTimeouts, the annotation, or what the real provider waits. */
export function timeoutOf(ctx: ResourceContext, { kind }: KindToken, inputs: Properties): number {
  const stated = Number(annotation(inputs, "timeoutSeconds"));
  const fallback = kind === "PersistentVolumeClaim" ? claimTimeoutSeconds : defaultTimeoutSeconds;
  return ctx.timeoutSeconds ?? (stated > 0 ? stated : fallback);
}
