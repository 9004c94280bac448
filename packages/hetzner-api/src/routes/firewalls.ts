import { z } from "zod";
import * as ipaddr from "ipaddr.js";
import { limitExceeded, refused } from "../http/apiError";
import type { Router } from "../http/router";
import { renderAction } from "../model/actions";
import { requireRoom, requireRow, type CloudContext } from "../model/context";
import type { ActionRow, FirewallRow, FirewallRule, FirewallTarget } from "../model/rows";
import { id, labels, name, parseBody } from "../rules/body";
import { compileSelector } from "../rules/labels";
import { actionOn, registerResource } from "./resource";

export const MAX_FIREWALLS_PER_SERVER = 5;
const MAX_RULES = 50;
const MAX_CIDRS = 100;

const cidr = z.string().refine((value) => {
  if (!ipaddr.isValidCIDR(value)) return false;
  const [address, prefix] = ipaddr.parseCIDR(value);
  const network =
    address.kind() === "ipv4" ? ipaddr.IPv4.networkAddressFromCIDR(value) : ipaddr.IPv6.networkAddressFromCIDR(value);
  return prefix >= 0 && network.toNormalizedString() === address.toNormalizedString();
}, "must be the start of an IP network in CIDR notation");
const PORT = /^(\d{1,5})(?:-(\d{1,5}))?$|^any$/;

function isPort(value: string): boolean {
  const match = PORT.exec(value);
  if (match === null) return false;
  const [low, high] = [Number(match[1] ?? 1), Number(match[2] ?? match[1] ?? 65535)];
  return low >= 1 && high <= 65535 && low <= high;
}

const ruleBody = z
  .object({
    direction: z.enum(["in", "out"]),
    protocol: z.enum(["tcp", "udp", "icmp", "esp", "gre"]),
    port: z.string().nullish(),
    source_ips: z.array(cidr).max(MAX_CIDRS).nullish(),
    destination_ips: z.array(cidr).max(MAX_CIDRS).nullish(),
    description: z.string().max(255).nullish(),
  })
  .superRefine((rule, context) => {
    const complain = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: [path], message });
    const hasPorts = rule.protocol === "tcp" || rule.protocol === "udp";
    if (hasPorts && (rule.port === undefined || rule.port === null)) complain("port", `is needed for ${rule.protocol}`);
    if (!hasPorts && typeof rule.port === "string") complain("port", `is not allowed for ${rule.protocol}`);
    if (typeof rule.port === "string" && !isPort(rule.port))
      complain("port", `'${rule.port}' is no port (1-65535), range or 'any'`);
    const wanted = rule.direction === "in" ? "source_ips" : "destination_ips";
    if ((rule[wanted] ?? []).length === 0) complain(wanted, `is needed for direction ${rule.direction}`);
  });
const rules = z.array(ruleBody).max(MAX_RULES);
const target = z.discriminatedUnion("type", [
  z.object({ type: z.literal("server"), server: z.object({ id }) }),
  z.object({ type: z.literal("label_selector"), label_selector: z.object({ selector: z.string().min(1) }) }),
]);

const toRule = (rule: z.infer<typeof ruleBody>): FirewallRule => ({
  direction: rule.direction,
  protocol: rule.protocol,
  port: rule.port ?? null,
  source_ips: rule.source_ips ?? [],
  destination_ips: rule.destination_ips ?? [],
  description: rule.description ?? null,
});

const sameTarget = (a: FirewallTarget, b: FirewallTarget): boolean =>
  (a.type === "server" && b.type === "server" && a.server.id === b.server.id) ||
  (a.type === "label_selector" &&
    b.type === "label_selector" &&
    a.label_selector.selector === b.label_selector.selector);

function serversOf(cloud: CloudContext, applied: FirewallTarget): number[] {
  if (applied.type === "server") return [applied.server.id];
  const matches = compileSelector(applied.label_selector.selector, "label_selector");
  return cloud.store
    .list("server")
    .filter((server) => matches(server.labels))
    .map((server) => server.id);
}

/** Ids of the firewalls that filter a server, directly or through a selector. */
export function firewallsOf(cloud: CloudContext, serverId: number): number[] {
  return cloud.store
    .list("firewall")
    .filter((row) => row.appliedTo.some((applied) => serversOf(cloud, applied).includes(serverId)))
    .map((row) => row.id);
}

