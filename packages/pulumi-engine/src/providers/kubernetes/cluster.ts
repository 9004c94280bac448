import type { ResourceType } from "@standin/kubernetes-api/wire/resourceType";
import type { JsonObject } from "@standin/kubernetes-api/wire/json";
import { KubeClient, KubeError, pause } from "@standin/kubernetes-api/wire/kubeClient";
import { parseKubeconfig } from "@standin/kubernetes-api/wire/connection";
import { KindDirectory, objectPath } from "./objectPaths";

export interface ApplyOptions {
  readonly fieldManager: string;
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** A reachable (so we hope) cluster: client and directory of its kinds. */
export class TargetCluster {
  readonly client: KubeClient;
  readonly kinds: KindDirectory;
  /** Where objects without namespace go. */
  readonly namespace: string;

  /** @param localAddress from which it is reached. Default: as the system chooses. */
  constructor(
    kubeconfig: string,
    context: string | undefined,
    namespace: string | undefined,
    localAddress: string | undefined,
  ) {
    const connection = parseKubeconfig(kubeconfig, context);
    this.client = new KubeClient(connection, localAddress);
    this.kinds = new KindDirectory(this.client);
    this.namespace = namespace ?? connection.namespace;
  }

  apply(
    type: ResourceType,
    namespace: string,
    name: string,
    manifest: JsonObject,
    options: ApplyOptions,
  ): Promise<JsonObject> {
    return this.client.request({
      method: "PATCH",
      path: objectPath(type, namespace, name),
      body: manifest,
      contentType: "application/apply-patch+yaml",
      query: {
        fieldManager: options.fieldManager,
        force: String(options.force),
        fieldValidation: "Strict",
        ...(options.dryRun ? { dryRun: "All" } : {}),
      },
      // A write that is cut off leaves nobody knowing whether it happened: once sent, its answer is waited for.
      ...(options.dryRun ? { signal: options.signal } : {}),
    });
  }

  /** Deletes and, unless `wait` is false, waits until it is gone. Missing is fine. @throws when it is still there in time. */
  async remove(
    path: string,
    propagation: string,
    options: { readonly wait: boolean; readonly timeoutSeconds: number; readonly signal: AbortSignal },
  ): Promise<void> {
    try {
      await this.client.request({
        method: "DELETE",
        path,
        body: { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: propagation },
        signal: options.signal,
      });
    } catch (error) {
      if (error instanceof KubeError && error.code === 404) return;
      throw error;
    }
    if (!options.wait) return;
    const end = Date.now() + options.timeoutSeconds * 1000;
    for (
      let delay = 30;
      (await this.client.get(path, options.signal)) !== undefined;
      delay = Math.min(1000, delay * 1.5)
    ) {
      if (Date.now() + delay > end)
        throw new Error(
          `still there ${options.timeoutSeconds} s after its deletion: something holds it back (metadata.finalizers, or what it contains)`,
        );
      await pause(delay, options.signal);
    }
  }

  close(): void {
    this.client.close();
  }
}
