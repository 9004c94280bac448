import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const DIRECTORY = join(__dirname, "script");

/** A function of the library, or what stands between two of them. */
interface Part {
  /** Undefined: variables, which are always there. */
  readonly name: string | undefined;
  readonly text: string;
  /** Functions that it calls, or names to a trap. */
  readonly uses: readonly string[];
}

const PARTS = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith(".sh"))
  .sort()
  .flatMap((name) => parts(lean(readFileSync(join(DIRECTORY, name), "utf8"))));

/**
 * The bash functions that a host script begins with: of script/*.sh, in the order of the files' names, those that
 * its own lines need, and without comments. Pulumi keeps each host's script twice in the stack's state.
 */
export function scriptLibrary(lines: readonly string[]): string {
  const named = new Map(PARTS.flatMap((part) => (part.name === undefined ? [] : [[part.name, part] as const])));
  const wanted = new Set<string>();
  const want = (names: readonly string[]): void => {
    for (const name of names) {
      if (wanted.has(name)) continue;
      wanted.add(name);
      want(named.get(name)?.uses ?? []);
    }
  };
  want(lines.flatMap((line) => /^kb_\w+/.exec(line) ?? []));
  return PARTS.filter(({ name }) => name === undefined || wanted.has(name))
    .map(({ text }) => text)
    .join("\n");
}

/** Without comments and blank lines, but for what shellcheck is told: tests let it read whole scripts. */
function lean(text: string): string {
  return text
    .split("\n")
    .filter((line) => /\S/.test(line) && !/^\s*#(?! shellcheck )/.test(line))
    .map((line) => line.replace(/^(kb_\w+\(\) \{) #.*$/, "$1"))
    .join("\n");
}

function parts(text: string): readonly Part[] {
  return text.split(/^(?=kb_\w+\(\) \{$)|(?<=^\}\n)/m).map((part) => {
    const [, name] = /^(kb_\w+)\(\) \{/.exec(part) ?? [];
    return { name, text: part.trimEnd(), uses: part.match(/\bkb_\w+\b/g) ?? [] };
  });
}
