import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PROVIDER_TABLES, type PropertyTable, type Shape } from "@standin/pulumi-engine/bridge/table";

const packages = Object.keys(PROVIDER_TABLES) as (keyof typeof PROVIDER_TABLES)[];

test.each(packages)("%s: the table is of the version that the program pins", (name) => {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };
  expect([name, PROVIDER_TABLES[name].version]).toEqual([name, dependencies[`@pulumi/${name}`]]);
});

/** Property -> the text of its type, of an interface in a declaration file of the SDK. */
function declared(file: string, name: string): [key: string, type: string][] {
  const [, body] = new RegExp(`export interface ${name} \\{\n(.*?)\n\\}`, "s").exec(readFileSync(file, "utf8")) ?? [];
  return [...(body ?? "").matchAll(/^ {4}(\w+)\??: (.*)$/gm)].map(([, key = "", type = ""]) => [key, type]);
}

/** "image", "networks.ip" ... */
function declaredPaths(folder: string, file: string, name: string, prefix = ""): string[] {
  return declared(join(folder, file), name).flatMap(([key, type]) => {
    const [, nested] = /inputs\.(\w+)/.exec(type) ?? [];
    const own = `${prefix}${key}`;
    return nested === undefined ? [own] : declaredPaths(folder, "types/input.d.ts", nested, `${own}.`);
  });
}

function tablePaths(table: PropertyTable, prefix = ""): string[] {
  return Object.entries(table).flatMap(([key, facts]) => {
    if (facts.output === true) return [];
    const shape: Shape = typeof facts.type === "object" && "list" in facts.type ? facts.type.list : facts.type;
    return typeof shape === "object" && "object" in shape
      ? tablePaths(shape.object, `${prefix}${key}.`)
      : [`${prefix}${key}`];
  });
}

describe.each(packages)("%s: the inputs are those that the SDK declares", (name) => {
  const folder = dirname(require.resolve(`@pulumi/${name}/package.json`));
  test.each(Object.keys(PROVIDER_TABLES[name].resources))("%s", (type) => {
    const [, file = "", className = ""] = /^\w+:index\/(\w+):(\w+)$/.exec(type) ?? [];
    const paths = tablePaths(PROVIDER_TABLES[name].resources[type] ?? {});
    expect(paths.length).toBeGreaterThan(0);
    expect(declaredPaths(folder, `${file}.d.ts`, `${className}Args`).sort()).toEqual(paths.sort());
  });
});
