import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject } from "../wire/json";
import { answer, ClientLimits, type Application, type ControllerPlace } from "./answer";

export interface WebEntryOptions extends ControllerPlace {
  /** Every object of the cluster, now: `LocalKubernetes.snapshot`. */
  readonly snapshot: () => Promise<readonly JsonObject[]>;
  /** In the place of containers, which do not run here. Default: it says which pod got what. */
  readonly application?: Application;
  /** Default: a free one. */
  readonly port?: number;
  /** Default: Math.random. */
  readonly random?: () => number;
}

export interface WebEntry {
  /** "http://127.0.0.1:40123": the host is told by the header Host. */
  readonly url: string;
  close(): Promise<void>;
}

/** Says who got the request, and what of it. */
const MIRROR: Application = ({ namespace, service, port, pod }, { method, url }) => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ namespace, service, port, pod, method, url }),
});

/**
 * The place where ingress-nginx is, for a cluster whose containers do not run: requests by HTTP, answered as its
 * Ingresses, Services, Secrets and ConfigMaps say.
 */
export async function startWebEntry(options: WebEntryOptions): Promise<WebEntry> {
  const limits = new ClientLimits();
  const { application = MIRROR, random = Math.random } = options;
  const server = createServer((request, response) => {
    request.resume();
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join("; ") : (value ?? ""),
      ]),
    );
    const host = (headers["host"] ?? "").replace(/:\d+$/, "");
    void (async () => {
      const objects = await options.snapshot();
      const wanted = { method: request.method ?? "GET", host, url: request.url ?? "/", headers };
      const { status, headers: set, body } = await answer(wanted, options, { objects, application, limits, random });
      response.writeHead(status, set).end(body);
    })().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
