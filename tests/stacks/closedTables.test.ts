import { OS_IMAGES } from "../../components/machines/osImage";
import { ROLES } from "../../stacks/roles";
import { writtenApps } from "../apps/support/page";
import { edited, TypeCheck } from "../support/typeCheck";

// The compiler reads the whole program at its first look.
jest.setTimeout(120_000);

const check = new TypeCheck();

test("as it is, the program has no mistake of type", () => {
  expect(check.errors()).toEqual([]);
});

describe("a new role", () => {
  const listed: readonly [string, string] = ['  "mariadb",\n] as const;', '  "mariadb",\n  "opensearch",\n] as const;'];
  const row = (text: string): readonly [string, string] => [
    "HostRole, RoleFacts>> = {\n",
    `HostRole, RoleFacts>> = {\n  opensearch: ${text},\n`,
  ];
  const answered =
    '{ group: "opensearch", stateful: true, votes: true, count: noneOrOdd("its managers need a majority"), ' +
    'keptPackages: ["^opensearch"], placement: "apart", kind: "private", passesOn: "nothing", takesDuty: false }';

  test("is refused until its row and the modules of its hosts are there", () => {
    expect(check.errors({ "stacks/roles.ts": edited("stacks/roles.ts", listed) })).toEqual([
      expect.stringMatching(/^stacks\/planHosts\.ts: Function lacks ending return statement/),
      expect.stringMatching(/^stacks\/roles\.ts: Property 'opensearch' is missing in type/),
    ]);
  });

  test("is refused while its group is none that anybody could ask for", () => {
    const errors = check.errors({ "stacks/roles.ts": edited("stacks/roles.ts", listed, row(answered)) });
    expect(errors).toContainEqual(
      expect.stringMatching(/^stacks\/roles\.ts: Type '"opensearch"' is not assignable to type 'HostGroupName'/),
    );
  });

  test("compiles once all have answered", () => {
    expect(
      check.errors({
        "stacks/roles.ts": edited("stacks/roles.ts", listed, row(answered)),
        "components/machines/hostPlan.ts": edited("components/machines/hostPlan.ts", [
          '  | "mariadb";',
          '  | "mariadb"\n  | "opensearch";',
        ]),
        "stacks/planHosts.ts": edited("stacks/planHosts.ts", [
          '    case "redis":\n',
          '    case "opensearch":\n      return [];\n    case "redis":\n',
        ]),
      }),
    ).toEqual([]);
  });

  test("must answer for each fact of its row", () => {
    const columns = Object.keys(ROLES.redis);
    expect(withoutOneEach("stacks/roles", "ROLES.redis", "RoleFacts", columns)).toEqual(columns);
  });
});

describe("the entries of docs/applications.md", () => {
  const file = (...texts: readonly string[]) => {
    const names = texts.map((text) => /^const (\w+)/.exec(text)?.[1]);
    return `import type { AppSpec } from "./environment";\n${texts.join("\n")}\nexport { ${names.join(", ")} };\n`;
  };
  const texts = writtenApps().map(({ text }) => text);

  test("compile as they stand", () => {
    expect(check.errors({ "stacks/page.ts": file(...texts) })).toEqual([]);
  });

  test.each([
    ["a key", "expose:", "exposed:", /'exposed' does not exist/],
    ["a kind of process", 'kind: "worker"', 'kind: "job"', /"job"/],
    ["a way to the database", '"pooled"', '"primary"', /"primary"/],
    ["a kind of health", 'kind: "exit"', 'kind: "grpc"', /"grpc"/],
  ])("do not with %s that there is not", (_what, from, to, message) => {
    const [text = ""] = texts;
    expect(text).toContain(from);
    expect(check.errors({ "stacks/page.ts": file(text.replace(from, to)) }).join("\n")).toMatch(message);
  });
});

