// `npm run topology -- --stack prod`: the estate as a picture, in one page and one file (docs/picture.md).
// Without an account: from what the program registers.
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { MistakesError } from "../components/mistakes";
import { PRICES, PricesError } from "../cost/prices";
import { NotComparableError, readEmitted, toGraph, type EmittedEstate } from "../diff/model/emitted";
import { buildPicture, NothingDeclaredError } from "../picture/buildPicture";
import { comparePictures } from "../picture/comparePictures";
import { layOut } from "../picture/layout";
import type { Picture } from "../picture/model";
import { renderPage } from "../picture/page/page";
import { svgFile } from "../picture/svg";
import { knownStacks } from "../stacks/loadEnvironment";
import { judgedPlan } from "../stacks/planStack";
import { runCommand, UsageError, type Given } from "./commandLine";
import { baseCommit, emit, withBase } from "./diffBase";
import { emittedEstate } from "./emitEstate";
import { readPricesFile } from "./pricesFile";
import { stackSettings } from "./stackSettings";

const WRITTEN = 0;
const ROOT = join(__dirname, "..");

const USAGE = `Usage:
  npm run topology -- [--stack prod] [--out .cache/topology]   writes <stack>.html and <stack>.svg
  npm run topology -- --base origin/main [--stack prod]        before and after: against the commit shared with it
  npm run topology -- --before FILE [--after FILE]             the same for graphs that --save has written
  npm run topology -- --save FILE [--stack prod]               writes the graph itself, without its secrets

Other prices: --prices FILE (cost/prices.json shows the form).
Stacks: ${knownStacks().join(", ")}.
Exit status: 0 written, 1 the program stands in error, 2 bad input.
`;

/** A file that somebody named, and that cannot be read or written. */
class FileError extends Error {
  override readonly name = "FileError";
}

function withFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && "code" in error) throw new FileError(`${file}: ${error.message}`);
    throw error;
  }
}

interface Source {
  readonly estate: EmittedEstate;
  readonly name: string;
}

async function main(given: Given): Promise<number> {
  const [base, before, after, save] = ["base", "before", "after", "save"].map(given.text);
  const stack = given.text("stack") ?? "prod";
  const out = given.text("out") ?? ".cache/topology";
  const priceFile = given.text("prices");
  const mistakes = [
    ...(base !== undefined && before !== undefined
      ? ["--base and --before name two things to compare with; one is allowed"]
      : []),
    ...(after !== undefined && before === undefined ? ["--after is given without --before"] : []),
  ];
  if (mistakes.length > 0) throw new UsageError(mistakes.join("\n"));
  const head = after === undefined ? await registers(stack) : saved(after);
  if (save !== undefined) {
    write(save, JSON.stringify(head.estate));
    return WRITTEN;
  }
  const prices = priceFile === undefined ? PRICES : readPricesFile(priceFile);
  const draw = ({ estate }: Source): Picture => buildPicture(toGraph(estate), estate.stack, prices);
  const old = before !== undefined ? saved(before) : base !== undefined ? await ofCommit(base, stack) : undefined;
  const now = draw(head);
  const picture = old === undefined ? now : comparePictures(draw(old), now, old.name);
  const layout = await layOut(picture);
  write(join(out, `${picture.stack}.svg`), svgFile(picture, layout));
  write(join(out, `${picture.stack}.html`), renderPage(picture, layout));
  return WRITTEN;
}

/** What the working folder registers. */
async function registers(stack: string): Promise<Source> {
  const key = randomBytes(32).toString("hex");
  return { estate: await emittedEstate(judgedPlan(stack, stackSettings(stack)), key), name: stack };
}

async function ofCommit(ref: string, stack: string): Promise<Source> {
  const commit = baseCommit(ROOT, ref);
  const key = randomBytes(32).toString("hex");
  const of = `the base ${commit.name}`;
  return { estate: await withBase(ROOT, commit, stack, (dir) => emit(dir, stack, key, of)), name: commit.name };
}

function saved(file: string): Source {
  return {
    estate: readEmitted(
      withFile(file, () => readFileSync(file, "utf8")),
      file,
    ),
    name: relative(ROOT, resolve(file)),
  };
}

function write(file: string, text: string): void {
  withFile(file, () => {
    mkdirSync(dirname(resolve(file)), { recursive: true });
    writeFileSync(file, text);
  });
  process.stdout.write(`${file} is written (${Math.ceil(Buffer.byteLength(text) / 1024)} KiB).\n`);
}

runCommand(main, {
  script: "topology",
  options: {
    stack: { allowed: knownStacks() },
    out: {},
    base: {},
    before: {},
    after: {},
    save: {},
    prices: {},
  },
  usage: USAGE,
  told: [MistakesError, NotComparableError, NothingDeclaredError, PricesError, FileError],
});
