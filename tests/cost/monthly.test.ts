import { bill, changeText, costText, monthlyCost, type PricedResource } from "../../cost/monthly";
import { PRICES, readPrices } from "../../cost/prices";

const one = (type: string, inputs: Record<string, unknown>): PricedResource => ({
  type: `hcloud:index/${type.slice(0, 1).toLowerCase()}${type.slice(1)}:${type}`,
  name: "one",
  inputs,
});
const server = (serverType: string, more = {}): PricedResource => one("Server", { serverType, ...more });

test("servers, balancers, addresses and volumes are added up, to the cent", () => {
  const estate = [
    server("cx23"),
    server("cx23", { backups: true }),
    one("LoadBalancer", { loadBalancerType: "lb11" }),
    one("PrimaryIp", { type: "ipv4" }),
    one("Volume", { size: 100 }),
    one("Network", {}),
    { type: "kubernetes:apps/v1:Deployment", name: "x", inputs: {} },
  ];
  // 5.49 + 5.49 * 1.2 + 7.49 + 0.50 + 5.72
  expect(monthlyCost(estate, PRICES)).toEqual({ monthly: 25.79, unknown: {} });
  expect(costText(monthlyCost(estate, PRICES), PRICES)).toBe("25.79 EUR a month");
});

test("a price that nobody knows is named and counted, never nothing", () => {
  const cost = monthlyCost([server("cx23"), server("cax99"), server("cax99"), one("FloatingIp", {})], PRICES);
  expect(cost).toEqual({ monthly: 5.49, unknown: { "server type cax99": 2, FloatingIp: 1 } });
  expect(costText(cost, PRICES)).toContain("without 1 FloatingIp, 2 server type cax99, whose price is not known");
});

test("kind by kind, the dearest first, and last what nobody knows", () => {
  const estate = [
    server("cx23"),
    server("cx23"),
    server("cx23", { backups: true }),
    server("cax99"),
    one("Network", {}),
  ];
  expect(bill(estate, PRICES)).toEqual([
    { what: "server type cx23", count: 2, monthly: 10.98 },
    { what: "server type cx23 with backups", count: 1, monthly: 5.49 * 1.2 },
    { what: "server type cax99", count: 1, monthly: undefined },
  ]);
});

test("a change says what is more, what is less, and what nobody knows", () => {
  const before = monthlyCost([server("cx23"), server("cx33")], PRICES);
  expect(changeText(before, before, PRICES)).toBe("+0.00 EUR a month");
  expect(changeText(before, monthlyCost([server("cx23")], PRICES), PRICES)).toBe("-8.49 EUR a month");
  expect(changeText(before, monthlyCost([server("cx33"), server("new")], PRICES), PRICES)).toBe(
    "-5.49 EUR a month and +1 server type new, whose price is not known",
  );
});

test("another table is read, or told what is wrong with it", () => {
  expect(readPrices(JSON.stringify(PRICES), "a.json")).toEqual(PRICES);
  const { servers: _servers, ...rest } = PRICES;
  expect(() => readPrices(JSON.stringify({ ...rest, asOf: 3 }), "a.json")).toThrow(/a\.json: asOf, servers missing/);
  expect(() => readPrices("null", "a.json")).toThrow("a.json: all of it missing or of another form");
  expect(() => readPrices("{", "a.json")).toThrow(/^a\.json: .*JSON.*; cost\/prices\.json shows what it must be$/);
});
