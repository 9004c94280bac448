import { isOpen, runningVersions, versionMistakes } from "../../stacks/judgeVersions";
import { VERSION_FACTS, type VersionFacts } from "../../stacks/versionFacts";
import { knownStacks, loadEnvironment } from "../../stacks/loadEnvironment";

test("nothing that runs has a known hole with a fix that we do not have, is past its end, or was not looked at for half a year", () => {
  expect(versionMistakes(runningVersions(), VERSION_FACTS, new Date())).toEqual([]);
});

test("an image that was never to be had is no pin: Vault's open edition is not mended after its line's fourth patch", () => {
  const vault = runningVersions().find(({ of }) => of === "hashicorp/vault");
  expect(isOpen(vault?.version ?? "", { fixedIn: "2.0.0" })).toBe(false);
});

test("every image that a stack names, and KeyBuzz has not built itself, is among what is looked at", () => {
  const looked = new Set(runningVersions().map(({ of, version }) => `${of}:${version}`));
  const images = (value: unknown): readonly string[] =>
    typeof value !== "object" || value === null
      ? []
      : Object.entries(value).flatMap(([key, one]) =>
          /^(image|injectorImage)$/.test(key) && typeof one === "string" && one.includes("/") ? [one] : images(one),
        );
  for (const stack of knownStacks()) {
    const named = images(loadEnvironment(stack).workloads);
    expect(named.length).toBeGreaterThan(3);
    const others = named.filter((image) => !image.startsWith("ghcr.io/keybuzzio/"));
    expect(others.filter((image) => !looked.has(image.replace(/@.*/, "")))).toEqual([]);
  }
});

describe("what is wrong with a version", () => {
  const TODAY = new Date("2026-11-28");
  const looks = (change: Partial<VersionFacts>): readonly VersionFacts[] => [
    { of: "shop", looked: "2026-11-01", holes: [], ...change },
  ];
  const told = (version: string, change: Partial<VersionFacts>): readonly string[] =>
    versionMistakes([{ of: "shop", version, pinned: false }], looks(change), TODAY);
  const hole = { id: "CVE-1", what: "a hole", fixedIn: "1.84.0" };

  test("a hole with a fix, up to the version that has it", () => {
    expect(told("main-v1.83.9-stable", { holes: [hole] })).toEqual([
      "shop main-v1.83.9-stable: CVE-1 (a hole) is fixed in 1.84.0",
    ]);
    expect(told("v1.84.0", { holes: [hole] })).toEqual([]);
    expect(["1.9.0", "1.84", "1.84.1", "2.0"].map((version) => isOpen(version, hole))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test("one that is left with a reason, until it need not be", () => {
    const left = { ...hole, left: "a major version" };
    expect(told("1.83.0", { holes: [left] })).toEqual([]);
    expect(told("1.84.0", { holes: [left] })).toEqual(["shop 1.84.0: CVE-1 is fixed, and need not be left"]);
  });

  test("the end of its line, unless there is a reason to stay", () => {
    expect(told("1.0", { endOfLife: "2026-11-29" })).toEqual([]);
    expect(told("1.0", { endOfLife: "2026-11-27" })).toEqual(["shop 1.0: its line ended on 2026-11-27"]);
    expect(told("1.0", { endOfLife: "2026-11-27", afterEnd: "the last one" })).toEqual([]);
  });

  test("nobody has looked for more than 180 days", () => {
    expect(told("1.0", { looked: "2026-06-01" })).toEqual([]);
    expect(told("1.0", { looked: "2026-05-31" })).toEqual([
      "shop 1.0: nobody has looked at its advisories for 181 days",
    ]);
  });

  test("nothing is known of what runs; what is known runs nowhere", () => {
    expect(versionMistakes([{ of: "cart", version: "1.0", pinned: false }], looks({}), TODAY)).toEqual([
      "cart: nothing is known of it; add it to stacks/versionFacts.ts",
      "shop: it runs nowhere; take it out",
    ]);
  });
});
