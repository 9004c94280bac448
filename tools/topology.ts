// `npm run topology -- --stack prod`: the estate as a picture, in one page and one file (docs/picture.md).
// Without an account: from what the program registers.
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { MistakesError } from "../components/mistakes";
import { PRICES, readPrices } from "../cost/prices";
import { NotComparableError, readEmitted, toGraph, type EmittedEstate } from "../diff/model/emitted";
import { buildPicture, NothingDeclaredError } from "../picture/buildPicture";
import { comparePictures } from "../picture/comparePictures";
import { layOut } from "../picture/layout";
import type { Picture } from "../picture/model";
import { renderPage } from "../picture/page/page";
import { svgFile } from "../picture/svg";
import { knownStacks } from "../stacks/loadEnvironment";
import { judgedPlan } from "../stacks/planStack";
import { baseCommit, emit, withBase } from "./diffBase";
import { emittedEstate } from "./emitEstate";
import { stackSettings } from "./stackSettings";

const WRITTEN = 0;
const FAILED = 1;
const BAD_INPUT = 2;
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

interface Source {
  readonly estate: EmittedEstate;
  readonly name: string;
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, tokens } = parseArgs({
    args: [...argv],
    tokens: true,
    options: {
      stack: { type: "string", default: "prod" },
      out: { type: "string", default: ".cache/topology" },
      base: { type: "string" },
      before: { type: "string" },
      after: { type: "string" },
      save: { type: "string" },
      prices: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return WRITTEN;
  }
  const given = tokens.flatMap((token) => (token.kind === "option" ? [token.name] : []));
  const twice = given.filter((name, index) => given.indexOf(name) < index);
  if (twice.length > 0) throw new TypeError(`--${twice.join(", --")} is given twice`);
  const { stack, out, base, before, after, save, prices: priceFile } = values;
  if (!knownStacks().includes(stack))
    throw new TypeError(`--stack ${stack} is unknown; allowed: ${knownStacks().join(", ")}`);
  if (base !== undefined && before !== undefined) throw new TypeError("--base and --before name two things to compare with; one is allowed"); // prettier-ignore
  if (after !== undefined && before === undefined) throw new TypeError("--after is given without --before");
  const head = after === undefined ? await registers(stack) : saved(after);
  if (save !== undefined) {
    write(save, JSON.stringify(head.estate));
    return WRITTEN;
  }
  const prices = priceFile === undefined ? PRICES : readPrices(readFileSync(priceFile, "utf8"), priceFile);
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
  return { estate: readEmitted(readFileSync(file, "utf8"), file), name: relative(ROOT, resolve(file)) };
}

function write(file: string, text: string): void {
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, text);
  process.stdout.write(`${file} is written (${Math.ceil(Buffer.byteLength(text) / 1024)} KiB).\n`);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const told =
      ["ENOENT", "EACCES", "EISDIR", "ENOTDIR", "ENOSPC"].includes(String(code)) ||
      error instanceof SyntaxError ||
      error instanceof TypeError ||
      error instanceof MistakesError ||
      error instanceof NotComparableError ||
      error instanceof NothingDeclaredError;
    const message = error instanceof Error ? (told ? error.message : (error.stack ?? error.message)) : String(error);
    process.stderr.write(`${message}\n${error instanceof TypeError ? `\n${USAGE}` : ""}`);
    process.exit(told ? BAD_INPUT : FAILED);
  },
);
