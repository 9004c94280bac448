import { z } from "zod";
import { PricesError, type Prices } from "./prices";

// As far as it is read of Hetzner's API, GET /pricing (docs.hetzner.cloud).
const decimal = z.string().regex(/^\d+(\.\d+)?$/);
const net = z.object({ net: decimal });
const places = z.array(z.object({ location: z.string(), price_monthly: net }));
const named = z.array(z.object({ name: z.string(), prices: places }));
const answer = z.object({
  pricing: z.object({
    currency: z.string(),
    primary_ips: z.array(z.object({ type: z.string(), prices: places })),
    volume: z.object({ price_per_gb_month: net }),
    server_backup: z.object({ percentage: decimal }),
    server_types: named,
    load_balancer_types: named,
  }),
});

/**
 * The table of prices that Hetzner's own list makes, for one place. What cannot be had there is not in it.
 *
 * @param asOf the day of the answer
 * @throws PricesError where it is no such list, or has nothing of that place
 */
export function pricesFrom(pricing: unknown, location: string, asOf: string): Prices {
  const read = answer.safeParse(pricing);
  if (!read.success) {
    const wrong = read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new PricesError(`Hetzner's answer is no list of prices: ${wrong.slice(0, 3).join("; ")}`);
  }
  const { currency, primary_ips, volume, server_backup, server_types, load_balancer_types } = read.data.pricing;
  const at = (prices: z.infer<typeof places>): number | undefined => {
    const found = prices.find((one) => one.location === location);
    return found === undefined ? undefined : cents(found.price_monthly.net);
  };
  const table = (all: readonly (readonly [string, z.infer<typeof places>])[]): Readonly<Record<string, number>> =>
    Object.fromEntries(
      all.flatMap(([name, prices]) => {
        const price = at(prices);
        return price === undefined ? [] : [[name, price]];
      }),
    );
  const servers = table(server_types.map(({ name, prices }) => [name, prices]));
  if (Object.keys(servers).length === 0) {
    const known = [...new Set(server_types.flatMap(({ prices }) => prices.map((one) => one.location)))].sort();
    throw new PricesError(`Hetzner has no servers in ${location}; allowed: ${known.join(", ")}`);
  }
  return {
    asOf,
    currency,
    of: `Hetzner Cloud, ${location}, a month, without VAT`,
    servers,
    loadBalancers: table(load_balancer_types.map(({ name, prices }) => [name, prices])),
    primaryIps: table(primary_ips.map(({ type, prices }) => [type, prices])),
    // Of one gigabyte: parts of a cent count.
    volumePerGb: Number(Number(volume.price_per_gb_month.net).toFixed(4)),
    backupsPercent: Number(server_backup.percentage),
  };
}

const cents = (price: string): number => Math.round(Number(price) * 100) / 100;

/** What is another price than before, a line each. */
export function priceChanges(before: Prices, after: Prices): readonly string[] {
  const tables = ["servers", "loadBalancers", "primaryIps"] as const;
  const flat = (prices: Prices): ReadonlyMap<string, number | undefined> =>
    new Map<string, number | undefined>([
      ...tables.flatMap((table) => Object.entries(prices[table])),
      ["a GB of volumes", prices.volumePerGb],
      ["backups, %", prices.backupsPercent],
    ]);
  const [old, now] = [flat(before), flat(after)];
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    return was === is ? [] : [`${name}: ${was ?? "not known"} -> ${is ?? "not known any more"}`];
  });
}
