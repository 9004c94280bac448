import published from "./prices.json";

/** What parts cost a month, in one table with a date. What it does not have is not known, and never nothing. */
export interface Prices {
  /** The day of which they are: "2026-06-30". */
  readonly asOf: string;
  readonly currency: string;
  /** Whose they are, and what is in them. */
  readonly of: string;
  /** By type. */
  readonly servers: Readonly<Record<string, number>>;
  readonly loadBalancers: Readonly<Record<string, number>>;
  readonly primaryIps: Readonly<Record<string, number>>;
  readonly volumePerGb?: number;
  /** On top of the server's price. */
  readonly backupsPercent?: number;
}

/** `npm run prices` asks Hetzner and writes them anew. */
export const PRICES: Prices = published;

/** @throws TypeError where it is no such table, with what is missing */
export function readPrices(json: string, file: string): Prices {
  const value = JSON.parse(json) as Partial<Record<keyof Prices, unknown>>;
  const isTable = (one: unknown): boolean =>
    typeof one === "object" &&
    one !== null &&
    Object.values(one).every((price) => typeof price === "number" && price >= 0);
  const wrong = [
    ...(["asOf", "currency", "of"] as const).filter((key) => typeof value[key] !== "string"),
    ...(["servers", "loadBalancers", "primaryIps"] as const).filter((key) => !isTable(value[key])),
    ...(["volumePerGb", "backupsPercent"] as const).filter(
      (key) => value[key] !== undefined && typeof value[key] !== "number",
    ),
  ];
  if (wrong.length > 0)
    throw new TypeError(`${file}: ${wrong.join(", ")} missing or of another form; cost/prices.json shows it`);
  return value as Prices;
}
