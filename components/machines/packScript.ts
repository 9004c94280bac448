import { gunzipSync, gzipSync, strFromU8, strToU8 } from "fflate";

const HEREDOC = "KB_PACKED";
const START = `  text="$(base64 -d <<'${HEREDOC}' | gzip -dc`;

/**
 * A script as it is sent: the same script, much smaller. Pulumi keeps what a command is sent twice in the stack's
 * state, for each host. Like a host script itself it is read whole before anything runs, and unpacked whole (gzip
 * knows its own checksum) before its first line does. Nothing of it is ever in a file or a command line. One that
 * would not become smaller stays as it is.
 *
 * Equal scripts give equal bytes with every version of Node: the packing is fflate's, not zlib's.
 */
export function packScript(script: string): string {
  const packed = gzipSync(strToU8(script), { level: 9, mtime: 0 });
  const lines =
    Buffer.from(packed)
      .toString("base64")
      .match(/.{1,1000}/g) ?? [];
  const text = [
    "#!/usr/bin/env bash",
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
  return text.length < script.length ? text : script;
}

/** The script within a packed one; a script that is not packed comes back as it is. @throws Error when it is damaged. */
export function unpackScript(text: string): string {
  const lines = text.split("\n");
  const start = lines.indexOf(START);
  if (start < 0) return text;
  const end = lines.indexOf(HEREDOC, start);
  if (end < 0) throw new Error("a packed script without its end; it was cut off or changed");
  return strFromU8(gunzipSync(Buffer.from(lines.slice(start + 1, end).join(""), "base64")));
}
