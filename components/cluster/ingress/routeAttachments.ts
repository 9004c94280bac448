import { createHash, createHmac } from "node:crypto";
import type { ExposedRoute } from "./exposedRoute";
import { routeMetadata } from "./ingressObjects";
import { authName, headersName } from "./optionAnnotations";
import { isAnswered } from "./routes";

/** Characters of a password that people chose: the Secret holds a fast hash of it, which short ones do not survive. */
const SHORTEST_PASSWORD = 16;
const SALT_BYTES = 8;

interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A route's users, before their passwords are known. */
export interface RouteUsers {
  readonly metadata: Metadata;
  /** Placeholders, by user. */
  readonly passwords: Readonly<Record<string, string>>;
}

export interface RouteHeaders {
  readonly metadata: Metadata;
  readonly data: Readonly<Record<string, string>>;
}

/** The Secrets that routes with basic authentication refer to. */
export function routeUsers(routes: readonly ExposedRoute[]): readonly RouteUsers[] {
  return routes.flatMap((exposed) => {
    if (exposed.guard?.kind !== "basic") return [];
    const metadata = routeMetadata(exposed);
    return [{ metadata: { ...metadata, name: authName(metadata.name) }, passwords: exposed.guard.passwords }];
  });
}

/** The ConfigMaps that routes with headers of their own refer to. */
export function routeHeaders(routes: readonly ExposedRoute[]): readonly RouteHeaders[] {
  return routes.flatMap((exposed) => {
    if (isAnswered(exposed.route) || exposed.route.responseHeaders === undefined) return [];
    const metadata = routeMetadata(exposed);
    return [{ metadata: { ...metadata, name: headersName(metadata.name) }, data: exposed.route.responseHeaders }];
  });
}

/**
 * Content of a password file for nginx: salted SHA-1, the one kind that nginx checks by itself on every system, and
 * fast enough for each request. The salt comes from the password, so that the same password is no change.
 *
 * @throws where a password is so short that it could be guessed from its hash; never with the password
 */
export function passwordFile(passwords: Readonly<Record<string, string>>): string {
  return Object.entries(passwords)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([user, password]) => `${user}:${salted(user, password)}\n`)
    .join("");
}

function salted(user: string, password: string): string {
  if (password.length < SHORTEST_PASSWORD)
    throw new Error(
      `the password of "${user}" has ${password.length} characters; allowed: ${SHORTEST_PASSWORD} or more, since what the entry keeps of it is a fast hash; choose a longer one with pulumi config set --secret`,
    );
  const salt = createHmac("sha256", password).update(user).digest().subarray(0, SALT_BYTES);
  const hash = createHash("sha1").update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([hash, salt]).toString("base64")}`;
}
