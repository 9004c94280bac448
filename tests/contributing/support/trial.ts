import { join } from "node:path";
import { ROOT } from "../../house/support/importGraph";
import { textOf } from "../../house/support/trackedFiles";
import { findChecker } from "../../support/checkers";
import { TypeCheck } from "../../support/typeCheck";
import { examplesOf, textsOf, type Example } from "./page";
import { textAt, Tree, type Ended } from "./tree";

export const PAGE = textOf("CONTRIBUTING.md");
export const EXAMPLES = examplesOf(PAGE);
/** The compiler's first look at the whole repository, on a machine that has other things to do. */
export const LIMIT_MS = 300_000;

/** What the commands of an example must show, beside that it is proved. */
export const SHOWN: Readonly<Record<string, RegExp>> = {
  "A route's timeout": /ingress-nginx, reading: 90 s of silence/,
  "An environment": /demo-lb-data:5432/,
  "An operating system": /staging-db-01/,
  "A workload": /for: visits\n\s+\d+ paths, all open/,
  "A Hetzner resource": /prod\.txt: \d+ resources/,
  "A data cluster": /for: chat-backend's events\n\s+\d+ paths, all open/,
};

export function exampleOf(title: string): Example {
  const found = EXAMPLES.find((one) => one.title === title);
  if (found === undefined) throw new Error(`CONTRIBUTING.md has no example "${title}"`);
  return found;
}

/** Tries examples: in memory with the compiler, and in a copy of the repository with everything else. */
export class Trial {
  readonly #types = new TypeCheck("repository");
  readonly #tree = new Tree();

  /** What the compiler holds against these examples, together. */
  compile(...examples: readonly Example[]): readonly string[] {
    const texts: Record<string, string> = {};
    for (const example of examples)
      Object.assign(
        texts,
        textsOf(example, (file) => texts[file] ?? textAt(join(ROOT, file))),
      );
    return this.#types.errors(texts);
  }

  /** What the commands of an example say. @param commands default: its own. */
  async show(example: Example, commands = example.commands): Promise<readonly Ended[]> {
    return this.#with([example], () => Promise.all(commands.map((command) => this.#tree.npmRun(command))));
  }

  /** What the rules and the format of the house hold against the files that these examples touch. */
  async lint(...examples: readonly Example[]): Promise<readonly Ended[]> {
    return this.#with(examples, (files) => {
      const ending = (end: string): readonly string[] => files.filter((file) => file.endsWith(end));
      const shellcheck = findChecker("shellcheck");
      return Promise.all([
        this.#tree.run("eslint", "--max-warnings", "0", ...ending(".ts")),
        this.#tree.run("prettier", "--check", "--ignore-unknown", "--log-level", "warn", ...files),
        ...(shellcheck === undefined ? [] : [this.#tree.run(shellcheck, ...ending(".sh"))]),
      ]);
    });
  }

  dispose(): void {
    this.#tree.dispose();
  }

  async #with<T>(examples: readonly Example[], work: (files: readonly string[]) => Promise<T>): Promise<T> {
    const files = examples.flatMap((example) => this.#tree.apply(example));
    try {
      return await work([...new Set(files)]);
    } finally {
      this.#tree.restore(files);
    }
  }
}

/** The commands of an example did what the page says of them. */
export function expectShown(example: Example, ended: readonly Ended[]): void {
  for (const { code, output } of ended) expect({ code, end: output.slice(-1500) }).toMatchObject({ code: 0 });
  const all = ended.map(({ output }) => output).join("\n");
  expect(all).toContain("Verdict: proved.");
  expect(all).toMatch(SHOWN[example.title] ?? /^$/);
}
