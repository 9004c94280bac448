import { listAt, textAt, type JsonObject } from "@standin/kubernetes-api/wire/json";
import type { ResourceType } from "@standin/kubernetes-api/wire/resourceType";
import { SchemaValidator } from "@standin/kubernetes-api/wire/schemaValidator";
import {
  PartialFailure,
  UNKNOWN,
  type CheckFailure,
  type DiffResult,
  type Properties,
  type Provider,
  type ProviderFactory,
  type ResourceContext,
  type ResourceState,
} from "../../provider";
import { inputChanges } from "../../diff";
import { awaitReady, NotReadyError } from "./await/awaitReady";
import { parseWaitFor } from "./await/waitFor";
import { TargetCluster } from "./cluster";
import { parseConfig, type KubernetesConfig } from "./config";
import { KubeError, UnreachableError } from "@standin/kubernetes-api/wire/kubeClient";
import { inputMistakes } from "./inputMistakes";
import { importedInputs, refreshedInputs } from "./liveInputs";
import { schemaFailures } from "./localValidation";
import { idOf, manifestOf, outputsOf, parseId, previewOutputs } from "./manifest";
import { annotation, fieldManagerOf, isAutonamed, named } from "./naming";
import { objectError } from "./objectError";
import { builtinType, objectPath } from "./objectPaths";
import { replaceRule } from "./replaceRules";
import { parseToken, type KindToken } from "./typeToken";
import { hasUnknown, mapAt, toJsonObject, valueAt } from "./values";

const defaultTimeoutSeconds = 600;
const claimTimeoutSeconds = 300;
// A CRD that this run applies is served within a second or two.
const kindTimeoutSeconds = 60;

interface Target {
  readonly cluster: TargetCluster;
  readonly token: KindToken;
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
}

/** The embedded engine's "kubernetes" package: server-side apply and await logic against any API server. */
class KubernetesProvider implements Provider {
  readonly name = "kubernetes";
  private readonly validator = new SchemaValidator();

  constructor(
    private readonly config: KubernetesConfig,
    /** Undefined in a preview that plans the cluster itself. */
    private readonly cluster: TargetCluster | undefined,
  ) {}

  secretOutputs(type: string): readonly string[] {
    return type === "kubernetes:core/v1:Secret" ? ["data", "stringData"] : [];
  }

  async check(
    ctx: ResourceContext,
    news: Properties,
    olds: Properties | undefined,
  ): Promise<{ readonly inputs: Properties; readonly failures: readonly CheckFailure[] }> {
    const token = parseToken(ctx.type);
    const complete = this.placed(
      token,
      named({ ...news, apiVersion: token.apiVersion, kind: token.kind }, olds, ctx.urn),
    );
    return {
      inputs: complete,
      failures: [...inputMistakes(token, news), ...(await schemaFailures(this.validator, token, complete))],
    };
  }

  async diff(ctx: ResourceContext, old: ResourceState, news: Properties): Promise<DiffResult> {
    const { apiVersion, kind } = parseToken(ctx.type);
    const replaces = replaceRule(apiVersion, kind, {
      configMaps: this.config.enableConfigMapMutable,
      secrets: this.config.enableSecretMutable,
      immutable: old.inputs.immutable === true,
    });
    const changes = inputChanges(old.inputs, news, replaces);
    const same = (field: string): boolean => {
      const wanted = valueAt(news, "metadata", field);
      return wanted !== UNKNOWN && wanted === valueAt(old.outputs, "metadata", field);
    };
    // Two objects of one name cannot be: the old one goes first.
    const isNamed = !isAutonamed(news) && same("name") && same("namespace");
    return { changes, deleteBeforeReplace: isNamed && changes.some(({ replace }) => replace) };
  }

