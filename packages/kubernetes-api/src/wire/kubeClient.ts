import { X509Certificate } from "node:crypto";
import * as http from "node:http";
import * as https from "node:https";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import { isObject, listAt, textAt, type JsonObject } from "./json";
import type { Connection } from "./connection";

/** The cluster answered with an error (a Status object). */
export class KubeError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly status: JsonObject,
  ) {
    super(message);
    this.name = "KubeError";
  }

  /** Reasons of details.causes, e.g. "FieldManagerConflict". */
  get causes(): readonly string[] {
    return listAt(this.status, "details", "causes").map((cause) => textAt(cause, "reason") ?? "");
  }
}

/** The cluster did not answer at all. */
export class UnreachableError extends Error {
  constructor(server: string, cause: Error) {
    super(`the Kubernetes API ${server} cannot be reached: ${cause.message}`, { cause });
    this.name = "UnreachableError";
  }
}

export interface KubeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** e.g. "/api/v1/namespaces/default/services/web" */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  /** Default "application/json". */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

// A request that hangs is worse than one that fails: the callers poll.
const requestTimeoutMs = 30_000;
const retryDelaysMs = [200, 1000, 3000];

/** A plain client of any Kubernetes API server. */
export class KubeClient {
  private readonly agent: https.Agent | http.Agent;

  /** @param localAddress from which connections go out. Default: as the system chooses. */
  constructor(
    private readonly connection: Connection,
    localAddress?: string,
  ) {
    const { ca, certificate, key, serverName, insecure } = connection;
    const common = { keepAlive: true, maxSockets: 16, ...(localAddress === undefined ? {} : { localAddress }) };
    this.agent = connection.server.startsWith("http:")
      ? new http.Agent(common)
      : new https.Agent({
          ...common,
          rejectUnauthorized: !insecure,
          ...(ca === undefined ? {} : { ca }),
          ...(certificate === undefined ? {} : { cert: certificate }),
          ...(key === undefined ? {} : { key }),
          ...(serverName === undefined ? {} : knownAs(serverName)),
        });
  }

  /** @throws KubeError for an answer >= 400, UnreachableError when there is none. Answers 429 and 503 are tried again. */
  async request(request: KubeRequest): Promise<JsonObject> {
    for (let attempt = 0; ; attempt++) {
      const { code, text } = await this.send(request);
      const json = parseBody(text);
      if (code < 400) return json;
      const delay = retryDelaysMs[attempt];
      if ((code === 429 || code === 503) && delay !== undefined) {
        await pause(delay, request.signal);
        continue;
      }
      throw new KubeError(
        code,
        textAt(json, "reason") ?? "Unknown",
        `${textAt(json, "message") ?? `HTTP ${code}: ${text.slice(0, 200)}`}${code === 401 ? this.credential() : ""}`,
        json,
      );
    }
  }

  /** Undefined when the object is not there. */
  async get(path: string, signal?: AbortSignal): Promise<JsonObject | undefined> {
    try {
      return await this.request({ method: "GET", path, ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      if (error instanceof KubeError && error.code === 404) return undefined;
      throw error;
    }
  }

  close(): void {
    this.agent.destroy();
  }

  /** What a client that is not known is known by: most often it has ended. */
  private credential(): string {
    const { certificate, token } = this.connection;
    if (certificate !== undefined)
      return `: the client certificate in the kubeconfig is good until ${new X509Certificate(certificate).validToDate.toISOString()}, if it is this cluster's at all`;
    return token === undefined ? ": the kubeconfig has no credential" : ": the token in the kubeconfig is not accepted";
  }

  private send({
    method,
    path,
    query,
    body,
    contentType,
    signal,
  }: KubeRequest): Promise<{ readonly code: number; readonly text: string }> {
    const url = new URL(this.connection.server + path);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string> = { accept: "application/json", "user-agent": "standin/1" };
    if (payload !== undefined) {
      headers["content-type"] = contentType ?? "application/json";
      headers["content-length"] = String(Buffer.byteLength(payload));
    }
    if (this.connection.token !== undefined) headers.authorization = `Bearer ${this.connection.token}`;
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void =>
        reject(
          signal?.aborted === true ? (signal.reason as Error) : new UnreachableError(this.connection.server, error),
        );
      const make = url.protocol === "http:" ? http.request : https.request;
      const outgoing = make(
        url,
        { method, headers, agent: this.agent, timeout: requestTimeoutMs, ...(signal === undefined ? {} : { signal }) },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () =>
            resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
          );
          response.on("error", fail);
        },
      );
      outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${requestTimeoutMs / 1000} s`)));
      outgoing.on("error", fail);
      outgoing.end(payload);
    });
  }
}

/**
 * The server must be who the kubeconfig's tls-server-name says, whatever was dialled (as client-go's ServerName). An
 * address is checked, too, but not sent: TLS knows names only (RFC 6066).
 */
function knownAs(serverName: string): https.AgentOptions {
  return {
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    checkServerIdentity: (_dialled, certificate) => checkServerIdentity(serverName, certificate),
  };
}

function parseBody(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** Resolves after the delay, rejects with the signal's reason when it is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
