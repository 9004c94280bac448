import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { parse } from "yaml";
import { at, isObject, listAt, textAt, type Json, type JsonObject } from "./json";

/** How to reach a cluster and as whom. */
export interface Connection {
  /** e.g. "https://127.0.0.1:16443", without a trailing slash. */
  readonly server: string;
  readonly ca?: string;
  readonly serverName?: string;
  readonly insecure: boolean;
  readonly certificate?: string;
  readonly key?: string;
  readonly token?: string;
  /** Of the context; "default" where it states none. */
  readonly namespace: string;
}

function fileOrData(holder: Json | undefined, name: string): string | undefined {
  const data = textAt(holder, `${name}-data`);
  if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
  const path = textAt(holder, name);
  if (path === undefined) return undefined;
  if (!isAbsolute(path))
    throw new Error(`kubeconfig: ${name}: "${path}" must be absolute: the kubeconfig's own place is not known`);
  return readFileSync(path, "utf8");
}

function named(config: JsonObject, list: string, name: string | undefined): Json | undefined {
  return listAt(config, list).find((entry) => textAt(entry, "name") === name);
}

/**
 * Reads a kubeconfig (YAML or JSON).
 * @param context default: current-context.
 * @throws naming what is missing or not supported (proxy-url, exec and auth-provider plug-ins).
 */
export function parseKubeconfig(text: string, context?: string): Connection {
  let config: unknown;
  try {
    config = parse(text);
  } catch {
    // The parser's message would quote the text, which holds a private key.
    throw new Error("kubeconfig: neither YAML nor JSON");
  }
  if (!isObject(config))
    throw new Error("kubeconfig: must be a YAML or JSON document with clusters, users and contexts");
  const name = context ?? textAt(config, "current-context");
  const chosen = at(named(config, "contexts", name), "context");
  if (chosen === undefined) {
    const known = listAt(config, "contexts").map((entry) => textAt(entry, "name"));
    throw new Error(`kubeconfig: context "${name ?? ""}" is not there; there are: ${known.join(", ") || "none"}`);
  }
  const cluster = at(named(config, "clusters", textAt(chosen, "cluster")), "cluster");
  const user = at(named(config, "users", textAt(chosen, "user")), "user");
  const server = textAt(cluster, "server");
  if (server === undefined) throw new Error(`kubeconfig: context "${name ?? ""}" leads to no cluster with a server`);
  if (!URL.canParse(server)) throw new Error(`kubeconfig: server: "${server}" is no URL`);
  if (textAt(cluster, "proxy-url") !== undefined)
    throw new Error("kubeconfig: proxy-url is not supported by the embedded engine; state the server's own address");
  for (const plugin of ["exec", "auth-provider"])
    if (at(user, plugin) !== undefined)
      throw new Error(
        `kubeconfig: users[].user.${plugin} is not supported by the embedded engine; use a client certificate or a token`,
      );
  const ca = fileOrData(cluster, "certificate-authority");
  const certificate = fileOrData(user, "client-certificate");
  const key = fileOrData(user, "client-key");
  const token = textAt(user, "token");
  const serverName = textAt(cluster, "tls-server-name");
  return {
    server: server.replace(/\/+$/, ""),
    insecure: at(cluster, "insecure-skip-tls-verify") === true,
    namespace: textAt(chosen, "namespace") ?? "default",
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(token === undefined ? {} : { token }),
  };
}
