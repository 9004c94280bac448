// docs/environment.md, made of the environment's schema: its doc comments by the compiler, its limits by the schema itself.
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import ts from "typescript";
import { alternatives, below, inWords, type JsonSchema } from "../stacks/schemaWords";
import { environmentJson } from "../stacks/shapeMistakes";

const ROOT = join(__dirname, "..");
export const PAGE = "docs/environment.md";

const HEAD = `# The environment of a stack

\`stacks/<name>.ts\` exports one value, \`environment\`: a whole estate. What belongs to an account and not to the estate (operators' networks, secrets) is configuration: README.md, "A connected laptop and a Hetzner account". This page is made of the schema in \`stacks/environment.ts\` by \`npm run docs\`; the schema is the type as well.

All mistakes of an environment are told at once, whatever finds them (its shape, its rules, the plan made of it), with those of the configuration; each says where it is, what was found, what is allowed, and how to mend it. \`npm run verify\`, \`npm run rehearse\`, \`pulumi preview\` and \`pulumi up\` say the same. A key that nothing knows is answered with the nearest one that there is.
`;

interface Row {
  readonly key: string;
  readonly text: string;
  readonly allowed: string;
  readonly fallback: string;
}

/**
 * The page's text, as Prettier leaves it.
 *
 * @throws Error naming every optional key whose comment does not say its default
 */
export async function environmentPage(): Promise<string> {
  const { checker, type } = environmentType();
  const sections: string[] = [];
  const silent: string[] = [];
  /** Heading of each object that has a section, by its schema: what is the same stands once. */
  const known = new Map<string, string>();

  const objectsIn = (schema: JsonSchema): readonly JsonSchema[] => {
    const found = alternatives(schema).filter(({ properties }) => properties !== undefined);
    const items = alternatives(schema).flatMap((one) => (one.type === "array" ? below(one, 0) : []));
    return [...found, ...items.flatMap(objectsIn)];
  };

  const describe = (path: string, of: ts.Type, schema: JsonSchema): void => {
    const variants = objectsIn(schema);
    const types = objectTypes(checker, of);
    const later: (() => void)[] = [];
    const tables = variants.map((variant) => {
      const own = types.find((one) => variantOf(variant) === typeVariant(checker, one)) ?? types[0];
      const rows = Object.entries(variant.properties ?? {}).map(([key, value]): Row => {
        const inner = value as JsonSchema;
        const place = path === "" ? key : `${path}.${key}`;
        const optional = !(variant.required ?? []).includes(key);
        const { text, fallback } = commentOf(checker, own, key);
        if (optional && fallback === "") silent.push(place);
        const list = alternatives(inner).some(({ type: kind }) => kind === "array");
        const heading = place + (list ? "[]" : "");
        const same = JSON.stringify(objectsIn(inner));
        const objects = objectsIn(inner).length > 0;
        if (objects && !known.has(same)) {
          known.set(same, heading);
          const property = own?.getProperty(key);
          if (property !== undefined) later.push(() => describe(heading, checker.getTypeOfSymbol(property), inner));
        }
        const section = known.get(same) ?? "";
        const link = `${list ? "a list of " : ""}[\`${section}\`](#${anchor(section)})`;
        const others = alternatives(inner).filter(({ type: kind }) => kind !== "object" && kind !== "array");
        const allowed = objects
          ? [...(others.length > 0 ? [inWords(others)] : []), link].join(", or ")
          : allowedText(inner);
        return { key, text, allowed, fallback: optional ? fallback : "required" };
      });
      return table(variant, variants.length > 1, rows);
    });
    sections.push(`## ${path === "" ? "environment" : path}\n\n${tables.join("\n\n")}`);
    for (const section of later) section();
  };

  describe("", type, environmentJson());
  if (silent.length > 0)
    throw new Error(`a comment of the schema must say the default ("Default ...") of: ${silent.join(", ")}`);
  const text = [HEAD, ...sections].join("\n");
  return format(text, { ...(await resolveConfig(join(ROOT, PAGE))), parser: "markdown" });
}

