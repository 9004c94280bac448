import { renameSync, writeFileSync } from "node:fs";

/** Writes a file that is there whole or as it was, even when this process is killed meanwhile. Readable by this user alone. */
export function writeWhole(path: string, text: string): void {
  const draft = `${path}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}
