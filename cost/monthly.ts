import type { Prices } from "./prices";

/** As much of a resource as its price depends on. */
export interface PricedResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface Cost {
  /** Of all whose price is known, in the table's currency. */
  readonly monthly: number;
  /** What nobody knows the price of: "load balancer type lb21", and how many there are. */
  readonly unknown: Readonly<Record<string, number>>;
}

/** Types that Hetzner asks nothing for, or whose price is that of others. */
const FREE =
  /:(Network|NetworkSubnet|NetworkRoute|Firewall|FirewallAttachment|SshKey|PlacementGroup|Rdns|Zone|ZoneRrset|ZoneRecord|Certificate|ManagedCertificate|UploadedCertificate|ServerNetwork|VolumeAttachment|LoadBalancer(Network|Service|Target))$/;

/** Some of one kind, and what a month of them costs. */
export interface BillLine {
  /** "server type cx23", "volumes". */
  readonly what: string;
  readonly count: number;
  /** Of all of them. Undefined: nobody knows. */
  readonly monthly: number | undefined;
}

/** What a month costs, kind by kind: the dearest first, and last whatever has no known price. */
export function bill(resources: readonly PricedResource[], prices: Prices): readonly BillLine[] {
  const lines = new Map<string, { count: number; monthly: number | undefined }>();
  for (const one of resources) {
    const found = one.type.startsWith("hcloud:") ? priceOf(one, prices) : undefined;
    if (found === undefined) continue;
    const line = lines.get(found.what) ?? { count: 0, monthly: 0 };
    lines.set(found.what, {
      count: line.count + 1,
      monthly: line.monthly === undefined || found.price === undefined ? undefined : line.monthly + found.price,
    });
  }
  return [...lines]
    .map(([what, line]): BillLine => ({ what, ...line }))
    .sort((a, b) => (b.monthly ?? -1) - (a.monthly ?? -1) || (a.what < b.what ? -1 : 1));
}

/** What a month of it costs, as far as the table knows. Traffic beyond what is included, and what pods claim, is not in it. */
export function monthlyCost(resources: readonly PricedResource[], prices: Prices): Cost {
  const lines = bill(resources, prices);
  const monthly = lines.reduce((sum, line) => sum + (line.monthly ?? 0), 0);
  const unknown = lines.flatMap(({ what, count, monthly: known }) =>
    known === undefined ? [[what, count] as const] : [],
  );
  return { monthly: Math.round(monthly * 100) / 100, unknown: Object.fromEntries(unknown) };
}

/** @returns undefined: it costs nothing; no price: nobody knows it */
function priceOf(
  { type, inputs }: PricedResource,
  prices: Prices,
): { readonly what: string; readonly price?: number | undefined } | undefined {
  if (FREE.test(type)) return undefined;
  const text = (key: string): string => (typeof inputs[key] === "string" ? inputs[key] : "(unknown)");
  switch (type) {
    case "hcloud:index/server:Server": {
      const own = prices.servers[text("serverType")];
      if (own === undefined || inputs["backups"] !== true)
        return { what: `server type ${text("serverType")}`, price: own };
      const { backupsPercent: percent } = prices;
      return {
        what: `server type ${text("serverType")} with backups`,
        price: percent === undefined ? undefined : own * (1 + percent / 100),
      };
    }
    case "hcloud:index/loadBalancer:LoadBalancer": {
      const name = text("loadBalancerType");
      return { what: `load balancer type ${name}`, price: prices.loadBalancers[name] };
    }
    case "hcloud:index/primaryIp:PrimaryIp":
      return { what: `primary IP ${text("type")}`, price: prices.primaryIps[text("type")] };
    case "hcloud:index/volume:Volume": {
      const [size, each] = [inputs["size"], prices.volumePerGb];
      return { what: "volumes", price: each === undefined || typeof size !== "number" ? undefined : each * size };
    }
    default:
      return { what: type.split(":").at(-1) ?? type };
  }
}

/** "1,234.56 EUR a month", and what is not in it. */
export function costText({ monthly, unknown }: Cost, { currency }: Prices): string {
  return `${amount(monthly)} ${currency} a month${unknownText(unknown)}`;
}

/** "+12.30 EUR a month". */
export function changeText(before: Cost, after: Cost, { currency }: Prices): string {
  const change = Math.round((after.monthly - before.monthly) * 100) / 100;
  const sign = change < 0 ? "-" : "+";
  const kinds = [...new Set([...Object.keys(before.unknown), ...Object.keys(after.unknown)])];
  const moved = kinds
    .map((kind) => [kind, (after.unknown[kind] ?? 0) - (before.unknown[kind] ?? 0)] as const)
    .filter(([, count]) => count !== 0)
    .map(([kind, count]) => `${count > 0 ? "+" : "-"}${Math.abs(count)} ${kind}, whose price is not known`);
  return [`${sign}${amount(Math.abs(change))} ${currency} a month`, ...moved].join(" and ");
}

/** "1,234.56" */
export const amount = (value: number): string =>
  new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);

function unknownText(unknown: Cost["unknown"]): string {
  const kinds = Object.entries(unknown).map(([kind, count]) => `${count} ${kind}`);
  return kinds.length === 0 ? "" : `, without ${kinds.join(", ")}, whose price is not known`;
}
