import { createReadStream, readFileSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { join, normalize } from "node:path";

/** Where it is, in TEST-NET-1 beside the operators' address (fleetNetwork.ts). */
export const ORIGIN_ADDRESS = "192.0.2.254";

/** Web servers of the internet that are there: files over https, one folder for each host. */
export interface Origin {
  /** Has a folder for each name that is known. Read at each request. */
  readonly folder: string;
  /** Names that the machines' name servers know. */
  readonly hosts: readonly string[];
  /** Paths of the PEM files; the certificate covers all names. */
  readonly certificate: string;
  readonly key: string;
}

/** Serves an origin's files on its address. */
export function serveOrigin(origin: Origin, onTrouble: (message: string) => void): Server {
  const pair = { cert: readFileSync(origin.certificate), key: readFileSync(origin.key) };
  const server = createServer(pair, (request, response) => answer(origin.folder, request, response));
  server.on("error", (error) => onTrouble(`origin ${ORIGIN_ADDRESS}: ${error.message}`));
  server.listen(443, ORIGIN_ADDRESS);
  return server;
}

function answer(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const file = fileOf(folder, request.headers.host, request.url);
  const size = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  if (file === undefined || size?.isFile() !== true || (request.method !== "GET" && request.method !== "HEAD")) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-length": size.size, "last-modified": size.mtime.toUTCString() });
  if (request.method === "HEAD") response.end();
  else
    createReadStream(file)
      .on("error", () => response.destroy())
      .pipe(response);
}

/** The file that a request asks for, below the host's folder. */
export function fileOf(folder: string, host: string | undefined, url: string | undefined): string | undefined {
  if (host === undefined || !/^[a-z0-9.-]+$/.test(host) || host.startsWith(".")) return undefined;
  let path: string;
  try {
    path = normalize(decodeURIComponent((url ?? "/").split("?")[0] ?? "/"));
  } catch {
    return undefined;
  }
  return path.startsWith("/") ? join(folder, host, path) : undefined;
}
