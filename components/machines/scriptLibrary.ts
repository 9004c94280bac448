import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const DIRECTORY = join(__dirname, "script");

/** The bash functions that every host script begins with: script/*.sh in the order of their names. */
export const SCRIPT_LIBRARY = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith(".sh"))
  .sort()
  .map((name) => readFileSync(join(DIRECTORY, name), "utf8").trim())
  .join("\n\n");
