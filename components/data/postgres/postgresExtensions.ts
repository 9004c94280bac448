/** Extensions that a database can be given: those that come with the server, and those whose package is installed with it. */
export const EXTENSIONS = [
  "btree_gin",
  "btree_gist",
  "citext",
  "cube",
  "earthdistance",
  "fuzzystrmatch",
  "hstore",
  "intarray",
  "ltree",
  "pg_stat_statements",
  "pg_trgm",
  "pgcrypto",
  "tablefunc",
  "unaccent",
  "uuid-ossp",
  "vector",
] as const;
export type Extension = (typeof EXTENSIONS)[number];

/** What comes after "postgresql-16-" in the name of an extension's package, for those that the server lacks. */
const PACKAGES: Readonly<Record<string, string>> = { vector: "pgvector" };

/** Packages that members need for the extensions of all databases. */
export function extensionPackages(
  extensions: readonly string[],
  version: number,
): readonly { readonly name: string }[] {
  return [...new Set(extensions)].sort().flatMap((extension) => {
    const suffix = PACKAGES[extension];
    return suffix === undefined ? [] : [{ name: `postgresql-${version}-${suffix}` }];
  });
}