/** Adds targets to a firewall. @throws ApiError firewall_already_applied, resource_limit_exceeded, not_found, invalid_input */
export function applyFirewall(cloud: CloudContext, row: FirewallRow, targets: readonly FirewallTarget[]): FirewallRow {
  for (const wish of targets) {
    if (wish.type === "server") requireRow(cloud, "server", wish.server.id);
    else compileSelector(wish.label_selector.selector, "apply_to.label_selector.selector");
    if (row.appliedTo.some((applied) => sameTarget(applied, wish))) {
      throw refused("firewall_already_applied", `firewall ${row.id} is already applied to ${JSON.stringify(wish)}`);
    }
    for (const server of serversOf(cloud, wish)) {
      const others = firewallsOf(cloud, server).filter((other) => other !== row.id);
      if (others.length >= MAX_FIREWALLS_PER_SERVER)
        throw limitExceeded("firewalls per server", MAX_FIREWALLS_PER_SERVER);
    }
  }
  return cloud.store.put("firewall", { ...row, appliedTo: [...row.appliedTo, ...targets] });
}

export function firewallRoutes(router: Router, cloud: CloudContext): void {
  const render = (row: FirewallRow): object => ({
    id: row.id,
    name: row.name,
    labels: row.labels,
    created: row.created,
    rules: row.rules,
    applied_to: row.appliedTo.map((applied) =>
      applied.type === "server"
        ? applied
        : {
            ...applied,
            applied_to_resources: serversOf(cloud, applied).map((server) => ({
              type: "server",
              server: { id: server },
            })),
          },
    ),
  });
  registerResource(router, cloud, {
    kind: "firewall",
    plural: "firewalls",
    render,
    name,
    remove: (row) => {
      if (row.appliedTo.length > 0)
        throw refused("resource_in_use", `firewall ${row.id} is still applied to resources`);
      cloud.store.remove("firewall", row.id);
      return { status: 204 };
    },
  });
  router.post("/firewalls", ({ body }) => {
    const wish = parseBody(
      z.object({ name, labels: labels.nullish(), rules: rules.nullish(), apply_to: z.array(target).nullish() }),
      body,
    );
    requireRoom(cloud, "firewall", wish.name);
    const row = cloud.store.put("firewall", {
      id: cloud.store.nextId(),
      name: wish.name,
      labels: wish.labels ?? {},
      created: new Date().toISOString(),
      rules: (wish.rules ?? []).map(toRule),
      appliedTo: [],
    });
    const applied = applyFirewall(cloud, row, wish.apply_to ?? []);
    const actions = [
      cloud.actions.start(actionOn("firewall", row.id, "set_firewall_rules")),
      ...targetActions(cloud, row.id, "apply_firewall", applied.appliedTo),
    ];
    return { status: 201, body: { firewall: render(applied), actions: actions.map(renderAction) } };
  });
  firewallActions(router, cloud);
}

function targetActions(
  cloud: CloudContext,
  firewall: number,
  command: string,
  targets: readonly FirewallTarget[],
): ActionRow[] {
  return targets.map((applied) =>
    cloud.actions.start({
      command,
      resources: [
        { id: firewall, type: "firewall" },
        ...serversOf(cloud, applied).map((server) => ({ id: server, type: "server" })),
      ],
    }),
  );
}

function firewallActions(router: Router, cloud: CloudContext): void {
  const answer = (actions: readonly ActionRow[]) => ({ status: 201, body: { actions: actions.map(renderAction) } });
  router.post("/firewalls/:id/actions/set_rules", ({ params, body }) => {
    const row = requireRow(cloud, "firewall", params["id"] ?? "");
    const wish = parseBody(z.object({ rules: rules.nullable() }), body);
    cloud.store.put("firewall", { ...row, rules: (wish.rules ?? []).map(toRule) });
    const actions = [
      cloud.actions.start(actionOn("firewall", row.id, "set_firewall_rules")),
      ...targetActions(cloud, row.id, "apply_firewall", row.appliedTo),
    ];
    return answer(actions);
  });
  router.post("/firewalls/:id/actions/apply_to_resources", ({ params, body }) => {
    const row = requireRow(cloud, "firewall", params["id"] ?? "");
    const wish = parseBody(z.object({ apply_to: z.array(target).nullable() }), body);
    applyFirewall(cloud, row, wish.apply_to ?? []);
    return answer(targetActions(cloud, row.id, "apply_firewall", wish.apply_to ?? []));
  });
  router.post("/firewalls/:id/actions/remove_from_resources", ({ params, body }) => {
    const row = requireRow(cloud, "firewall", params["id"] ?? "");
    const wish = parseBody(z.object({ remove_from: z.array(target).nullable() }), body);
    const removed = wish.remove_from ?? [];
    for (const gone of removed) {
      if (!row.appliedTo.some((applied) => sameTarget(applied, gone))) {
        throw refused("firewall_resource_not_found", `firewall ${row.id} is not applied to ${JSON.stringify(gone)}`);
      }
    }
    const actions = targetActions(cloud, row.id, "remove_firewall", removed);
    cloud.store.put("firewall", {
      ...row,
      appliedTo: row.appliedTo.filter((applied) => !removed.some((gone) => sameTarget(applied, gone))),
    });
    return answer(actions);
  });
}
