import type { KubeClient } from "../wire/kubeClient";
import { KubeError } from "../wire/kubeClient";
import { listAt, textAt, type JsonObject } from "../wire/json";

/** What the helpers of the real cluster do with its API. */
export class ApiClient {
  constructor(readonly client: KubeClient) {}

  async list(path: string): Promise<JsonObject[]> {
    const answer = await this.client.request({ method: "GET", path });
    // Items of a list carry no kind of their own.
    const kind = (textAt(answer, "kind") ?? "").replace(/List$/, "");
    const apiVersion = textAt(answer, "apiVersion") ?? "";
    return listAt(answer, "items").map((item) => ({ apiVersion, kind, ...(item as JsonObject) }));
  }

  /** Creates what is not there. */
  async ensure(collection: string, object: JsonObject): Promise<void> {
    await this.client.request({ method: "POST", path: collection, body: object }).catch((error: unknown) => {
      if (!(error instanceof KubeError && error.reason === "AlreadyExists")) throw error;
    });
  }

  mergePatch(path: string, body: JsonObject): Promise<JsonObject> {
    return this.client.request({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });
  }

  async remove(path: string): Promise<void> {
    await this.client.request({ method: "DELETE", path }).catch((error: unknown) => {
      if (!(error instanceof KubeError && error.code === 404)) throw error;
    });
  }
}
