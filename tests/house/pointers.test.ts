import { textOf, trackedFiles } from "./support/trackedFiles";

/** What leads out of the repository. Written in pieces, so that this file does not. */
const OUTWARD: readonly { readonly what: string; readonly pattern: RegExp; readonly sample: string }[] = [
  {
    what: "a folder beside the repository",
    pattern: new RegExp(["\\.\\.", "shared\\b"].join("/")),
    sample: ["../..", "shared", "x.json"].join("/"),
  },
  {
    what: "a page that is not in docs/",
    pattern: new RegExp(["platform", "md\\b"].join("\\.")),
    sample: ["see platform", "md"].join("."),
  },
  {
    what: "a source that nobody can look up",
    pattern: new RegExp(["\\bfacts", ""].join(":")),
    sample: ["(facts", " Hetzner)"].join(":"),
  },
  {
    // Images of others have homes of their own; a folder alone is a part of somebody's path.
    what: "a folder of one machine",
    pattern: /(?<![\w.~$}-])\/(?:Users|work|mnt|home(?!\/frappe\b|\/node\b))\/\w/,
    sample: ["", "home", "somebody", "keybuzz"].join("/"),
  },
  {
    // A file right below it is anybody's example.
    what: "a temporary folder of one machine",
    pattern: /(?<![\w.~$}-])\/tmp\/[\w.-]+\//,
    sample: ["", "tmp", "base", "main.json"].join("/"),
  },
  {
    what: "the address of a package registry",
    pattern: new RegExp(
      [
        ["registry", "(npmjs|yarnpkg|npmmirror)"],
        ["(pypi|pythonhosted)", "org"],
        ["proxy", "golang"],
      ]
        .map((parts) => parts.join("\\."))
        .concat(['"resolved": "[a-z]+:'])
        .join("|"),
    ),
    sample: ["https://registry", "npmjs", "org/jest"].join("."),
  },
];

test.each(OUTWARD)("$what would be found", ({ pattern, sample }) => {
  expect(sample).toMatch(pattern);
});

test("no file leads out of the repository", () => {
  const files = trackedFiles();
  expect(files.length).toBeGreaterThan(700);
  const found = files.flatMap((file) =>
    textOf(file)
      .split("\n")
      .flatMap((line, index) =>
        OUTWARD.filter(({ pattern }) => pattern.test(line)).map(
          ({ what }) => `${file}:${index + 1}: ${what}: ${line.trim().slice(0, 100)}`,
        ),
      ),
  );
  expect(found).toEqual([]);
});
