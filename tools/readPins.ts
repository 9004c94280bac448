import { createHash } from "node:crypto";
import { parseImage } from "../components/apps/imageRef";
import { GATEWAY_API_MANIFEST } from "../components/cluster/ingress/gatewayObjects";
import { releaseFolder } from "../components/cluster/k3s/k3sRelease";
import { calicoManifests } from "../components/cluster/pods/calicoConfig";
import type { Pins } from "../components/pins";
import { runningImages } from "../stacks/judgeVersions";
import { VERSIONS } from "../stacks/versions";

/** What must be pinned. */
export interface Wanted {
  /** Fetched whole. */
  readonly files: readonly string[];
  /** Too large for that: their maker's list has the sum of a file beside it. */
  readonly listed: readonly { readonly url: string; readonly list: string }[];
  /** With their tags. */
  readonly images: readonly string[];
}

/** Who could not be asked, or what is not what it was: its words are all that is told. */
export class PinsError extends Error {
  override readonly name = "PinsError";
}

/** As `fetch`. */
export type Door = (url: string, init?: RequestInit) => Promise<Response>;

/** Manifest lists first: one digest for all architectures. */
const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");
const LIMIT_MS = 60_000;

/** Everything that is fetched by a name. */
export function wantedPins(): Wanted {
  const k3s = releaseFolder(VERSIONS.k3s);
  return {
    files: [...calicoManifests().map(({ url }) => url), GATEWAY_API_MANIFEST],
    listed: [{ url: `${k3s}/k3s`, list: `${k3s}/sha256sum-amd64.txt` }],
    images: runningImages().flatMap((image) => {
      const { repository, tag } = parseImage(image) ?? {};
      return repository === undefined || tag === undefined ? [] : [`${repository}:${tag}`];
    }),
  };
}

/** Names that have no pin. */
export function unpinned({ files, listed, images }: Wanted, pins: Pins): readonly string[] {
  return [
    ...[...listed.map(({ url }) => url), ...files].filter((url) => pins.files[url] === undefined),
    ...images.filter((image) => pins.images[image] === undefined),
  ];
}

/** Asks everybody. @throws PinsError with all who could not be asked; then nothing is known. */
export async function readPins({ files, listed, images }: Wanted, door: Door): Promise<Pins> {
  const failed: { readonly name: string; readonly why: string; readonly unreached: boolean }[] = [];
  const ask = async (name: string, how: () => Promise<string>): Promise<readonly [string, string]> => {
    try {
      return [name, await how()];
    } catch (error) {
      failed.push({ name, why: reason(error), unreached: !(error instanceof PinsError) });
      return [name, ""];
    }
  };
  const [sums, digests] = await Promise.all([
    Promise.all([
      ...listed.map(({ url, list }) => ask(url, () => fromList(url, list, door))),
      ...files.map((url) => ask(url, async () => sha256(await bytes(url, door)))),
    ]),
    Promise.all(images.map((image) => ask(image, () => digestOf(image, door)))),
  ]);
  const [first] = failed;
  const all = files.length + listed.length + images.length;
  if (first !== undefined && failed.filter(({ unreached }) => unreached).length === all)
    throw new PinsError(`nothing is written: no release and no registry can be reached from here (${first.why})`);
  if (first !== undefined)
    throw new PinsError(
      `nothing is written, for not everybody could be asked:\n${failed
        .map(({ name, why }) => `${name}: ${why}`)
        .sort()
        .join("\n")}`,
    );
  return { files: sorted(sums), images: sorted(digests) };
}

/** Names that were pinned and stand for something else now: a release that changes is none. */
export function movedPins(before: Pins, now: Pins): readonly string[] {
  return (["files", "images"] as const).flatMap((kind) =>
    Object.entries(before[kind]).flatMap(([name, was]) => {
      const is = now[kind][name];
      return is === undefined || is === was
        ? []
        : [
            `${name}: found ${is}; allowed: ${was}, as it was pinned; ask its makers why it changed, and only then take it out of components/pins.json`,
          ];
    }),
  );
}

async function fromList(url: string, list: string, door: Door): Promise<string> {
  const name = url.slice(url.lastIndexOf("/") + 1);
  const text = Buffer.from(await bytes(list, door)).toString("utf8");
  const sum = text.split("\n").flatMap((line) => {
    const [, found, of] = /^([0-9a-f]{64}) [ *](\S+)$/.exec(line) ?? [];
    return found !== undefined && of === name ? [found] : [];
  })[0];
  if (sum === undefined) throw new PinsError(`${list} has no line for ${name}`);
  return sum;
}

async function bytes(url: string, door: Door): Promise<Uint8Array> {
  const response = await door(url, { signal: AbortSignal.timeout(LIMIT_MS) });
  if (!response.ok) throw new PinsError(`answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

/** The registry's own word for a tag, and the sum of what it gives for it (distribution-spec, Pulling manifests). */
async function digestOf(image: string, door: Door): Promise<string> {
  const { host, name, tag } = placeOf(image);
  const url = `https://${host}/v2/${name}/manifests/${tag}`;
  const get = (headers: Readonly<Record<string, string>>): Promise<Response> =>
    door(url, { headers: { accept: MANIFESTS, ...headers }, signal: AbortSignal.timeout(LIMIT_MS) });
  let response = await get({});
  const challenge = response.headers.get("www-authenticate");
  if (response.status === 401 && challenge !== null)
    response = await get({ authorization: `Bearer ${await token(challenge, door)}` });
  if (!response.ok) throw new PinsError(`answered ${response.status}`);
  const said = response.headers.get("docker-content-digest");
  const made = `sha256:${sha256(new Uint8Array(await response.arrayBuffer()))}`;
  if (said !== null && said !== made) throw new PinsError(`says ${said} of what is ${made}`);
  return made;
}

/** For whoever asks without an account (distribution, token authentication). */
async function token(challenge: string, door: Door): Promise<string> {
  const parts = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value]) => [key, value])); // prettier-ignore
  const { realm, service, scope } = parts;
  if (realm === undefined) throw new PinsError(`asks for a login in a way that is not known: ${challenge}`);
  const query = new URLSearchParams({ ...(service === undefined ? {} : { service }), ...(scope === undefined ? {} : { scope }) }); // prettier-ignore
  const answer: unknown = JSON.parse(Buffer.from(await bytes(`${realm}?${query.toString()}`, door)).toString("utf8"));
  const given = answer as { readonly token?: unknown; readonly access_token?: unknown };
  const found = given.token ?? given.access_token;
  if (typeof found !== "string") throw new PinsError(`${realm} gives no token`);
  return found;
}

/** Where an image is: names without a registry are Docker Hub's. */
function placeOf(image: string): { readonly host: string; readonly name: string; readonly tag: string } {
  const { repository = "", tag = "" } = parseImage(image) ?? {};
  const [first = "", ...rest] = repository.split("/");
  const hasHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const host = hasHost ? first : "docker.io";
  const path = hasHost ? rest.join("/") : repository;
  if (host !== "docker.io") return { host, name: path, tag };
  return { host: "registry-1.docker.io", name: path.includes("/") ? path : `library/${path}`, tag };
}

/** In one line; what fetch throws keeps the cause for itself. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const why = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return `${error.message}${why}`;
}

const sorted = (entries: readonly (readonly [string, string])[]): Readonly<Record<string, string>> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
