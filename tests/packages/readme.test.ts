import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Alone } from "./support/alone";

// Each starts a process, and what it starts.
jest.setTimeout(120_000);

const PACKAGES = join(__dirname, "..", "..", "packages");
/** What examples import beside their package: its user has it anyway. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  machines: ["ssh2"],
  "hetzner-api": ["@standin/machines"],
  "pulumi-engine": ["@pulumi/random", "@pulumi/pulumi"],
};

interface Block {
  readonly kind: string;
  readonly file: string;
  readonly text: string;
}

const blocks = (page: string): readonly Block[] =>
  [...page.matchAll(/^```(\w+) ?(\S*)\n(.*?)^```$/gms)].map(([, kind = "", file = "", text = ""]) => ({
    kind,
    file,
    text,
  }));

describe.each(readdirSync(PACKAGES))("the page of %s", (name) => {
  const page = readFileSync(join(PACKAGES, name, "README.md"), "utf8");

  test("says what it is for, how to use it alone, what it was validated against, and its limits", () => {
    expect(page.split("\n")[0]).toBe(`# @standin/${name}`);
    expect(page.match(/^## .*$/gm)).toEqual(["## Alone", "## Validated against", "## Limits"]);
  });

  test("tells the truth: its example runs where nothing but the package is, and prints what the page says", () => {
    const alone = new Alone([`@standin/${name}`, ...(BESIDE[name] ?? [])]);
    try {
      const files = blocks(page).filter(({ file }) => file !== "");
      for (const { file, text } of files) alone.write(file, text);
      expect(alone.run("example.mts")).toBe(blocks(page).find(({ kind }) => kind === "text")?.text);
    } finally {
      alone.dispose();
    }
  });
});