describe("an option", () => {
  const component = (file: string, args: string): Readonly<Record<string, string>> => ({
    [`components/workloads/${file}.ts`]: edited(`components/workloads/${file}.ts`, [
      `export interface ${args} {\n`,
      `export interface ${args} {\n  readonly further?: number;\n`,
    ]),
  });
  const schema = (...specs: readonly (readonly [name: string, text: string])[]): Readonly<Record<string, string>> => ({
    "stacks/workloadSchemas.ts": edited(
      "stacks/workloadSchemas.ts",
      ...specs.map(([name, text]): readonly [string, string] => {
        const begin = `const ${name} = z.strictObject({\n`;
        return [begin, `${begin}  further: ${text}.exactOptional(),\n`];
      }),
    ),
  });
  const specs = { "stacks/workloadSpecs.ts": edited("stacks/workloadSpecs.ts") };

  test("is refused that is out of the environment's reach, taken by nobody, or of another type", () => {
    const errors = check.errors({
      ...specs,
      ...component("chatwoot", "ChatwootArgs"),
      ...component("superset", "SupersetArgs"),
      ...schema(["n8n", "z.int()"], ["superset", "z.string()"]),
    });
    for (const kind of ["outOfReach", "takenByNobody", "ofAnotherType"])
      expect(errors).toContainEqual(
        expect.stringMatching(new RegExp(`^stacks/workloadSpecs\\.ts: Type '{[^}]*${kind}: "further";`)),
      );
  });

  test("of monitoring is refused where nothing is built for it", () => {
    const estate = edited("stacks/environment.ts", [
      "const monitoring = z.strictObject({\n",
      "const monitoring = z.strictObject({\n  further: z.int().exactOptional(),\n",
    ]);
    expect(check.errors({ ...specs, "stacks/environment.ts": estate })).toEqual([
      expect.stringMatching(/^stacks\/workloadSpecs\.ts: Type '\{[^}]*takenByNobody: "further";/),
    ]);
  });

  test("is one where component and schema agree; of the estate itself, the schema alone suffices", () => {
    const estate = edited("stacks/environment.ts", [
      "  protect: z.boolean(),\n",
      "  protect: z.boolean(),\n  further: z.int().exactOptional(),\n",
    ]);
    const prod = edited("stacks/prod.ts", ["  protect: true,\n", "  protect: true,\n  further: 3,\n"]);
    const texts = {
      ...component("chatwoot", "ChatwootArgs"),
      ...schema(["chatwoot", "z.int()"]),
      "stacks/prod.ts": prod,
    };
    expect(check.errors({ ...specs, ...texts, "stacks/environment.ts": estate })).toEqual([]);
    expect(check.errors({ ...specs, ...texts })).toEqual([
      expect.stringMatching(/^stacks\/prod\.ts: .*'further' does not exist in type/),
    ]);
  });
});

describe("a new operating system", () => {
  const file = "components/machines/osImage.ts";
  const listed: readonly [string, string] = ['"debian-13"] as const', '"debian-13", "debian-14"] as const'];
  const row = (text: string): readonly [string, string] => [
    "OsImage, OsImageFacts>> = {\n",
    `OsImage, OsImageFacts>> = {\n  "debian-14": ${text},\n`,
  ];

  test("is refused until its row is there", () => {
    expect(check.errors({ [file]: edited(file, listed) })).toEqual([
      expect.stringMatching(/^components\/machines\/osImage\.ts: Property '"?debian-14"?' is missing in type/),
    ]);
  });

  test("must answer for each question of its row", () => {
    const columns = Object.keys(OS_IMAGES["debian-12"]);
    expect(withoutOneEach("components/machines/osImage", 'OS_IMAGES["debian-12"]', "OsImageFacts", columns)).toEqual(
      columns,
    );
  });

  test("is refused with series that no service was written for, such as the next ones", () => {
    const shipped =
      '{ distribution: "debian", codename: "forky", haproxy: "3.4", redis: { series: "8.6", from: "distribution" }, rabbitmq: { series: "4.3", from: "distribution" }, etcd: "3.7", ' +
      'mariadb: { series: "12.3", from: "distribution" }, proxysql: "2.7", ' +
      'postgres: { version: 18, patroni: "3.2+", pgbouncer: "1.21+" } }';
    const errors = check.errors({ [file]: edited(file, listed, row(shipped)) });
    for (const value of ['"3.4"', '"8.6"', '"4.3"', '"3.7"', '"12.3"', "18"])
      expect(errors).toContainEqual(expect.stringContaining(`Type '${value}' is not assignable to type`));
  });

  test("compiles once all is answered", () => {
    const { codename: _, ...rest } = OS_IMAGES["debian-12"];
    const answered = JSON.stringify({ codename: "forky", ...rest });
    expect(check.errors({ [file]: edited(file, listed, row(answered)) })).toEqual([]);
  });
});

/** Of these columns, those without which a row is refused. */
function withoutOneEach(module: string, row: string, type: string, columns: readonly string[]): readonly string[] {
  const [table = ""] = /^\w+/.exec(row) ?? [];
  const lines = columns.map(
    (column, i) => `const { ${column}: _${i}, ...row${i} } = ${row}; export const r${i}: ${type} = row${i};`,
  );
  const probe = `import { ${table}, type ${type} } from "./${module}";\n${lines.join("\n")}\n`;
  const errors = check.errors({ "withoutOneEach.ts": probe });
  return columns.filter((column) => errors.some((error) => error.includes(`Property '${column}' is missing in type`)));
}
