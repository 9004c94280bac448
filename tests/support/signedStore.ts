import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

// A store that judges signed addresses as S3's stores do: AWS Signature Version 4 in the query, over method, path,
// query and Host as they arrive. docs.aws.amazon.com, Authenticating Requests: Using Query Parameters.

const DATE = "20261128T190000Z";
const SCOPE = `${DATE.slice(0, 8)}/us-east-1/s3/aws4_request`;

/** What was asked, as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly host: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface SignedStore {
  readonly port: number;
  readonly arrived: Arrived[];
  close(): Promise<void>;
}

/** Answers 200 and the object's path where the signature is right, else 403. */
export async function openStore(secret: string): Promise<SignedStore> {
  const arrived: Arrived[] = [];
  const server: Server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    const asked = { method, host: headers.host ?? "", url, headers };
    arrived.push(asked);
    const ok = isSigned(asked, secret);
    response.writeHead(ok ? 200 : 403).end(ok ? `object ${asked.url.split("?")[0]}` : "<Code>AccessDenied</Code>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, arrived, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** "/bucket/key?X-Amz-...", signed for GET at a host. */
export function signedAddress(host: string, path: string, secret: string, more: Readonly<Record<string, string>> = {}) {
  const query = new URLSearchParams({
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `key/${SCOPE}`,
    "X-Amz-Date": DATE,
    "X-Amz-Expires": "300",
    "X-Amz-SignedHeaders": "host",
    ...more,
  });
  const sorted = canonicalQuery(query);
  return `${path}?${sorted}&X-Amz-Signature=${signature({ method: "GET", host, path, query: sorted }, secret)}`;
}

function isSigned({ method, host, url }: Arrived, secret: string): boolean {
  const [path = "", text = ""] = url.split("?");
  const query = new URLSearchParams(text);
  const given = query.get("X-Amz-Signature");
  query.delete("X-Amz-Signature");
  return given === signature({ method, host, path, query: canonicalQuery(query) }, secret);
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join("&");
}

function signature(
  of: { readonly method: string; readonly host: string; readonly path: string; readonly query: string },
  secret: string,
): string {
  const canonical = [of.method, of.path, of.query, `host:${of.host}\n`, "host", "UNSIGNED-PAYLOAD"].join("\n");
  const hashed = createHash("sha256").update(canonical).digest("hex");
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
  const key = SCOPE.split("/").reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, ["AWS4-HMAC-SHA256", DATE, SCOPE, hashed].join("\n")).toString("hex");
}
