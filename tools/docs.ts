// `npm run docs [-- --check [--without PAGE]]`: writes the pages that are made of the code, or tells whether they are
// what it would write.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { docsPicture, PICTURE } from "./docsPicture";
import { environmentPage, PAGE } from "./environmentPage";
import { VERSIONS_PAGE, versionsPage } from "./versionsPage";

const PAGES = [
  { page: PAGE, text: environmentPage, of: "the schema says" },
  { page: VERSIONS_PAGE, text: versionsPage, of: "stacks/versions.ts and stacks/versionFacts.ts say" },
  { page: PICTURE, text: docsPicture, of: "prod's graph says" },
] as const;

async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { check: { type: "boolean", default: false }, without: { type: "string", multiple: true, default: [] } },
  });
  let differing = 0;
  for (const { page, text: make, of } of PAGES) {
    if (values.without.includes(page)) continue;
    const file = join(__dirname, "..", page);
    const text = await make();
    if (!values.check) {
      writeFileSync(file, text);
      process.stdout.write(`${page} is written.\n`);
    } else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
      process.stderr.write(`${page} is not what ${of}; npm run docs writes it anew.\n`);
      differing += 1;
    }
  }
  return differing === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
