// `npm run pins`: reads what the names that the program uses stand for today, and writes components/pins.json.
import { writeFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { PINS, PINS_FILE } from "../components/pins";
import { runCommand, type Given } from "./commandLine";
import { movedPins, PinsError, readPins, unpinned, wantedPins } from "./readPins";

const USAGE = `Usage:
  npm run pins             asks releases and registries, and writes components/pins.json; what was pinned must not have changed
  npm run pins -- --check  names what is not pinned, and asks nobody
Exit status: 0 all is pinned; 1 (--check) not all is; 2 bad input, somebody could not be asked, or a name stands for something else now.
`;

async function main(given: Given): Promise<number> {
  const wanted = wantedPins();
  if (given.flag("check")) {
    const names = unpinned(wanted, PINS);
    process.stdout.write(names.map((name) => `${name}: pinned by name alone\n`).join("") || "all is pinned\n");
    return names.length === 0 ? 0 : 1;
  }
  const read = await readPins(wanted, fetch);
  const moved = movedPins(PINS, read);
  if (moved.length > 0) throw new PinsError(moved.join("\n"));
  const text = await format(JSON.stringify(read), { ...(await resolveConfig(PINS_FILE)), filepath: PINS_FILE });
  writeFileSync(PINS_FILE, text);
  const { files, images } = read;
  process.stdout.write(
    `${Object.keys(files).length} files and ${Object.keys(images).length} images are pinned; npm run docs says so in docs/versions.md.\n`,
  );
  return 0;
}

runCommand(main, { script: "pins", options: { check: { flag: true } }, usage: USAGE, told: [PinsError] });
