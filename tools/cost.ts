// `npm run cost -- --stack prod`: what a month of a stack costs, kind by kind (docs/pull-requests.md).
import { MistakesError } from "../components/mistakes";
import { amount, bill, costText, monthlyCost } from "../cost/monthly";
import { PRICES, PricesError } from "../cost/prices";
import { registered } from "../stacks/emittedGraph";
import { knownStacks } from "../stacks/loadEnvironment";
import { judgedPlan } from "../stacks/planStack";
import { runCommand, type Given } from "./commandLine";
import { readPricesFile } from "./pricesFile";
import { stackSettings } from "./stackSettings";

const USAGE = `Usage:
  npm run cost -- [--stack prod] [--prices FILE] [--json]

Stacks: ${knownStacks().join(", ")}. Default: prod. Prices: cost/prices.json; npm run prices writes them anew.
Exit status: 0 told, also where a price is not known; 2 bad input.
`;

async function main(given: Given): Promise<number> {
  const stack = given.text("stack") ?? "prod";
  const file = given.text("prices");
  const prices = file === undefined ? PRICES : readPricesFile(file);
  const { resources } = await registered(judgedPlan(stack, stackSettings(stack)));
  const [lines, cost] = [bill(resources, prices), monthlyCost(resources, prices)];
  if (given.flag("json")) {
    const { asOf, currency, of } = prices;
    process.stdout.write(`${JSON.stringify({ stack, asOf, currency, of, ...cost, lines }, null, 2)}\n`);
    return 0;
  }
  const rows = lines.map(({ what, count, monthly }) => [
    `${count} x ${what}`,
    monthly === undefined ? "not known" : amount(monthly),
  ]);
  const [left, right] = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0), 0));
  const table = rows.map(([what = "", price = ""]) => `  ${what.padEnd(left ?? 0)}  ${price.padStart(right ?? 0)}`);
  process.stdout.write(
    [
      `${stack} costs ${costText(cost, prices)}.`,
      ...table,
      `Prices of ${prices.asOf}: ${prices.of}. Not in it: traffic beyond what is included, and volumes that pods claim.`,
      "",
    ].join("\n"),
  );
  return 0;
}

runCommand(main, {
  script: "cost",
  options: { stack: { allowed: knownStacks() }, prices: {}, json: { flag: true } },
  usage: USAGE,
  told: [MistakesError, PricesError],
});
