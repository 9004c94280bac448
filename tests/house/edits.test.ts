import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ROOT, sourceFiles } from "./support/importGraph";

/** Their suites do not run in `npm test`, or some of their files do not: an edit of the program that no longer fits would show late. */
const LATE = /^tests\/(machines|kubernetes|pulumi|scenario)\//;

interface Edit {
  readonly at: string;
  readonly file: string;
  readonly from: string;
  /** Undefined: it is made while the test runs. */
  readonly to: string | undefined;
}

/** Each `x.edit(file, from, to)` of a source whose first two arguments are texts, or constants of the same source. */
function editsOf(file: string): readonly Edit[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), "utf8"), ts.ScriptTarget.Latest, true);
  const constants = new Map<string, string>();
  const edits: Edit[] = [];
  /** Files that the test brings itself. */
  const own = new Set<string>();
  const textOf = (node: ts.Node | undefined): string | undefined => {
    if (node === undefined) return undefined;
    if (ts.isStringLiteralLike(node)) return node.text;
    return ts.isIdentifier(node) ? constants.get(node.text) : undefined;
  };
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) {
      const value = textOf(node.initializer);
      if (value !== undefined) constants.set(node.name.text, value);
    }
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const [edited, from, to] = node.arguments.map(textOf);
      const called = node.expression.name.text;
      if (called === "add" && edited !== undefined) own.add(edited);
      if (called === "edit" && edited !== undefined && from !== undefined)
        edits.push({ at: file, file: edited, from, to });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return edits.filter((edit) => !own.has(edit.file));
}

const sources = sourceFiles().filter((file) => LATE.test(file));

test("edits of the program are found", () => {
  expect(sources.flatMap(editsOf).map(({ file }) => file)).toEqual(
    expect.arrayContaining(["index.ts", "stacks/local.ts", "stacks/prod.ts"]),
  );
});

test.each(sources.filter((source) => editsOf(source).length > 0))("%s: what it changes is there, once", (source) => {
  const changed = new Map<string, string>();
  // One after the other, as the test makes them.
  for (const { file, from, to } of editsOf(source)) {
    const text = changed.get(file) ?? readFileSync(join(ROOT, file), "utf8");
    expect({ file, from, times: text.split(from).length - 1 }).toEqual({ file, from, times: 1 });
    changed.set(
      file,
      text.replace(from, () => to ?? from),
    );
  }
});
