// `npm run docs [-- --check [--without PAGE]]`: writes the pages that are made of the code, or tells whether they are
// what it would write.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ALERTS_PAGE, alertsPage } from "./alertsPage";
import { runCommand, type Given } from "./commandLine";
import { docsPicture, PICTURE } from "./docsPicture";
import { environmentPage, PAGE } from "./environmentPage";
import { VERSIONS_PAGE, versionsPage } from "./versionsPage";

const PAGES = [
  { page: ALERTS_PAGE, text: alertsPage, of: "the rules in components/monitoring say" },
  { page: PAGE, text: environmentPage, of: "the schema says" },
  { page: VERSIONS_PAGE, text: versionsPage, of: "stacks/versions.ts and stacks/versionFacts.ts say" },
  { page: PICTURE, text: docsPicture, of: "prod's graph says" },
] as const;

const USAGE = `Usage:
  npm run docs                              writes ${PAGES.map(({ page }) => page).join(", ")}
  npm run docs -- --check [--without PAGE]  tells which of them are not what it would write

Exit status: 0 written, or as they would be; 1 some are not; 2 bad input.
`;

async function main(given: Given): Promise<number> {
  let differing = 0;
  for (const { page, text: make, of } of PAGES) {
    if (given.all("without").includes(page)) continue;
    const file = join(__dirname, "..", page);
    const text = await make();
    if (!given.flag("check")) {
      writeFileSync(file, text);
      process.stdout.write(`${page} is written.\n`);
    } else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
      process.stderr.write(`${page} is not what ${of}; npm run docs writes it anew.\n`);
      differing += 1;
    }
  }
  return differing === 0 ? 0 : 1;
}

runCommand(main, {
  script: "docs",
  options: { check: { flag: true }, without: { many: true, allowed: PAGES.map(({ page }) => page) } },
  usage: USAGE,
});
