import type { Mistake } from "../mistakes";

/** An image reference taken apart: "ghcr.io/keybuzzio/chatwoot-keybuzz:v3.12.0". */
export interface ImageRef {
  /** With registry and path, without tag and digest. */
  readonly repository: string;
  readonly tag?: string;
  /** "sha256:..." */
  readonly digest?: string;
}

const REPOSITORY = /^[a-z0-9]+(?:[._-][a-z0-9]+)*(?::\d+)?(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Undefined when the text is no image reference. */
export function parseImage(image: string): ImageRef | undefined {
  const [name = "", digest, ...rest] = image.split("@");
  if (rest.length > 0 || (digest !== undefined && !DIGEST.test(digest))) return undefined;
  // A colon before a slash belongs to the registry's port.
  const colon = name.lastIndexOf(":");
  const tagged = colon > name.lastIndexOf("/");
  const repository = tagged ? name.slice(0, colon) : name;
  const tag = tagged ? name.slice(colon + 1) : undefined;
  if (!REPOSITORY.test(repository) || (tag !== undefined && !TAG.test(tag))) return undefined;
  return { repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** An image must say which one it is: by digest, or by a tag that is not "latest". */
export function imageMistakes(path: string, image: string): readonly Mistake[] {
  const found = parseImage(image);
  const mistake = (fix: string): readonly Mistake[] => [
    {
      path,
      found: image === "" ? "nothing" : `"${image}"`,
      allowed: 'an image with a tag other than "latest", or with a digest',
      fix,
    },
  ];
  if (found === undefined)
    return mistake('write it as "registry/path:tag" or "registry/path@sha256:<64 hexadecimal digits>"');
  if (found.digest !== undefined) return [];
  if (found.tag === undefined) return mistake(`add the version that you tested: "${image}:1.2.3"`);
  if (found.tag === "latest") return mistake(`replace "latest" by the version that you tested`);
  return [];
}
