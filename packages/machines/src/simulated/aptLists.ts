import type { HostFile, HostScript } from "./hostScript";
import type { MachineDisk } from "./machineDisk";

const SOURCE = /^\/etc\/apt\/sources\.list\.d\/[^/]+\.(sources|list)$/;

/**
 * Does what the script does with apt, in its order, and says what apt would: `update` fails while there is a source
 * whose key is not there (apt-secure(8), NO_PUBKEY). Sources and keys of earlier scripts count, but for what this
 * one no longer has.
 *
 * @param put writes one of the script's files.
 * @param noWayOut why nothing outside can be reached, asked where a package is missing.
 */
export function aptMistake(
  disk: MachineDisk,
  script: HostScript,
  put: (file: HostFile) => void,
  noWayOut: () => string | undefined,
): string | undefined {
  const { apt = [{ kind: "update" }], files } = script;
  const missing = script.packages.some(({ name }) => disk.state.packages[name] === undefined);
  const { aptKeys } = disk.state;
  const fetched = new Set(apt.flatMap((call) => (call.kind === "key" ? [call.path] : [])));
  for (const path of Object.keys(aptKeys)) if (!fetched.has(path)) delete aptKeys[path];
  const there = (path: string): boolean => files.some((file) => file.path === path) && disk.read(path) !== undefined;
  const hasKey = (path: string): boolean => aptKeys[path] !== undefined || there(path);
  for (const call of apt) {
    switch (call.kind) {
      case "file":
        files.filter(({ path }) => path === call.path).forEach(put);
        break;
      case "key":
        aptKeys[call.path] = call.fingerprint;
        break;
      case "aside":
        if (disk.read(call.path) !== undefined && !hasKey(call.key)) disk.remove(call.path);
        break;
      case "update": {
        const bare = files.flatMap(({ path }) => {
          const key = SOURCE.test(path) && there(path) ? signedBy(disk.read(path) ?? "") : undefined;
          return key === undefined || hasKey(key) ? [] : [`${path}: the public key ${key} is not available: NO_PUBKEY`];
        });
        if (bare.length > 0)
          return `cannot update the package lists: E: ${bare.join("; ")}; remedy: the key must be there before its source`;
        const shut = missing ? noWayOut() : undefined;
        if (shut !== undefined)
          return `cannot update the package lists: ${shut}; remedy: check the way out (default route, and what it leads to), then run again`;
      }
    }
  }
  return undefined;
}

/** Path of the key that a source names, in either of apt's formats (sources.list(5)). */
function signedBy(content: string): string | undefined {
  return (/^Signed-By:\s*(\/\S+)/im.exec(content) ?? /\[[^\]]*\bsigned-by=(\/[^\s\],]+)/i.exec(content))?.[1];
}
