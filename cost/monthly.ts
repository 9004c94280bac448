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

/** What a month of it costs, as far as the table knows. Traffic beyond what is included, and what pods claim, is not in it. */
export function monthlyCost(resources: readonly PricedResource[], prices: Prices): Cost {
  let cents = 0;
  const unknown: Record<string, number> = {};
  for (const one of resources) {
    if (!one.type.startsWith("hcloud:")) continue;
    const found = priceOf(one, prices);
    if (typeof found === "number") cents += found * 100;
    else if (found !== undefined) unknown[found] = (unknown[found] ?? 0) + 1;
  }
  return { monthly: Math.round(cents) / 100, unknown };
}

/** @returns what it is called where its price is not known; undefined: it costs nothing */
function priceOf({ type, inputs }: PricedResource, prices: Prices): number | string | undefined {
  if (FREE.test(type)) return undefined;
  const text = (key: string): string => (typeof inputs[key] === "string" ? inputs[key] : "(unknown)");
  switch (type) {
    case "hcloud:index/server:Server": {
      const own = prices.servers[text("serverType")];
      const backups = inputs["backups"] === true ? prices.backupsPercent : 0;
      if (own === undefined) return `server type ${text("serverType")}`;
      return backups === undefined ? "backups of servers" : own * (1 + backups / 100);
    }
    case "hcloud:index/loadBalancer:LoadBalancer":
      return prices.loadBalancers[text("loadBalancerType")] ?? `load balancer type ${text("loadBalancerType")}`;
    case "hcloud:index/primaryIp:PrimaryIp":
      return prices.primaryIps[text("type")] ?? `primary IP ${text("type")}`;
    case "hcloud:index/volume:Volume": {
      const size = inputs["size"];
      return prices.volumePerGb === undefined || typeof size !== "number" ? "volumes" : prices.volumePerGb * size;
    }
    default:
      return type.split(":").at(-1) ?? type;
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

const amount = (value: number): string =>
  new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);

function unknownText(unknown: Cost["unknown"]): string {
  const kinds = Object.entries(unknown).map(([kind, count]) => `${count} ${kind}`);
  return kinds.length === 0 ? "" : `, without ${kinds.join(", ")}, whose price is not known`;
}
