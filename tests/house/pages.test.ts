import { posix } from "node:path";
import { environment as prod } from "../../stacks/prod";
import { pathsIn, slug, unfenced } from "./support/pages";
import { textOf, trackedFiles } from "./support/trackedFiles";

const FILES = trackedFiles();
const PAGES = FILES.filter((file) => /^(README|CONTRIBUTING|docs\/.*|packages\/[^/]+\/README)\.md$/.test(file));
/** Made by the program's commands; git ignores them. */
const MADE = /^\.(cache|rehearsal)(\/|$)/;

function exists(path: string): boolean {
  const pattern = path
    .replace(/\/$/, "")
    .replace(/[.+()]/g, "\\$&")
    .replace(/<\w+>|\*+/g, "[^/]+");
  return FILES.some((file) => new RegExp(`^${pattern}(/|$)`).test(file));
}

/** A file that is named without its folder. */
const isSomewhere = (name: string): boolean => FILES.some((file) => posix.basename(file) === name);

test("every path that a page names is there", () => {
  const missing = PAGES.flatMap((page) =>
    pathsIn(textOf(page), FILES)
      .filter((path) => !MADE.test(path) && !(path.includes("/") ? exists(path) : exists(path) || isSomewhere(path)))
      .map((path) => `${page}: ${path}`),
  );
  expect(missing).toEqual([]);
});

test("a path that is not there would be found", () => {
  const page = "Look at `components/{network,nowhere}/`, `stacks/<stack>.ts`, `/etc/hosts`, `a/b` and `nobody.ts`.";
  const paths = pathsIn(page, FILES);
  expect(paths).toEqual(["components/network/", "components/nowhere/", "stacks/<stack>.ts", "nobody.ts"]);
  expect(paths.filter((path) => !exists(path))).toEqual(["components/nowhere/", "nobody.ts"]);
});

/** [page, target] of each link that does not leave the repository. */
const LINKS = PAGES.flatMap((page) =>
  [...unfenced(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? "")
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target): readonly [string, string] => [page, target]),
);

test("every link leads to a page, and to a heading of it", () => {
  expect(LINKS.length).toBeGreaterThan(20);
  const dead = LINKS.filter(([page, target]) => {
    const [path = "", heading] = target.split("#");
    const file = path === "" ? page : posix.normalize(posix.join(posix.dirname(page), path));
    if (!exists(file)) return true;
    return (
      heading !== undefined &&
      !unfenced(textOf(file))
        .split("\n")
        .some((line) => slug(line) === heading)
    );
  });
  expect(dead).toEqual([]);
});

test("every page is reached from the README", () => {
  const reached = new Set<string>();
  const visit = (page: string): void => {
    if (reached.has(page)) return;
    reached.add(page);
    for (const [from, target] of LINKS)
      if (from === page) visit(posix.normalize(posix.join(posix.dirname(page), target.split("#")[0] ?? "")));
  };
  visit("README.md");
  expect(PAGES.filter((page) => !reached.has(page) && !page.startsWith("docs/decisions/"))).toEqual([]);
});

test("every page of docs/ that the code cites is there", () => {
  const cited = FILES.filter((file) => /\.(ts|mts|mjs|sh)$/.test(file) && file !== "tests/house/pages.test.ts").flatMap(
    (file) =>
      [...textOf(file).matchAll(/(?<![\w./-])docs\/[\w./-]*\w/g)].map(([path]): readonly [string, string] => [
        file,
        path,
      ]),
  );
  expect(cited.length).toBeGreaterThan(20);
  expect(cited.filter(([, path]) => !FILES.some((file) => file.startsWith(path)))).toEqual([]);
});

/** "haproxy-01, -02" -> haproxy-01, haproxy-02; "10.0.0.100-102" -> three addresses. */
function each(cell: string): readonly string[] {
  const range = /^(.*?)(\d+)(?: to -|-)(\d+)$/.exec(cell);
  if (range !== null && (cell.includes(" to ") || cell.includes("."))) {
    const [, stem = "", first = "", last = ""] = range;
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => {
      return stem + String(Number(first) + index).padStart(first.length, "0");
    });
  }
  const [whole = "", ...more] = cell.split(", ");
  return [whole, ...more.map((end) => (/^[-.]\d+$/.test(end) ? whole.replace(/[-.]\d+$/, end) : end))];
}

test("docs/estate.md lists prod's hosts and their addresses", () => {
  const [, section = ""] = textOf("docs/estate.md").split("## Hosts of prod");
  const rows = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("| ") && /\d/.test(line));
  const listed = rows.flatMap((row) => {
    const [, names = "", addresses = ""] = row.split("|").map((cell) => cell.trim());
    const all = each(addresses);
    return each(names).map((name, index): readonly [string, string | undefined] => [name, all[index]]);
  });
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(prod.hosts.map((host) => [host.name, host.address])));
});
