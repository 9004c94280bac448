// `npm run diff -- --base REF --stack prod`: what the working folder does to the estate that a commit describes.
// Without credentials and without state: both programs are asked what they register (docs/pull-requests.md).
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { PRICES, PricesError, type Prices } from "../cost/prices";
import { compareEstates } from "../diff/compare";
import { resizedServers } from "../diff/compare/movements";
import { NotComparableError } from "../diff/model/emitted";
import { FORMATS, render, type Format } from "../diff/render";
import { knownStacks } from "../stacks/loadEnvironment";
import { BAD_INPUT, runCommand, type Given } from "./commandLine";
import { readPricesFile } from "./pricesFile";
import { baseCommit, emit, headCommit, withBase } from "./diffBase";

const PROVED = 0;
const NOT_PROVED = 1;

const USAGE = `Usage:
  npm run diff -- [--base origin/main] [--stack prod] [--format ${FORMATS.join("|")}] [--prices FILE]

Compares the stack as the working folder registers it with the commit that it shares with --base.
Stacks: ${knownStacks().join(", ")}.
Exit status: 0 compared, and the verifier proves the change; 1 compared, and it refuses its end or the way to it; 2 not compared.
`;

const ROOT = join(__dirname, "..");

async function main(given: Given): Promise<number> {
  const format = FORMATS.find((one) => one === (given.text("format") ?? "terminal")) ?? "terminal";
  const prices = given.text("prices");
  return compare(
    given.text("base") ?? "origin/main",
    given.text("stack") ?? "prod",
    format,
    prices === undefined ? PRICES : readPricesFile(prices),
  );
}

async function compare(ref: string, stack: string, format: Format, prices: Prices): Promise<number> {
  const [base, head] = [baseCommit(ROOT, ref), headCommit(ROOT)];
  if (process.stderr.isTTY) process.stderr.write(`Comparing ${base.name} with ${head} ...\n`);
  const key = randomBytes(32).toString("hex");
  const [before, after] = await withBase(ROOT, base, stack, async (dir) => {
    const both = [emit(dir, stack, key, `the base ${base.name}`), emit(ROOT, stack, key, head)] as const;
    // Both to their end: none is left behind in a folder that goes.
    await Promise.allSettled(both);
    return Promise.all(both);
  });
  const resized = resizedServers(before, after);
  const wanted = resized.length === 0 ? after : await emit(ROOT, stack, key, head, resized);
  const diff = compareEstates({ name: base.name, estate: before }, { name: head, estate: wanted }, prices);
  const colours = process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "";
  await new Promise((done) => process.stdout.write(render(diff, format, colours), done));
  return diff.effects.some(({ kind }) => kind === "refused" || kind === "unsafe" || kind === "fails")
    ? NOT_PROVED
    : PROVED;
}

runCommand(main, {
  script: "diff",
  options: { base: {}, stack: { allowed: knownStacks() }, format: { allowed: FORMATS }, prices: {} },
  usage: USAGE,
  told: [NotComparableError, PricesError],
  failed: BAD_INPUT,
});
