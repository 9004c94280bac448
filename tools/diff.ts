// `npm run diff -- --base REF --stack prod`: what the working folder does to the estate that a commit describes.
// Without credentials and without state: both programs are asked what they register (docs/pull-requests.md).
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PRICES, readPrices, type Prices } from "../cost/prices";
import { compareEstates } from "../diff/compare";
import { NotComparableError } from "../diff/model/emitted";
import { FORMATS, render, type Format } from "../diff/render";
import { knownStacks } from "../stacks/loadEnvironment";
import { baseCommit, emit, headCommit, withBase } from "./diffBase";

const PROVED = 0;
const NOT_PROVED = 1;
const BAD_INPUT = 2;

const USAGE = `Usage:
  npm run diff -- [--base origin/main] [--stack prod] [--format ${FORMATS.join("|")}] [--prices FILE]

Compares the stack as the working folder registers it with the commit that it shares with --base.
Stacks: ${knownStacks().join(", ")}.
Exit status: 0 compared, and the verifier proves the change; 1 compared, and it refuses it; 2 not compared.
`;

const ROOT = join(__dirname, "..");

async function main(argv: readonly string[]): Promise<number> {
  const { values, tokens } = parseArgs({
    args: [...argv],
    tokens: true,
    options: {
      base: { type: "string", default: "origin/main" },
      stack: { type: "string", default: "prod" },
      format: { type: "string", default: "terminal" },
      prices: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return PROVED;
  }
  const given = tokens.flatMap((token) => (token.kind === "option" ? [token.name] : []));
  const twice = given.filter((name, index) => given.indexOf(name) < index);
  if (twice.length > 0) throw new TypeError(`--${twice.join(", --")} is given twice`);
  const format = FORMATS.find((one) => one === values.format);
  if (format === undefined) throw new TypeError(`--format ${values.format} is unknown; allowed: ${FORMATS.join(", ")}`);
  if (!knownStacks().includes(values.stack))
    throw new TypeError(`--stack ${values.stack} is unknown; allowed: ${knownStacks().join(", ")}`);
  const { prices: file } = values;
  const prices = file === undefined ? PRICES : readPrices(readFileSync(file, "utf8"), file);
  return compare(values.base, values.stack, format, prices);
}

async function compare(ref: string, stack: string, format: Format, prices: Prices): Promise<number> {
  const [base, head] = [baseCommit(ROOT, ref), headCommit(ROOT)];
  if (process.stderr.isTTY) process.stderr.write(`Comparing ${base.name} with ${head} ...\n`);
  const key = randomBytes(32).toString("hex");
  const [before, after] = await withBase(ROOT, base, stack, (dir) =>
    Promise.all([emit(dir, stack, key, `the base ${base.name}`), emit(ROOT, stack, key, head)]),
  );
  const diff = compareEstates({ name: base.name, estate: before }, { name: head, estate: after }, prices);
  const colours = process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "";
  await new Promise((done) => process.stdout.write(render(diff, format, colours), done));
  return diff.effects.some(({ kind }) => kind === "refused") ? NOT_PROVED : PROVED;
}

// Whatever ends without a word has not compared anything.
process.exitCode = BAD_INPUT;
main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const told =
      missing || error instanceof SyntaxError || error instanceof TypeError || error instanceof NotComparableError;
    const message = error instanceof Error ? (told ? error.message : (error.stack ?? error.message)) : String(error);
    process.stderr.write(`${message}\n${error instanceof TypeError ? `\n${USAGE}` : ""}`);
    process.exit(BAD_INPUT);
  },
);
