import { readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(__dirname, "..", "..", "..");

/** What package-lock.json says of a package. */
export interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
}

const parse = <T>(file: string): T => JSON.parse(readFileSync(join(ROOT, file), "utf8")) as T;

/** Those that are fetched, by their folder. */
export function lockedPackages(): Readonly<Record<string, Locked>> {
  const { packages } = parse<{ readonly packages: Readonly<Record<string, Locked>> }>("package-lock.json");
  return Object.fromEntries(Object.entries(packages).filter(([folder]) => folder.includes("node_modules/")));
}

export function manifest(): Readonly<
  Record<"dependencies" | "devDependencies" | "optionalDependencies", Readonly<Record<string, string>>>
> {
  return parse("package.json");
}

/** The packages that have Node in them, each for one kind of machine. */
export function pinnedNodes(): readonly (Locked & { readonly name: string })[] {
  const locked = lockedPackages();
  return Object.keys(manifest().optionalDependencies).map((name) => ({ name, ...locked[`node_modules/${name}`] }));
}
