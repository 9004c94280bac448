import { gunzipSync, gzipSync, strFromU8, strToU8 } from "fflate";
import { SCRIPT_FORMAT } from "./render";

const HEREDOC = "KB_PACKED";
const START = `  text="$(base64 -d <<'${HEREDOC}' | gzip -dc`;

/**
 * A host script as it is sent: the same script, a good half smaller. Pulumi keeps what a command is sent twice in the
 * stack's state, for each host. Like the script itself it is read whole before anything runs, and unpacked whole (gzip
 * knows its own checksum) before its first line does. Nothing of it is ever in a file or a command line.
 *
 * Equal scripts give equal bytes with every version of Node: the packing is fflate's, not zlib's.
 */
export function packScript(script: string): string {
  const packed = gzipSync(strToU8(script), { level: 9, mtime: 0 });
  const lines =
    Buffer.from(packed)
      .toString("base64")
      .match(/.{1,76}/g) ?? [];
  return [
    "#!/usr/bin/env bash",
    SCRIPT_FORMAT,
    "set -Eeuo pipefail",
    "main() {",
    "  local text",
    START,
    ...lines,
    HEREDOC,
    '  )" || { echo "keybuzz: the script did not arrive whole; nothing was run; remedy: run again" >&2; exit 1; }',
    "  exec bash <(printf '%s\\n' \"$text\")",
    "}",
    'main "$@" </dev/null',
    "",
  ].join("\n");
}

/** The script within a packed one; a script that is not packed comes back as it is. @throws Error when it is damaged. */
export function unpackScript(text: string): string {
  const lines = text.split("\n");
  const start = lines.indexOf(START);
  if (start < 0) return text;
  const end = lines.indexOf(HEREDOC, start);
  if (end < 0) throw new Error("a packed host script without its end; it was cut off or changed");
  return strFromU8(gunzipSync(Buffer.from(lines.slice(start + 1, end).join(""), "base64")));
}
