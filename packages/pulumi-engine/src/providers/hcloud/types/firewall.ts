import type { Properties } from "../../../provider";
import type { Api } from "../api";
import { named, type ApiNamed, type Definition } from "../definition";

interface ApiRule {
  readonly direction: string;
  readonly protocol: string;
  readonly port: string | null;
  readonly source_ips: readonly string[];
  readonly destination_ips: readonly string[];
  readonly description: string | null;
}

interface ApiFirewallTarget {
  readonly type: "server" | "label_selector";
  readonly server?: { readonly id: number };
  readonly label_selector?: { readonly selector: string };
}

interface ApiFirewall extends ApiNamed {
  readonly rules: readonly ApiRule[];
  readonly applied_to: readonly ApiFirewallTarget[];
}

/** A bare address means itself alone. */
const toCidr = (address: string): string =>
  address.includes("/") ? address : `${address}/${address.includes(":") ? 128 : 32}`;

const toApiRule = (rule: Properties): object => ({
  direction: rule["direction"],
  protocol: rule["protocol"],
  ...(rule["port"] === undefined ? {} : { port: rule["port"] }),
  ...(rule["description"] === undefined ? {} : { description: rule["description"] }),
  source_ips: ((rule["sourceIps"] ?? []) as readonly string[]).map(toCidr),
  destination_ips: ((rule["destinationIps"] ?? []) as readonly string[]).map(toCidr),
});

const fromApiRule = (rule: ApiRule): Properties => ({
  direction: rule.direction,
  protocol: rule.protocol,
  port: rule.port,
  description: rule.description,
  sourceIps: rule.source_ips,
  destinationIps: rule.destination_ips,
});

const rulesIn = (inputs: Properties): object[] => ((inputs["rules"] ?? []) as readonly Properties[]).map(toApiRule);

const targetsIn = (inputs: Properties): ApiFirewallTarget[] =>
  ((inputs["applyTos"] ?? []) as unknown as readonly { server?: number; labelSelector?: string }[]).map(
    ({ server, labelSelector }) =>
      server === undefined
        ? { type: "label_selector", label_selector: { selector: labelSelector ?? "" } }
        : { type: "server", server: { id: server } },
  );

const keyOf = (target: ApiFirewallTarget): string => String(target.server?.id ?? target.label_selector?.selector);
const plain = ({ type, server, label_selector }: ApiFirewallTarget): object => ({ type, server, label_selector });

/** Makes a firewall apply to exactly these. */
async function apply(api: Api, row: ApiFirewall, wanted: readonly ApiFirewallTarget[]): Promise<void> {
  const [have, want] = [row.applied_to, wanted].map((targets) => new Set(targets.map(keyOf)));
  const less = row.applied_to.filter((target) => want?.has(keyOf(target)) !== true).map(plain);
  const more = wanted.filter((target) => have?.has(keyOf(target)) !== true);
  const path = `/firewalls/${row.id}/actions`;
  if (less.length > 0) await api.unlessGone(() => api.act(`${path}/remove_from_resources`, { remove_from: less }));
  if (more.length > 0) await api.act(`${path}/apply_to_resources`, { apply_to: more });
}

export const firewall: Definition = named<ApiFirewall>({
  kind: "firewall",
  plural: "firewalls",
  rules: {
    rules: { set: true },
    "rules.direction": { oneOf: ["in", "out"] },
    "rules.protocol": { oneOf: ["tcp", "udp", "icmp", "esp", "gre"] },
    "rules.sourceIps": { set: true, kept: toCidr },
    "rules.destinationIps": { set: true, kept: toCidr },
    applyTos: { set: true },
    "applyTos.server": { computed: true },
    "applyTos.labelSelector": { computed: true },
  },
  body: (inputs) => ({ rules: rulesIn(inputs), apply_to: targetsIn(inputs) }),
  outputs: (row) => ({
    rules: row.rules.map(fromApiRule),
    applyTos: row.applied_to.map(({ server, label_selector: selector }) =>
      server === undefined ? { labelSelector: selector?.selector ?? "" } : { server: server.id },
    ),
  }),
  update: async (api, row, change) => {
    // The real provider cannot take the last rule away: it sends none when none is given.
    const rules = rulesIn(change.inputs);
    if (change.has("rules") && rules.length > 0) await api.act(`/firewalls/${row.id}/actions/set_rules`, { rules });
    if (change.has("applyTos")) await apply(api, row, targetsIn(change.inputs));
  },
  // A firewall in use is not deleted, so it lets go first.
  remove: async (api, id, row) => {
    if (row !== undefined) await apply(api, row, []);
    await api.retry(["conflict", "resource_in_use"], () => api.remove(`/firewalls/${id}`));
  },
});
