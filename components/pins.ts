import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a name stood for when its pin was read: another thing of the same name is refused by whoever fetches it. */
export interface Pins {
  /** URL of a file to its sha256, 64 hex digits. */
  readonly files: Readonly<Record<string, string>>;
  /** "registry.k8s.io/pause:3.10" to "sha256:..." of all its architectures. */
  readonly images: Readonly<Record<string, string>>;
}

/** Written by `npm run pins`. */
export const PINS_FILE = join(__dirname, "pins.json");

export const PINS = JSON.parse(readFileSync(PINS_FILE, "utf8")) as Pins;

/** An image with its digest, where that has been read. A node asks for the digest then, whatever the tag has become. */
export function pinnedImage(image: string, { images }: Pins = PINS): string {
  const digest = images[image];
  return digest === undefined ? image : `${image}@${digest}`;
}

/** `{ sha256 }` of a file, where that has been read. */
export function pinnedSum(url: string, { files }: Pins = PINS): { readonly sha256?: string } {
  const sha256 = files[url];
  return sha256 === undefined ? {} : { sha256 };
}
