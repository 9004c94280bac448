import { priceChanges, pricesFrom } from "../../cost/hetznerPricing";
import { PRICES, readPrices, type Prices } from "../../cost/prices";

// The form of Hetzner's own answer (GET /pricing); tests/cost/pricesCommand.test.ts asks a stand-in that is held against
// the official description.
const at = (location: string, net: string): object => ({
  location,
  price_hourly: { net: "0.0088000000", gross: "0.0104720000000000" },
  price_monthly: { net, gross: "9.9999" },
});
const pricing = {
  pricing: {
    currency: "EUR",
    vat_rate: "19.000000",
    primary_ips: [{ type: "ipv4", prices: [at("fsn1", "0.5000000000")] }],
    volume: { price_per_gb_month: { net: "0.0571600000", gross: "0.0680204" } },
    server_backup: { percentage: "20.0000000000" },
    server_types: [
      { id: 1, name: "cx23", prices: [at("fsn1", "5.4900000000"), at("ash", "6.9900000000")] },
      { id: 2, name: "only-there", prices: [at("ash", "1.0000000000")] },
    ],
    load_balancer_types: [{ id: 1, name: "lb11", prices: [at("fsn1", "7.4900000000")] }],
  },
};

test("net prices of one place; what cannot be had there is not in the table", () => {
  const prices = pricesFrom(pricing, "fsn1", "2026-11-28");
  expect(prices).toEqual({
    asOf: "2026-11-28",
    currency: "EUR",
    of: "Hetzner Cloud, fsn1, a month, without VAT",
    servers: { cx23: 5.49 },
    loadBalancers: { lb11: 7.49 },
    primaryIps: { ipv4: 0.5 },
    volumePerGb: 0.0572,
    backupsPercent: 20,
  });
  expect(readPrices(JSON.stringify(prices), "a.json")).toEqual(prices);
});

test("another place, and no list of prices, are told", () => {
  expect(() => pricesFrom(pricing, "moon1", "2026-11-28")).toThrow(
    "Hetzner has no servers in moon1; allowed: ash, fsn1",
  );
  expect(() => pricesFrom({ pricing: { currency: "EUR" } }, "fsn1", "2026-11-28")).toThrow(
    /^Hetzner's answer is no list of prices: pricing\.primary_ips: /,
  );
  expect(() => pricesFrom(null, "fsn1", "2026-11-28")).toThrow(/no list of prices/);
});

test("what is another price is told by name", () => {
  const other: Prices = { ...PRICES, servers: { ...PRICES.servers, cx23: 5.99, new1: 1 }, loadBalancers: {} };
  expect(priceChanges(PRICES, other)).toEqual([
    "cx23: 5.49 -> 5.99",
    "lb11: 7.49 -> not known any more",
    "new1: not known -> 1",
  ]);
  expect(priceChanges(PRICES, PRICES)).toEqual([]);
});
