import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

const SPEC_FILE = resolve(__dirname, "../../../../../shared/hetzner/cloud.spec.json");

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Operation = Record<string, Json>;

/** OpenAPI 3.0 to JSON Schema: nullable in enums, references to one document, no discriminators. */
function toJsonSchema(node: Json): Json {
  if (Array.isArray(node)) return node.map(toJsonSchema);
  if (node === null || typeof node !== "object") return node;
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "discriminator") continue;
    if (key === "$ref") result[key] = (value as string).replace("#/", "spec#/");
    else result[key] = toJsonSchema(value);
  }
  if (result["nullable"] === true && Array.isArray(result["enum"])) result["enum"] = [...result["enum"], null];
  return result;
}

/** The official API description, as a judge of responses. Undefined where the file is not at hand. */
export class Contract {
  readonly operations: readonly string[];
  readonly seen = new Set<string>();
  private readonly ajv = new Ajv({ strict: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly paths: readonly {
    readonly pattern: RegExp;
    readonly path: string;
    readonly item: Record<string, Operation>;
  }[];

  private constructor(spec: Record<string, Json>) {
    addFormats(this.ajv);
    this.ajv.addFormat("decimal", /^-?\d+(\.\d+)?$/);
    this.ajv.addSchema({ $id: "spec", components: toJsonSchema(spec["components"] ?? {}) });
    const paths = spec["paths"] as Record<string, Record<string, Operation>>;
    // Literal segments win over parameters, as in a router.
    this.paths = Object.entries(paths)
      .map(([path, item]) => ({ path, item, pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`) }))
      .sort((a, b) => a.path.split("{").length - b.path.split("{").length);
    this.operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
  }

  static load(): Contract | undefined {
    if (!existsSync(SPEC_FILE)) {
      process.stderr.write(`contract not checked: ${SPEC_FILE} is not here\n`);
      return undefined;
    }
    return new Contract(JSON.parse(readFileSync(SPEC_FILE, "utf8")) as Record<string, Json>);
  }

  /** What the description holds against a response; empty when it fits. */
  check(method: string, path: string, status: number, body: unknown): string[] {
    const match = this.paths.find(
      (candidate) => candidate.pattern.test(path) && method.toLowerCase() in candidate.item,
    );
    if (match === undefined) return [];
    const operation = match.item[method.toLowerCase()] as Operation;
    const responses = operation["responses"] as Record<string, Record<string, Json>>;
    const key = String(status) in responses ? String(status) : `${Math.floor(status / 100)}xx`;
    const response = responses[key];
    const name = `${method.toLowerCase()} ${match.path}`;
    if (response === undefined)
      return [`${name}: status ${status} is not described (${Object.keys(responses).join(", ")})`];
    if (status < 300) this.seen.add(name);
    const schema = (response["content"] as Record<string, Record<string, Json>> | undefined)?.["application/json"]?.[
      "schema"
    ];
    if (schema === undefined) return body === undefined ? [] : [`${name}: ${status} has no body`];
    const id = `${name} ${key}`;
    let validate = this.validators.get(id);
    if (validate === undefined) this.validators.set(id, (validate = this.ajv.compile(toJsonSchema(schema) as object)));
    if (validate(body)) return [];
    return (validate.errors ?? []).map((error) => `${name} ${status}: ${error.instancePath} ${error.message ?? ""}`);
  }
}