function environmentType(): { readonly checker: ts.TypeChecker; readonly type: ts.Type } {
  const file = join(ROOT, "stacks", "environment.ts");
  const config = ts.readConfigFile(join(ROOT, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const { tsBuildInfoFile: _, ...rest } = options;
  const program = ts.createProgram([file], { ...rest, incremental: false });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  const symbol = module?.exports?.get("Environment" as ts.__String);
  if (symbol === undefined) throw new Error(`${file} exports no type Environment`);
  return { checker, type: checker.getDeclaredTypeOfSymbol(symbol) };
}

/** The object types in a type: of a list those of its items, of a union each. */
function objectTypes(checker: ts.TypeChecker, type: ts.Type): readonly ts.Type[] {
  const plain = checker.getNonNullableType(type);
  if (plain.isUnion()) return plain.types.flatMap((one) => objectTypes(checker, one));
  const item = checker.isArrayLikeType(plain) ? checker.getIndexTypeOfType(plain, ts.IndexKind.Number) : undefined;
  if (item !== undefined) return objectTypes(checker, item);
  return (plain.flags & ts.TypeFlags.Object) === 0 ? [] : [plain];
}

/** What tells a branch of a union from the others: its constant, or its keys. */
function variantOf({ properties = {} }: JsonSchema): string {
  const constants = Object.entries(properties).flatMap(([key, one]) =>
    typeof one === "object" && one.const !== undefined ? [`${key}=${JSON.stringify(one.const)}`] : [],
  );
  return constants.length > 0 ? constants.join() : Object.keys(properties).sort().join();
}

function typeVariant(checker: ts.TypeChecker, type: ts.Type): string {
  const properties = checker.getPropertiesOfType(type);
  const constants = properties.flatMap((property) => {
    const own = checker.getTypeOfSymbol(property);
    return own.isStringLiteral() ? [`${property.name}=${JSON.stringify(own.value)}`] : [];
  });
  const names = properties.map(({ name }) => name);
  return constants.length > 0 ? constants.join() : names.sort().join();
}

/** A key's doc comment, its default apart from the rest. */
function commentOf(
  checker: ts.TypeChecker,
  type: ts.Type | undefined,
  key: string,
): { readonly text: string; readonly fallback: string } {
  const comment = ts
    .displayPartsToString(type?.getProperty(key)?.getDocumentationComment(checker))
    .replaceAll("\n", " ");
  const at = /(^|[.;?] )Default[:,]? /.exec(comment);
  if (at === null) return { text: comment, fallback: "" };
  const before = comment.slice(0, at.index + at[1]!.length).trim();
  const [fallback = "", ...rest] = comment.slice(at.index + at[0].length).split(/(?<=[.;]) (?=[A-Z"])/);
  return { text: [before, ...rest].join(" ").trim(), fallback: fallback.replace(/[.;]$/, "") };
}

function allowedText(schema: JsonSchema): string {
  const [first] = alternatives(schema);
  if (first?.type === "array") return `a list of: ${inWords(below(first, 0).flatMap((one) => alternatives(one)))}`;
  return inWords(alternatives(schema));
}

function table(variant: JsonSchema, named: boolean, rows: readonly Row[]): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const lines = rows.map(
    ({ key, text, allowed, fallback }) => `| \`${key}\` | ${cell(text)} | ${cell(allowed)} | ${cell(fallback)} |`,
  );
  const caption = named ? `With \`${variantOf(variant).replace("=", ": ").replaceAll(",", ", ")}\`:\n\n` : "";
  return `${caption}| key | what | allowed | default |\n| --- | --- | --- | --- |\n${lines.join("\n")}`;
}

/** As GitHub makes them of headings. */
function anchor(heading: string): string {
  return heading.toLowerCase().replace(/[^a-z0-9 -]/g, "");
}
