import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

const ROOT = join(__dirname, "..", "..");

/**
 * The compiler over index.ts and all that it imports, or over the whole repository, with some files' texts replaced in
 * memory. The first look takes as long as the compiler does; later ones only what the replaced texts change.
 */
export class TypeCheck {
  readonly #options: ts.CompilerOptions;
  /** Parsed once for all looks. */
  readonly #unchanged = new Map<string, ts.SourceFile>();
  readonly #roots: readonly string[];
  #last: ts.SemanticDiagnosticsBuilderProgram | undefined;

  /** @param of what: the program, or all that `npm run typecheck` looks at. */
  constructor(of: "program" | "repository" = "program") {
    const file = join(ROOT, "tsconfig.json");
    const read = ts.readConfigFile(file, (path) => ts.sys.readFile(path));
    const { options, fileNames } = ts.parseJsonConfigFileContent(read.config, ts.sys, ROOT);
    this.#roots = of === "program" ? [join(ROOT, "index.ts")] : fileNames;
    // Nothing is written, and nothing is taken from an earlier run.
    const { tsBuildInfoFile: _, ...rest } = options;
    this.#options = { ...rest, noEmit: true, incremental: false };
  }

  /**
   * Every mistake, sorted: "stacks/roles.ts: Property 'x' is missing ...".
   *
   * @param texts of files by their path in the project; a file may be new, and is then looked at, too.
   */
  errors(texts: Readonly<Record<string, string>> = {}): readonly string[] {
    const replaced = new Map(Object.entries(texts).map(([file, text]) => [join(ROOT, file), text]));
    const host = ts.createIncrementalCompilerHost(this.#options, {
      ...ts.sys,
      // Modules are looked for only in folders that are there.
      directoryExists: (path) =>
        ts.sys.directoryExists(path) || [...replaced.keys()].some((file) => file.startsWith(`${path}/`)),
      fileExists: (path) => replaced.has(path) || ts.sys.fileExists(path),
      readFile: (path, encoding) => replaced.get(path) ?? ts.sys.readFile(path, encoding),
    });
    const parse = host.getSourceFile.bind(host);
    host.getSourceFile = (path, ...rest) => {
      if (replaced.has(path)) return parse(path, ...rest);
      const known = this.#unchanged.get(path) ?? parse(path, ...rest);
      if (known !== undefined) this.#unchanged.set(path, known);
      return known;
    };
    const roots = [...new Set([...this.#roots, ...replaced.keys()])];
    this.#last = ts.createSemanticDiagnosticsBuilderProgram(roots, this.#options, host, this.#last);
    return [...this.#last.getSyntacticDiagnostics(), ...this.#last.getSemanticDiagnostics()]
      .map(
        ({ file, messageText }) =>
          `${file === undefined ? "" : relative(ROOT, file.fileName)}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
      )
      .sort();
  }
}

/** The text of a file of the project with each of these places changed; each must be there exactly once. */
export function edited(file: string, ...places: readonly (readonly [from: string, to: string])[]): string {
  return places.reduce(
    (text, [from, to]) => {
      if (text.split(from).length !== 2) throw new Error(`${file} has "${from}" not exactly once`);
      return text.replace(from, () => to);
    },
    readFileSync(join(ROOT, file), "utf8"),
  );
}
