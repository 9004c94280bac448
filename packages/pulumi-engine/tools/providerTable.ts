/**
 * Makes src/bridge/tables/<package>.json from a provider's schema: names and facts, none of its texts.
 *
 *   pulumi package get-schema hcloud@1.41.0 > schema.json
 *   node --import tsx packages/pulumi-engine/tools/providerTable.ts schema.json 1.41.0
 *
 * The version has to be given where the schema does not name it. The schema must be whole: a copy that was stripped
 * of its texts has lost the properties that are called "description", too.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { PropertyFacts, ProviderTable, Shape } from "../src/bridge/table";

interface TypeSpec {
  readonly type?: string | undefined;
  readonly $ref?: string | undefined;
  readonly items?: TypeSpec | undefined;
  readonly additionalProperties?: TypeSpec | undefined;
}
const typeSpec: z.ZodType<TypeSpec> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    $ref: z.string().optional(),
    items: typeSpec.optional(),
    additionalProperties: typeSpec.optional(),
  }),
);
const property = z.intersection(
  typeSpec,
  z.object({
    willReplaceOnChanges: z.boolean().optional(),
    secret: z.boolean().optional(),
    default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  }),
);
const properties = z.record(z.string(), property);
const names = z.array(z.string()).optional();
const schemaFile = z.object({
  name: z.string(),
  version: z.string().optional(),
  resources: z.record(
    z.string(),
    z.object({ inputProperties: properties.optional(), properties, required: names, requiredInputs: names }),
  ),
  types: z.record(z.string(), z.object({ properties: properties.optional(), required: names })).optional(),
});
type Schema = z.infer<typeof schemaFile>;
type Property = z.infer<typeof property>;

function shapeOf(schema: Schema, spec: TypeSpec): Shape {
  if (spec.$ref !== undefined) {
    const token = spec.$ref.replace("#/types/", "");
    const type = schema.types?.[token];
    if (type?.properties === undefined) throw new Error(`the schema has no object type ${token}`);
    const required = new Set(type.required);
    return {
      object: Object.fromEntries(
        Object.entries(type.properties).map(([name, value]) => [
          name,
          { type: shapeOf(schema, value), ...flags(value, { required: required.has(name) }) },
        ]),
      ),
    };
  }
  switch (spec.type) {
    case "string":
    case "integer":
    case "number":
    case "boolean":
      return spec.type;
    case "array":
      return { list: shapeOf(schema, spec.items ?? { type: "string" }) };
    case "object":
      return { map: shapeOf(schema, spec.additionalProperties ?? { type: "string" }) };
    default:
      throw new Error(`a property of type ${String(spec.type)}: this tool does not know it`);
  }
}

/** Only what is so: a table is read by people. */
function flags(value: Property, more: Partial<PropertyFacts>): Partial<PropertyFacts> {
  const all = { ...more, replace: value.willReplaceOnChanges, secret: value.secret, default: value.default };
  return Object.fromEntries(Object.entries(all).filter(([, given]) => given !== undefined && given !== false));
}

function resourceTable(schema: Schema, resource: Schema["resources"][string]): Record<string, PropertyFacts> {
  const { inputProperties = {}, properties: outputs } = resource;
  const [needed, always] = [new Set(resource.requiredInputs), new Set(resource.required)];
  const table: Record<string, PropertyFacts> = {};
  for (const name of [...new Set([...Object.keys(inputProperties), ...Object.keys(outputs)])].sort()) {
    const input = inputProperties[name];
    const value = input ?? outputs[name];
    if (value === undefined) continue;
    // What is always among the outputs and need not be given, the provider decides; a name it draws.
    const computed = always.has(name) && !needed.has(name);
    const named = name === "name" && input !== undefined;
    table[name] = {
      type: shapeOf(schema, value),
      ...flags(
        { ...value, secret: value.secret ?? outputs[name]?.secret },
        {
          output: input === undefined,
          required: needed.has(name),
          computed: computed && !named,
          autonamed: computed && named,
        },
      ),
    };
  }
  return table;
}

/** One property a line. */
function print(table: ProviderTable): string {
  const resources = Object.entries(table.resources).map(([type, facts]) => {
    const lines = Object.entries(facts).map(
      ([name, value]) => `      ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
    );
    return `    ${JSON.stringify(type)}: {\n${lines.join(",\n")}\n    }`;
  });
  const head = `  "package": ${JSON.stringify(table.package)},\n  "version": ${JSON.stringify(table.version)},`;
  return `{\n${head}\n  "resources": {\n${resources.join(",\n")}\n  }\n}\n`;
}

const [file, given] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: providerTable.ts <schema.json> [<version>]");
const schema = schemaFile.parse(JSON.parse(readFileSync(file, "utf8")));
const version = schema.version ?? given;
if (version === undefined) throw new Error(`${file} does not say its version: give it as the second argument`);
const resources = Object.entries(schema.resources).sort(([a], [b]) => (a < b ? -1 : 1));
const target = join(__dirname, "..", "src", "bridge", "tables", `${schema.name}.json`);
writeFileSync(
  target,
  print({
    package: schema.name,
    version,
    resources: Object.fromEntries(resources.map(([type, resource]) => [type, resourceTable(schema, resource)])),
  }),
);
process.stdout.write(`${target}: ${resources.length} types of ${schema.name} ${version}; now run prettier on it\n`);
