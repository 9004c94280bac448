// `npm run prices`: asks Hetzner what things cost, and writes the table anew (cost/prices.json).
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { priceChanges, pricesFrom } from "../cost/hetznerPricing";
import { PRICES, PricesError } from "../cost/prices";
import { runCommand, type Given } from "./commandLine";

const WRITTEN = 0;
const NOT_WRITTEN = 1;
const TABLE = join(__dirname, "..", "cost", "prices.json");
const HETZNER = "https://api.hetzner.cloud/v1";
const LIMIT_MS = 20_000;

const USAGE = `Usage:
  npm run prices -- [--location fsn1] [--out FILE]   Hetzner's own prices into cost/prices.json, with the day

HCLOUD_TOKEN: a token of Hetzner's, which may only read. HCLOUD_ENDPOINT: another address of its API.
Exit status: 0 written, 1 Hetzner does not answer or not with prices: nothing is written, 2 bad input.
`;

/** Ends in one sentence, and nothing is written. */
class NotAskedError extends Error {
  override readonly name = "NotAskedError";
}

/** A token goes nowhere unencrypted but to this machine. */
function endpoint(): string {
  const given = process.env["HCLOUD_ENDPOINT"] ?? "";
  if (given === "") return HETZNER;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const own = url?.protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url?.protocol !== "https:" && !own)
    throw new NotAskedError(`HCLOUD_ENDPOINT ${given}: allowed are https addresses, and http on this machine`);
  return given.replace(/\/$/, "");
}

async function ask(token: string): Promise<unknown> {
  const url = `${endpoint()}/pricing`;
  const kept = `prices stay those of ${PRICES.asOf}`;
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { Authorization: `Bearer ${token}` },
      redirect: "error",
      signal: AbortSignal.timeout(LIMIT_MS),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new PricesError(`${url} does not answer (${cause}): ${kept}`);
  }
  if (!response.ok)
    throw new PricesError(
      `${url} answers ${response.status}${response.status === 401 ? ", the token is not known" : ""}: ${kept}`,
    );
  return response.json().catch((error: unknown) => {
    throw new PricesError(`${url} answers no JSON (${String(error)}): ${kept}`);
  });
}

async function main(given: Given): Promise<number> {
  const token = process.env["HCLOUD_TOKEN"] ?? "";
  if (token === "")
    throw new NotAskedError(
      `HCLOUD_TOKEN is not set: prices stay those of ${PRICES.asOf}; a token that may only read is enough`,
    );
  try {
    const today = new Date().toISOString().slice(0, 10);
    const prices = pricesFrom(await ask(token), given.text("location") ?? "fsn1", today);
    const out = given.text("out") ?? TABLE;
    writeFileSync(out, `${JSON.stringify(prices, null, 2)}\n`);
    const changes = priceChanges(PRICES, prices);
    process.stdout.write([`${out}: prices of ${today}.`, ...changes, ""].join("\n"));
    return WRITTEN;
  } catch (error) {
    if (!(error instanceof PricesError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return NOT_WRITTEN;
  }
}

runCommand(main, {
  script: "prices",
  options: { location: {}, out: {} },
  usage: USAGE,
  told: [NotAskedError],
});