  async create(
    ctx: ResourceContext,
    inputs: Properties,
  ): Promise<{ readonly id: string; readonly outputs: Properties }> {
    const token = parseToken(ctx.type);
    const fieldManager = fieldManagerOf(ctx.urn);
    if (ctx.preview) return { id: "", outputs: await this.preview(ctx, token, inputs, undefined, fieldManager) };
    const target = await this.target(ctx, token, inputs);
    const live = await this.applied(ctx, target, inputs, fieldManager);
    return { id: idOf(live), outputs: outputsOf(live, token, fieldManager) };
  }

  async update(ctx: ResourceContext, old: ResourceState, news: Properties): Promise<Properties> {
    const token = parseToken(ctx.type);
    const kept = old.outputs.__fieldManager;
    const fieldManager = typeof kept === "string" ? kept : fieldManagerOf(ctx.urn);
    if (ctx.preview) return this.preview(ctx, token, news, old, fieldManager);
    const live = await this.applied(ctx, await this.target(ctx, token, news), news, fieldManager);
    return outputsOf(live, token, fieldManager);
  }

  async delete(ctx: ResourceContext, old: ResourceState): Promise<void> {
    const token = parseToken(ctx.type);
    try {
      const { cluster, path } = this.known(ctx);
      const type = await cluster.kinds.find(token, ctx.signal);
      // Its CRD is gone, and with it every object of the kind.
      if (type === undefined) return;
      const { namespace, name } = parseId(old.id);
      const policy = annotation(old.inputs, "deletionPropagationPolicy") ?? "foreground";
      const propagation = { orphan: "Orphan", background: "Background" }[policy.toLowerCase()] ?? "Foreground";
      const wait = annotation(old.inputs, "skipAwait") !== "true" && propagation !== "Orphan";
      const timeoutSeconds = timeoutOf(ctx, token, old.inputs);
      await cluster.remove(path(type, namespace, name), propagation, { wait, timeoutSeconds, signal: ctx.signal });
    } catch (error) {
      if (error instanceof UnreachableError && this.config.deleteUnreachable)
        return ctx.log("warning", `${old.id} is forgotten, not deleted: ${error.message} (deleteUnreachable is set)`);
      throw objectError(
        token,
        old.id,
        error,
        error instanceof UnreachableError
          ? "; if the cluster is gone for good, set deleteUnreachable on its kubernetes.Provider"
          : "",
      );
    }
  }

  async read(ctx: ResourceContext, id: string, last: ResourceState | undefined): Promise<ResourceState | undefined> {
    const token = parseToken(ctx.type);
    const { cluster, path } = this.known(ctx);
    const type = await cluster.kinds.find(token, ctx.signal);
    if (type === undefined) return undefined;
    const place = parseId(id);
    const namespace = type.namespaced && place.namespace === "" ? cluster.namespace : place.namespace;
    const live = await cluster.client.get(path(type, namespace, place.name), ctx.signal);
    if (live === undefined) return undefined;
    const kept = last?.outputs.__fieldManager;
    const outputs = outputsOf(live, token, typeof kept === "string" ? kept : fieldManagerOf(ctx.urn));
    const isTracked = last !== undefined && Object.keys(last.inputs).length > 0;
    const inputs = isTracked ? refreshedInputs(type, toJsonObject(last.inputs), live) : importedInputs(live);
    return { id: idOf(live), inputs, outputs };
  }

  async recover(
    ctx: ResourceContext,
    inputs: Properties,
  ): Promise<{ readonly id: string; readonly outputs: Properties } | undefined> {
    const token = parseToken(ctx.type);
    const { cluster, path } = this.known(ctx);
    const type = await cluster.kinds.find(token, ctx.signal);
    const name = valueAt(inputs, "metadata", "name");
    if (type === undefined || typeof name !== "string") return undefined;
    const namespace = valueAt(inputs, "metadata", "namespace");
    const live = await cluster.client.get(
      path(type, typeof namespace === "string" ? namespace : cluster.namespace, name),
      ctx.signal,
    );
    const fieldManager = fieldManagerOf(ctx.urn);
    // An object of that name which this resource never wrote is a stranger's.
    const isOurs = listAt(live, "metadata", "managedFields").some((entry) => textAt(entry, "manager") === fieldManager);
    return live !== undefined && isOurs ? { id: idOf(live), outputs: outputsOf(live, token, fieldManager) } : undefined;
  }

