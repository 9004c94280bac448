/** EUR a month, net, in Germany. A type that is not listed has no known price, and the API shows none for it. */
export interface PriceTable {
  /** When these prices were read. */
  readonly asOf: string;
  readonly servers: Readonly<Record<string, number>>;
  readonly loadBalancers: Readonly<Record<string, number>>;
  readonly ipv4: number;
  readonly volumePerGb: number;
  readonly snapshotPerGb: number;
  readonly backupPercent: number;
}

/** Mid 2026, from third-party notes; give startCloud a table of your own to use others. */
export const PRICES: PriceTable = {
  asOf: "2026-06",
  servers: {
    cx23: 5.49,
    cx33: 8.49,
    cx43: 15.99,
    cx53: 29.49,
    cpx22: 19.49,
    cpx32: 35.49,
    cpx42: 69.49,
    ccx13: 42.99,
    ccx23: 85.99,
    ccx33: 138.49,
  },
  loadBalancers: { lb11: 7.49 },
  ipv4: 0.5,
  volumePerGb: 0.0572,
  snapshotPerGb: 0.0143,
  backupPercent: 20,
};

/** German VAT, added to net for the gross price. */
export const VAT_PERCENT = 19;

/** Hetzner bills at most this many hours a month. */
const BILLED_HOURS = 624;
const TRAFFIC_BYTES = 20 * 1024 ** 4;

export function price(net: number): { net: string; gross: string } {
  return { net: net.toFixed(10), gross: (net * (1 + VAT_PERCENT / 100)).toFixed(16) };
}

/** The `prices` array of a type; empty where the price is not known. */
export function pricesOf(monthly: number | undefined, locations: readonly string[]): object[] {
  if (monthly === undefined) return [];
  return locations.map((location) => ({
    location,
    price_hourly: price(monthly / BILLED_HOURS),
    price_monthly: price(monthly),
    included_traffic: TRAFFIC_BYTES,
    price_per_tb_traffic: price(1),
  }));
}
