import type { Properties } from "../../../provider";
import type { Api } from "../api";
import { named, type ApiNamed, type Definition } from "../definition";
import { integer, strings, text } from "../properties";
import { convergeApplied } from "./attachments";

interface ApiRule {
  readonly direction: string;
  readonly protocol: string;
  readonly port: string | null;
  readonly source_ips: readonly string[];
  readonly destination_ips: readonly string[];
  readonly description: string | null;
}

interface ApiFirewall extends ApiNamed {
  readonly rules: readonly ApiRule[];
  readonly applied_to: Parameters<typeof convergeApplied>[2];
}

interface ApplyTo {
  readonly server?: number;
  readonly labelSelector?: string;
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
  ...(rule.port === null ? {} : { port: rule.port }),
  ...(rule.description === null ? {} : { description: rule.description }),
  sourceIps: rule.source_ips,
  destinationIps: rule.destination_ips,
});

const toTargets = (inputs: Properties): Parameters<typeof convergeApplied>[3] =>
  ((inputs["applyTos"] ?? []) as unknown as readonly ApplyTo[]).map(({ server, labelSelector }) =>
    server === undefined
      ? { type: "label_selector", label_selector: { selector: labelSelector ?? "" } }
      : { type: "server", server: { id: server } },
  );

async function convergeRules(api: Api, row: ApiFirewall, inputs: Properties): Promise<void> {
  const canonical = (rules: readonly object[]): string =>
    JSON.stringify(rules.map((rule) => JSON.stringify(Object.entries(rule).sort())).sort());
  const wanted = ((inputs["rules"] ?? []) as readonly Properties[]).map(toApiRule);
  if (canonical(row.rules.map((rule) => toApiRule(fromApiRule(rule)))) !== canonical(wanted))
    await api.act(`/firewalls/${row.id}/actions/set_rules`, { rules: wanted });
}

export const firewall: Definition = named<ApiFirewall>({
  kind: "firewall",
  plural: "firewalls",
  properties: {
    rules: {
      shape: {
        set: {
          object: {
            direction: text({ required: true, oneOf: ["in", "out"] }),
            protocol: text({ required: true, oneOf: ["tcp", "udp", "icmp", "esp", "gre"] }),
            port: text(),
            sourceIps: { shape: strings },
            destinationIps: { shape: strings },
            description: text(),
          },
        },
      },
    },
    applyTos: { shape: { set: { object: { server: integer(), labelSelector: text() } } } },
  },
  computed: ["applyTos", "labels"],
  body: (inputs) => ({
    rules: ((inputs["rules"] ?? []) as readonly Properties[]).map(toApiRule),
    apply_to: toTargets(inputs),
  }),
  outputs: (row) => ({
    rules: row.rules.map(fromApiRule),
    applyTos: row.applied_to.map(({ server, label_selector: selector }) =>
      server === undefined ? { labelSelector: selector?.selector ?? "" } : { server: server.id },
    ),
  }),
  converge: async (api, row, inputs) => {
    await convergeRules(api, row, inputs);
    if (inputs["applyTos"] !== undefined) await convergeApplied(api, String(row.id), row.applied_to, toTargets(inputs));
  },
  // A firewall in use is not deleted, so it lets go first.
  beforeDelete: (api, row) => convergeApplied(api, String(row.id), row.applied_to, []),
});
