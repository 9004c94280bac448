// `npm run docs [-- --check]`: writes the pages that are made of the code, or tells whether they are what it would write.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environmentPage, PAGE } from "./environmentPage";

async function main([option]: readonly string[]): Promise<number> {
  const file = join(__dirname, "..", PAGE);
  const text = await environmentPage();
  if (option === "--check") {
    if (existsSync(file) && readFileSync(file, "utf8") === text) return 0;
    process.stderr.write(`${PAGE} is not what the schema says; npm run docs writes it anew.\n`);
    return 1;
  }
  writeFileSync(file, text);
  process.stdout.write(`${PAGE} is written.\n`);
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
