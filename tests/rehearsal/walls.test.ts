import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, relative, resolve } from "node:path";
import { preProcessFile } from "typescript";
import { knownStacks, loadEnvironment, PROJECT } from "../../rehearsal/estate";

const ROOT = join(__dirname, "..", "..");
const ESTATE = ["index.ts", "stacks/", "components/", "verifier/"];
const ABOVE = [...ESTATE, "rehearsal/", "policy/", "tools/", "tests/"];
/** Downward only: each may import those before it that it names. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  common: [],
  machines: ["common"],
  "hetzner-api": ["common", "machines"],
  "kubernetes-api": ["common"],
  "pulumi-engine": ["common", "kubernetes-api"],
};

interface Import {
  /** Both from the repository's root. */
  readonly file: string;
  /** Another file's path without its ending, or a package. */
  readonly target: string;
}

const under = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((name) => /\.(ts|mts|mjs|js|json|sh|md)$/.test(name));

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

function importsOf(file: string): readonly Import[] {
  const text = read(file);
  const imported = preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  // Asked where it lies: as good as imported.
  const resolved = [...text.matchAll(/(?:require|createRequire\([^)]*\))\.resolve\("([^"]+)"\)/g)].map(
    ([, name = ""]) => name,
  );
  return [...imported, ...resolved].map((name) => ({
    file,
    target: name.startsWith(".") ? relative(ROOT, resolve(ROOT, file, "..", name)) : name,
  }));
}

const imports = (folder: string): readonly Import[] =>
  under(folder)
    .filter((name) => /\.m?[tj]s$/.test(name))
    .flatMap(importsOf);

const into =
  (places: readonly string[]) =>
  ({ target }: Import) =>
    places.some((place) => target === place.replace(/\.ts$/, "") || target.startsWith(place));
const shown = ({ file, target }: Import): string => `${file} -> ${target}`;

test("the rehearsal knows the estate through its seam alone", () => {
  const found = imports("rehearsal").filter(into(ESTATE));
  expect(new Set(found.map(({ file }) => file))).toEqual(new Set(["rehearsal/estate.ts"]));
});

test("what the seam says of the project is what its files say", () => {
  expect(read("Pulumi.yaml")).toMatch(new RegExp(`^name: ${PROJECT}$`, "m"));
});

describe("the stand-ins", () => {
  const names = readdirSync(join(ROOT, "packages"));
  const packageOf = (file: string): string => file.split("/")[1] ?? "";

  test("are all in the order of packages", () => expect(names.sort()).toEqual(Object.keys(PACKAGES).sort()));

  test("import nothing of the estate, nor of what is made for it; neither do their tests", () => {
    expect(imports("packages").filter(into(ABOVE)).map(shown)).toEqual([]);
    const above = imports("tests/packages").filter(into(ABOVE));
    expect(above.filter(({ target }) => !target.startsWith("tests/packages/")).map(shown)).toEqual([]);
  });

  test("import each other by their packages' names only, and downward", () => {
    const wrong = imports("packages").filter(({ file, target }) => {
      const name = packageOf(file);
      if (target.startsWith("packages/")) return packageOf(target) !== name;
      const other = /^@standin\/([^/]+)/.exec(target)?.[1];
      return other !== undefined && PACKAGES[name]?.includes(other) !== true;
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  test.each(names)("%s: what it imports it depends on, in exact versions, and on nothing else", (name) => {
    const { dependencies } = JSON.parse(read(`packages/${name}/package.json`)) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    const used = imports(`packages/${name}`)
      .map(({ target }) => target)
      .filter((target) => !target.startsWith("packages/") && !/^node:/.test(target) && !builtinModules.includes(target))
      .map((target) =>
        target
          .split("/")
          .slice(0, target.startsWith("@") ? 2 : 1)
          .join("/"),
      );
    expect(Object.keys(dependencies).sort()).toEqual([...new Set(used)].sort());
    expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test("share versions with the root, which names only what it uses itself", () => {
    interface Manifest {
      readonly dependencies?: Readonly<Record<string, string>>;
      readonly devDependencies?: Readonly<Record<string, string>>;
    }
    const manifests = ["package.json", ...names.map((name) => `packages/${name}/package.json`)].map((file) => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(read(file)) as Manifest;
      return { ...dependencies, ...devDependencies };
    });
    const [root = {}, ...own] = manifests;
    const shared = own.flatMap((one) => Object.entries(one)).filter(([name]) => root[name] !== undefined);
    expect(shared.filter(([name, version]) => root[name] !== version)).toEqual([]);
    const folders = ["components", "stacks", "verifier", "rehearsal", "policy", "tools", "tests"];
    const text = folders
      .flatMap(under)
      .filter((file) => /\.m?[tj]s$/.test(file))
      .map(read)
      .join("\n");
    const isUsed = (name: string): boolean => text.includes(`"${name}"`) || text.includes(`"${name}/`);
    // Types go with what they are the types of; tsx is a program.
    const needed = shared.map(([name]) => name.replace("@types/", "")).filter((name) => name !== "tsx");
    expect(needed.filter((name) => !isUsed(name))).toEqual([]);
  });

  test("hold no word of the estate: its name, its hosts and their roles, networks, addresses and domains", () => {
    const words = new Set([
      PROJECT,
      ...knownStacks().flatMap((stack) => {
        const { hosts, web, network, dataLoadBalancer, mariadbLoadBalancer } = loadEnvironment(stack);
        const balancers = [dataLoadBalancer, mariadbLoadBalancer, ...web.loadBalancers].flatMap((one) => one ?? []);
        return [
          ...hosts.flatMap(({ name, role, address }) => [name, role, address]),
          ...balancers.flatMap(({ name, address }) => [name, address]),
          ...Object.values(network).filter((value) => typeof value === "string"),
          web.zone,
          ...(web.otherZones ?? []).map(({ zone }) => zone),
        ];
      }),
    ]);
    // What everybody calls a host that SSH goes through.
    words.delete("bastion");
    const found = under("packages").flatMap((file) => {
      const text = read(file).toLowerCase();
      return [...words].filter((word) => text.includes(word.toLowerCase())).map((word) => `${file}: ${word}`);
    });
    expect(found).toEqual([]);
    // Their tests may say "redis"; the estate's own name they need for nothing.
    expect(under("tests/packages").filter((file) => read(file).toLowerCase().includes(PROJECT))).toEqual([]);
  });
});
