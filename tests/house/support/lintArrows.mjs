// Lints one tiny file for each arrow on standard input, [file, specifier], with the repository's own configuration, and
// prints the walls' messages: in a process of its own, for ESLint loads its configuration as a module.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { mayImport, placeOf, rooms } from "../../../tools/walls.mjs";

// Such a file exists nowhere: what asks for types has none to ask.
const eslint = new ESLint({
  cwd: join(import.meta.dirname, "..", "..", ".."),
  overrideConfig: [tseslint.configs.disableTypeChecked],
});

async function lint([file, specifier]) {
  const [result] = await eslint.lintText(`export * from ${JSON.stringify(specifier)};\n`, { filePath: file });
  const told = result.messages.filter(({ ruleId, fatal }) => ruleId === "house/walls" || fatal === true);
  return { file, specifier, messages: told.map(({ message }) => message) };
}

/** A file that stands in a room. */
const sample = (room) => (/\.\w+$/.test(room) ? room : `${room}/sample.ts`);

function arrowsOfThePlan() {
  const all = rooms();
  return all.flatMap((from) =>
    all.flatMap((to) => {
      if (from === to) return [];
      const [here, there] = [placeOf(sample(from)), placeOf(sample(to))];
      const up = "../".repeat(from.split("/").length - (/\.\w+$/.test(from) ? 1 : 0)) || "./";
      return [
        {
          from,
          to,
          file: sample(from),
          specifier: `${up}${sample(to).replace(/\.\w+$/, "")}`,
          allowed: mayImport(here, there),
        },
      ];
    }),
  );
}

const { byHand } = JSON.parse(readFileSync(0, "utf8"));
const plan = [];
for (const arrow of arrowsOfThePlan())
  plan.push({ ...arrow, messages: (await lint([arrow.file, arrow.specifier])).messages });
const told = [];
for (const arrow of byHand) told.push(await lint(arrow));
process.stdout.write(JSON.stringify({ plan, byHand: told }));
