import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { asText, listAt, type JsonObject } from "../wire/json";
import { answer, ClientLimits, type Application, type ControllerPlace } from "./answer";

export interface WebEntryOptions extends ControllerPlace {
  /** Every object of the cluster, now: `LocalKubernetes.snapshot`. */
  readonly snapshot: () => Promise<readonly JsonObject[]>;
  /** In the place of containers, which do not run here. Default: it says which pod got what. */
  readonly application?: Application;
  /** Default: a free one. */
  readonly port?: number;
  /** Default "127.0.0.1". */
  readonly address?: string;
  /** Milliseconds for each second of the controller's. Default 1000. */
  readonly secondMs?: number;
  /** Default: Math.random. */
  readonly random?: () => number;
}

export interface WebEntry {
  /** "http://127.0.0.1:40123": the host is told by the header Host. */
  readonly url: string;
  /**
   * Ends as a controller does that is told to stop: it says so where it is asked for its health, goes on taking requests for
   * `--shutdown-grace-period`, and then closes its port; what is being answered is answered.
   */
  stop(): Promise<void>;
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
  const { application = MIRROR, random = Math.random, address = "127.0.0.1", secondMs = 1000 } = options;
  let stopping = false;
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
      const {
        status,
        headers: set,
        body,
      } = await answer(wanted, options, {
        objects,
        application,
        limits,
        random,
        stopping,
      });
      response.writeHead(status, set).end(body);
    })().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port ?? 0, address, resolve);
  });
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      stopping = true;
      await new Promise(
        (resolve) => void graceSeconds(options.snapshot).then((s) => setTimeout(resolve, s * secondMs)),
      );
      await new Promise((resolve) => server.close(resolve));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Of the controller's DaemonSet (kubernetes/ingress-nginx, pkg/flags; its own default is none). */
async function graceSeconds(snapshot: WebEntryOptions["snapshot"]): Promise<number> {
  const args = (await snapshot())
    .filter(({ kind }) => kind === "DaemonSet")
    .flatMap((one) => listAt(one, "spec", "template", "spec", "containers"))
    .flatMap((container) => listAt(container, "args").map(asText));
  const flag = "--shutdown-grace-period=";
  return Number(args.find((one) => one.startsWith(flag))?.slice(flag.length) ?? 0);
}