  async invoke(token: string): Promise<Properties> {
    throw new Error(
      `${token}: functions of the kubernetes package (yaml, helm, kustomize) are not supported by the embedded engine; use the official Pulumi CLI`,
    );
  }

  async close(): Promise<void> {
    this.cluster?.close();
    await this.validator.close();
  }

  /** Objects of namespaced kinds state their namespace. */
  private placed(token: KindToken, inputs: Properties): Properties {
    const metadata = valueAt(inputs, "metadata");
    const namespace = this.cluster?.namespace ?? this.config.namespace;
    const isPlaced = metadata === UNKNOWN || valueAt(metadata, "namespace") !== undefined;
    if (isPlaced || builtinType(token)?.namespaced !== true) return inputs;
    return { ...inputs, metadata: { ...mapAt(inputs, "metadata"), namespace: namespace ?? "default" } };
  }

  private known(ctx: ResourceContext): { readonly cluster: TargetCluster; readonly path: typeof objectPath } {
    if (this.cluster === undefined)
      throw new Error(`${ctx.urn}: the cluster is not known yet (its kubeconfig is made by this very run)`);
    return { cluster: this.cluster, path: objectPath };
  }

  private async target(ctx: ResourceContext, token: KindToken, inputs: Properties): Promise<Target> {
    const { cluster, path } = this.known(ctx);
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
    return { cluster, token, type, namespace: place, name, path: path(type, place, name) };
  }

  private async applied(
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
      throw new PartialFailure(
        objectError(token, id, reason).message,
        idOf(live),
        outputsOf(seen, token, fieldManager),
      );
    }
  }

  /** A dry run on the cluster where there is one: what it would refuse, the preview refuses. */
  private async preview(
    ctx: ResourceContext,
    token: KindToken,
    inputs: Properties,
    old: ResourceState | undefined,
    fieldManager: string,
  ): Promise<Properties> {
    const outputs = previewOutputs(token, inputs, old?.outputs);
    if (this.cluster === undefined || hasUnknown(inputs)) return outputs;
    try {
      const type = await this.cluster.kinds.find(token, ctx.signal);
      const { name, namespace } = mapAt(inputs, "metadata");
      if (type === undefined || typeof name !== "string") return outputs;
      const place = type.namespaced ? (typeof namespace === "string" ? namespace : this.cluster.namespace) : "";
      const force = annotation(inputs, "patchForce") === "true";
      await this.cluster.apply(type, place, name, manifestOf(inputs), {
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
}

function timeoutOf(ctx: ResourceContext, { kind }: KindToken, inputs: Properties): number {
  const stated = Number(annotation(inputs, "timeoutSeconds"));
  const fallback = kind === "PersistentVolumeClaim" ? claimTimeoutSeconds : defaultTimeoutSeconds;
  return ctx.timeoutSeconds ?? (stated > 0 ? stated : fallback);
}

/**
 * Makes the provider from its configuration: kubeconfig (contents; UNKNOWN in a preview that plans the
 * cluster), context, namespace, enableConfigMapMutable, enableSecretMutable, deleteUnreachable.
 * @throws listing every setting that is wrong; never quoting the kubeconfig.
 */
export const kubernetesProvider: ProviderFactory = async (properties) => {
  const config = parseConfig(properties);
  const { kubeconfig, context, namespace, clusterUnknown } = config;
  const cluster =
    clusterUnknown || kubeconfig === undefined ? undefined : new TargetCluster(kubeconfig, context, namespace);
  return new KubernetesProvider(config, cluster);
};
