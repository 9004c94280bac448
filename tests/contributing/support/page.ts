/** One step of an example: a file that is made, or places of one that are changed. */
export interface Change {
  readonly file: string;
  readonly kind: "make" | "change";
  readonly text: string;
}

export interface Example {
  /** The heading, e.g. "A route's timeout". */
  readonly title: string;
  readonly changes: readonly Change[];
  /** Arguments of `npm run`, e.g. "verify -- --stack prod", in order. */
  readonly commands: readonly string[];
}

const BLOCK = /^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm;
const SECTION = "## Six worked examples";

/**
 * The worked examples of a page. A block of `diff` with a file's name changes that file, another block with one makes
 * it, and a block of `sh` has the commands that show it.
 * @throws Error when a block says of no file what it does.
 */
export function examplesOf(page: string): readonly Example[] {
  const [, examples = ""] = page.split(`${SECTION}\n`);
  return examples
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const title = section.split("\n")[0] ?? "";
      const changes: Change[] = [];
      const commands: string[] = [];
      for (const [, language = "", file, text = ""] of section.matchAll(BLOCK)) {
        if (language === "sh")
          commands.push(...[...text.matchAll(/^npm run ([^#\n]*[^#\s])/gm)].map(([, command = ""]) => command));
        else if (file === undefined) throw new Error(`${title}: a block of ${language} names no file`);
        else changes.push({ file, kind: language === "diff" ? "change" : "make", text });
      }
      return { title, changes, commands };
    });
}

/**
 * Applies the hunks of a diff without line numbers, separated by "@@": each must fit in one place, and in one only.
 * @throws Error naming the file and the lines that fit nowhere, or in several places.
 */
export function applyDiff(file: string, text: string, diff: string): string {
  let result = text;
  for (const hunk of diff.split(/^@@.*\n/m).filter((part) => part.trim() !== "")) {
    const lines = hunk.replace(/\n$/, "").split("\n");
    const strange = lines.find((line) => line !== "" && !/^[-+ ]/.test(line));
    if (strange !== undefined) throw new Error(`${file}: a line of a diff begins with "+", "-" or " ": ${strange}`);
    const side = (mark: string): string =>
      lines
        .filter((line) => line === "" || line.startsWith(" ") || line.startsWith(mark))
        .map((line) => `${line.slice(1)}\n`)
        .join("");
    const before = side("-");
    const places = `\n${result}`.split(`\n${before}`).length - 1;
    if (places !== 1)
      throw new Error(`${file}: these lines of CONTRIBUTING.md stand in ${places} places, not in one:\n${before}`);
    result = `\n${result}`.replace(`\n${before}`, () => `\n${side("+")}`).slice(1);
  }
  return result;
}

/**
 * The files of an example as it leaves them.
 * @param read a file's text; undefined: there is none.
 * @throws Error for a file that is to be made and is there, or to be changed and is not.
 */
export function textsOf(
  { changes }: Example,
  read: (file: string) => string | undefined,
): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const { file, kind, text } of changes) {
    const before = texts[file] ?? read(file);
    if ((before === undefined) !== (kind === "make"))
      throw new Error(before === undefined ? `${file} is to be changed, and is not there` : `${file} is there already`);
    texts[file] = before === undefined ? text : applyDiff(file, before, text);
  }
  return texts;
}
