import { readFileSync, writeFileSync } from "node:fs";
import { CONTRACT_FILE, type ContractFile, type ContractOperation, type Json, type Schema } from "./contractFile";
import { shareShapes } from "./shareShapes";

/** Keywords that are facts, and stay as they are. */
const FACTS = new Set([
  "type", "required", "enum", "default", "deprecated", "pattern", "format",
  "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
]); // prettier-ignore

/** Keywords that are text, or that only help a generator of clients. */
const TEXTS = new Set([
  "title",
  "description",
  "summary",
  "example",
  "examples",
  "discriminator",
  "x-enumDescriptions",
]);

/** JSON has no other integers; and what is within them is no limit. */
const LARGEST_SAFE_INTEGER = 9007199254740991;

const object = (node: Json | undefined, where: string): Schema => {
  if (node === undefined || node === null || typeof node !== "object" || Array.isArray(node))
    throw new Error(`${where}: an object was expected, found ${JSON.stringify(node) ?? "nothing"}`);
  return node as Schema;
};

const mapValues = (node: Schema, change: (value: Json, key: string) => Json): Schema =>
  Object.fromEntries(Object.entries(node).map(([key, value]) => [key, change(value, key)]));

/** JSON Schema has no `nullable`: null is one of the types, and of the values. */
function withNull(schema: Schema): Schema {
  if ("allOf" in schema || "oneOf" in schema) return { anyOf: [schema, { type: "null" }] };
  const values = schema["enum"];
  return {
    ...schema,
    type: [schema["type"] ?? "object", "null"] as Json,
    ...(Array.isArray(values) ? { enum: [...(values as Json[]), null] } : {}),
  };
}

class Condenser {
  constructor(private readonly components: Schema) {}

  /** @throws Error on a keyword that is neither a known fact nor a known text. */
  schema(node: Json, where: string): Schema {
    const given = object(node, where);
    const reference = given["$ref"];
    if (typeof reference === "string") {
      const name = reference.replace("#/components/schemas/", "");
      return this.schema(object(this.components[name], `${where}: ${reference}`), where);
    }
    const entries = Object.entries(given).flatMap(([keyword, value]) => this.keyword(keyword, value, where));
    const condensed: Schema = Object.fromEntries(entries);
    return given["nullable"] === true ? withNull(condensed) : condensed;
  }

  private keyword(keyword: string, value: Json, where: string): readonly (readonly [string, Json])[] {
    const inner = `${where}.${keyword}`;
    if (TEXTS.has(keyword) || keyword === "nullable") return [];
    if (keyword === "format" && value === "int64") return [];
    if (keyword === "maximum" && value === LARGEST_SAFE_INTEGER) return [];
    if (FACTS.has(keyword)) return [[keyword, value]];
    if (keyword === "properties")
      return [
        [keyword, mapValues(object(value, inner), (property, name) => this.schema(property, `${inner}.${name}`))],
      ];
    if (keyword === "items") return [[keyword, this.schema(value, inner)]];
    if (keyword === "additionalProperties")
      return [[keyword, typeof value === "boolean" ? value : this.schema(value, inner)]];
    if ((keyword === "allOf" || keyword === "oneOf" || keyword === "anyOf") && Array.isArray(value))
      return [[keyword, (value as Json[]).map((part, index) => this.schema(part, `${inner}[${index}]`))]];
    throw new Error(`${inner}: unknown keyword; say in condense.ts whether it is a fact or a text`);
  }

  operation(node: Json, where: string): ContractOperation {
    const operation = object(node, where);
    const body = operation["requestBody"];
    const query = this.query((operation["parameters"] ?? []) as readonly Schema[], where);
    const responses = Object.entries(object(operation["responses"], `${where} responses`));
    return {
      ...(query === undefined ? {} : { query }),
      ...(body === undefined ? {} : { body: object(this.content(body, `${where} body`), `${where} body`) }),
      responses: Object.fromEntries(
        responses.map(([status, response]) => [status, this.content(response, `${where} ${status}`)]),
      ),
    };
  }

  private query(parameters: readonly Schema[], where: string): Schema | undefined {
    const inQuery = parameters.filter((parameter) => parameter["in"] === "query");
    if (inQuery.length === 0) return undefined;
    const nameOf = (parameter: Schema): string => parameter["name"] as string;
    const required = inQuery.filter((parameter) => parameter["required"] === true).map(nameOf);
    return {
      type: "object",
      properties: Object.fromEntries(
        inQuery.map((parameter) => [
          nameOf(parameter),
          this.schema(parameter["schema"] ?? null, `${where}?${nameOf(parameter)}`),
        ]),
      ),
      ...(required.length === 0 ? {} : { required }),
    };
  }

  private content(node: Json, where: string): Schema | "empty" {
    const content = object(node, where)["content"];
    if (content === undefined) return "empty";
    return this.schema(object(object(content, where)["application/json"], where)["schema"] ?? null, where);
  }
}

/** The facts of an OpenAPI 3.0 description. Shapes that are met again stand once, in `$defs`. */
export function condense(spec: Json, source: string): ContractFile {
  const { paths, components } = object(spec, "the description");
  const condenser = new Condenser(object(object(components, "components")["schemas"], "components.schemas"));
  const operations = Object.entries(object(paths, "paths")).flatMap(([path, methods]) =>
    Object.entries(object(methods, path)).map(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`;
      return [name, condenser.operation(operation, name)] as const;
    }),
  );
  operations.sort(([a], [b]) => byPath(a).localeCompare(byPath(b), "en"));
  return { source, ...shareShapes(Object.fromEntries(operations)) };
}

const byPath = (name: string): string => name.split(" ").reverse().join(" ");

/** JSON with one line for each operation and shape: a new description shows in a diff what it changed. */
export function printContract(contract: ContractFile): string {
  const lines = (entries: object): string =>
    Object.entries(entries)
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(",\n");
  return [
    "{",
    `  "source": ${JSON.stringify(contract.source)},`,
    `  "operations": {\n${lines(contract.operations)}\n  },`,
    `  "$defs": {\n${lines(contract.$defs)}\n  }`,
    "}\n",
  ].join("\n");
}

if (require.main === module) {
  const [file, month] = process.argv.slice(2);
  if (file === undefined || month === undefined) {
    process.stderr.write("usage: tsx condense.ts <cloud.spec.json> <month of the description, e.g. 2026-06>\n");
    process.exit(2);
  }
  const spec = JSON.parse(readFileSync(file, "utf8")) as Json;
  const contract = condense(spec, `https://docs.hetzner.cloud/cloud.spec.json, ${month}`);
  writeFileSync(CONTRACT_FILE, printContract(contract));
}
