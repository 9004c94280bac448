import { listAt, textAt } from "@standin/kubernetes-api/wire/json";
import { SchemaValidator } from "@standin/kubernetes-api/wire/schemaValidator";
import {
  UNKNOWN,
  type CheckFailure,
  type DiffResult,
  type PropertyChange,
  type Properties,
  type Provider,
  type ProviderFactory,
  type ResourceContext,
  type ResourceState,
} from "../../provider";
import { inputChanges } from "../../diff";
import { judgeJob } from "./await/workloads";
import { applyObject, findTarget, previewObject, timeoutOf } from "./applyObject";
import { TargetCluster } from "./cluster";
import { otherCluster } from "./clusterIdentity";
import { parseConfig, type KubernetesConfig } from "./config";
import { UnreachableError } from "@standin/kubernetes-api/wire/kubeClient";
import { inputMistakes } from "./inputMistakes";
import { importedInputs, refreshedInputs } from "./liveInputs";
import { schemaFailures } from "./localValidation";
import { idOf, outputsOf, parseId } from "./manifest";
import { annotation, fieldManagerOf, isAutonamed, named } from "./naming";
import { objectError } from "./objectError";
import { builtinType, objectPath } from "./objectPaths";
import { replaceRule } from "./replaceRules";
import { parseToken, type KindToken } from "./typeToken";
import { mapAt, toJsonObject, valueAt } from "./values";

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
    const unready = await this.failedJob(ctx, old, news);
    const changes: PropertyChange[] = [...inputChanges(old.inputs, news, replaces)];
    if (unready) changes.push({ path: "spec", kind: "update", replace: true });
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
    if (ctx.preview)
      return { id: "", outputs: await previewObject(ctx, this.cluster, token, inputs, undefined, fieldManager) };
    const target = await findTarget(ctx, this.known(ctx).cluster, token, inputs);
    const live = await applyObject(ctx, target, inputs, fieldManager);
    return { id: idOf(live), outputs: outputsOf(live, token, fieldManager) };
  }

  async update(ctx: ResourceContext, old: ResourceState, news: Properties): Promise<Properties> {
    const token = parseToken(ctx.type);
    const kept = old.outputs.__fieldManager;
    const fieldManager = typeof kept === "string" ? kept : fieldManagerOf(ctx.urn);
    if (ctx.preview) return previewObject(ctx, this.cluster, token, news, old, fieldManager);
    const live = await applyObject(
      ctx,
      await findTarget(ctx, this.known(ctx).cluster, token, news),
      news,
      fieldManager,
    );
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

  /**
   * A Job whose annotation asks for it is made anew while it is not complete, with the same name (pulumi-kubernetes,
   * provider.go, Diff). Without the annotation, an update waits for the one that has failed.
   */
  private async failedJob(ctx: ResourceContext, old: ResourceState, news: Properties): Promise<boolean> {
    const token = parseToken(ctx.type);
    const isAsked = token.kind === "Job" && annotation(news, "replaceUnready") === "true";
    if (!isAsked || this.cluster === undefined) return false;
    try {
      const type = await this.cluster.kinds.find(token, ctx.signal);
      if (type === undefined) return false;
      const { namespace, name } = parseId(old.id);
      const live = await this.cluster.client.get(objectPath(type, namespace, name), ctx.signal);
      return live !== undefined && (await judgeJob(live, { client: this.cluster.client })).state !== "ready";
    } catch (error) {
      // Like the real one: what cannot be read now is no reason.
      ctx.log("debug", `${old.id}: not looked at: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
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
}

/**
 * Makes the provider from its configuration: kubeconfig (contents; UNKNOWN in a preview that plans the
 * cluster), context, namespace, enableConfigMapMutable, enableSecretMutable, deleteUnreachable.
 * @throws listing every setting that is wrong; never quoting the kubeconfig.
 */
async function start(properties: Properties, { localAddress }: KubernetesProviderOptions): Promise<Provider> {
  const config = parseConfig(properties);
  const { kubeconfig, context, namespace, clusterUnknown } = config;
  const cluster =
    clusterUnknown || kubeconfig === undefined
      ? undefined
      : new TargetCluster(kubeconfig, context, namespace, localAddress?.());
  return new KubernetesProvider(config, cluster);
}

export interface KubernetesProviderOptions {
  /** From which clusters are reached, asked for each. Default: as the system chooses. */
  readonly localAddress?: () => string | undefined;
}

/** @see start; without the cluster a preview compares with the state, as the official provider's does. */
export const kubernetesProviderWith = (options: KubernetesProviderOptions): ProviderFactory =>
  Object.assign((properties: Properties) => start(properties, options), {
    takesUnknown: true as const,
    replacedBy: otherCluster,
  });

export const kubernetesProvider = kubernetesProviderWith({});
