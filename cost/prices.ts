import { z } from "zod";
import published from "./prices.json";

const byType = z.record(z.string(), z.number().nonnegative());

/** What parts cost a month, in one table with a date. What it does not have is not known, and never nothing. */
const priceTable = z.object({
  /** The day of which they are: "2026-06-30". */
  asOf: z.string(),
  currency: z.string(),
  /** Whose they are, and what is in them. */
  of: z.string(),
  servers: byType,
  loadBalancers: byType,
  primaryIps: byType,
  volumePerGb: z.number().optional(),
  /** On top of the server's price. */
  backupsPercent: z.number().optional(),
});

export type Prices = Readonly<z.infer<typeof priceTable>>;

/** With the day of which they are; `npm run prices` asks Hetzner, and writes them anew. */
export const PRICES: Prices = published;

/** What is no table of prices, in one sentence. */
export class PricesError extends Error {
  override readonly name = "PricesError";
}

/** @throws PricesError where it is no such table, with what is missing */
export function readPrices(json: string, file: string): Prices {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new PricesError(`${file}: ${(error as Error).message}; cost/prices.json shows what it must be`);
  }
  const read = priceTable.safeParse(value);
  if (read.success) return read.data;
  const wrong = new Set(read.error.issues.map(({ path: [key = "all of it"] }) => String(key)));
  throw new PricesError(`${file}: ${[...wrong].join(", ")} missing or of another form; cost/prices.json shows it`);
}
