import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { PowerAction } from "@standin/machines/machines";
import { invalidField, isProtected, notFound, refused } from "../http/apiError";
import type { Router } from "../http/router";
import { findServerType, locationOf, type ServerType } from "../model/catalog";
import { requireRow, type CloudContext } from "../model/context";
import type { ResourceRef, ServerRow, ServerStatus, Task } from "../model/rows";
import { id, idOrName, parseBody } from "../rules/body";
import { pickAddress } from "../rules/addresses";
import { takenAddresses } from "./networks";
import { setDnsPtr } from "./primaryIps";
import { actionAnswer, actionOn } from "./resource";
import { attachment, requireCapacity, requireGroupRoom, requireImage, requireServerType, serverRef } from "./servers";

interface Change {
  /** The row once the action has begun. */
  readonly row: ServerRow;
  readonly task?: Task;
  /** Sent beside the action. */
  readonly extra?: object;
  /** What else refuses others meanwhile. Default: nothing but the server. */
  readonly locks?: readonly ResourceRef[];
  /** Default the endpoint's name. */
  readonly command?: string;
}

const POWER: readonly [endpoint: string, command: string, action: PowerAction, meanwhile: ServerStatus][] = [
  ["poweron", "start_server", "on", "starting"],
  ["poweroff", "stop_server", "off", "stopping"],
  ["shutdown", "shutdown_server", "shutdown", "stopping"],
  ["reboot", "reboot_server", "reboot", "running"],
  ["reset", "reset_server", "reset", "running"],
];

const task = (name: string, server: number, args: Task["args"] = {}): Task => ({ name, args: { id: server, ...args } });

function requireOff(row: ServerRow): void {
  if (row.status !== "off") throw refused("server_not_stopped", `server ${row.id} must be off, it is ${row.status}`);
}

/** POST /servers/{id}/actions/*. Every one locks the server until it is done, but for those that only change notes. */
export function serverActionRoutes(router: Router, cloud: CloudContext): void {
  const on = (endpoint: string, begin: (row: ServerRow, body: unknown) => Change, locking = true): void => {
    router.post(`/servers/:id/actions/${endpoint}`, ({ params, body }) => {
      const row = requireRow(cloud, "server", params["id"] ?? "");
      if (locking) cloud.actions.requireUnlocked("server", row.id);
      const change = begin(row, body);
      cloud.store.put("server", change.row);
      const more = {
        locks: [...(locking ? [serverRef(row.id)] : []), ...(change.locks ?? [])],
        ...(change.task === undefined ? {} : { task: change.task }),
      };
      return actionAnswer(
        cloud.actions.start(actionOn("server", row.id, change.command ?? endpoint, more)),
        change.extra,
      );
    });
  };
  for (const [endpoint, command, action, meanwhile] of POWER) {
    on(endpoint, (row) => ({
      row: { ...row, status: row.booted || action === "on" ? meanwhile : row.status },
      task: task("server.power", row.id, { action }),
      command,
    }));
  }
  networkActions(cloud, on);
  shapeActions(cloud, on);
  on(
    "change_protection",
    (row, body) => {
      const wish = parseBody(z.object({ delete: z.boolean().optional(), rebuild: z.boolean().optional() }), body);
      return {
        row: {
          ...row,
          protection: { delete: wish.delete ?? row.protection.delete, rebuild: wish.rebuild ?? row.protection.rebuild },
        },
      };
    },
    false,
  );
  on(
    "change_dns_ptr",
    (row, body) => {
      const wish = parseBody(z.object({ ip: z.string(), dns_ptr: z.string().nullable() }), body);
      setDnsPtr(
        cloud,
        cloud.store.list("primary_ip").filter((ip) => ip.assignee === row.id),
        wish.ip,
        wish.dns_ptr,
      );
      return { row };
    },
    false,
  );
  on("enable_backup", (row) => ({ row: { ...row, backupWindow: "22-02" } }));
  on("disable_backup", (row) => ({ row: { ...row, backupWindow: null } }));
  on("enable_rescue", (row, body) => {
    parseBody(z.object({ type: z.literal("linux64").optional(), ssh_keys: z.array(id).nullish() }), body);
    return { row: { ...row, rescueEnabled: true }, extra: { root_password: randomBytes(12).toString("base64url") } };
  });
  on("disable_rescue", (row) => ({ row: { ...row, rescueEnabled: false } }));
  on("reset_password", (row) => ({ row, extra: { root_password: randomBytes(12).toString("base64url") } }), false);
  on(
    "request_console",
    (row) => ({
      row,
      extra: { wss_url: `wss://localhost/?server_id=${row.id}`, password: randomBytes(12).toString("base64url") },
    }),
    false,
  );
  on("detach_iso", (row) => ({ row }));
  on("attach_iso", (_row, body) => {
    throw notFound("iso", parseBody(z.object({ iso: idOrName }), body).iso);
  });
}

type Register = (endpoint: string, begin: (row: ServerRow, body: unknown) => Change, locking?: boolean) => void;

function networkActions(cloud: CloudContext, on: Register): void {
  on("attach_to_network", (row, body) => {
    const wish = parseBody(
      z.object({
        network: id,
        ip: z.string().optional(),
        alias_ips: z.array(z.string()).nullish(),
        ip_range: z.string().optional(),
      }),
      body,
    );
    if (cloud.weather.networksAreBusy) cloud.actions.requireCalm("network", wish.network);
    const net = attachment(cloud, row, locationOf(row), {
      network: wish.network,
      ip: wish.ip,
      ipRange: wish.ip_range,
      aliasIps: wish.alias_ips ?? [],
    });
    return {
      row: { ...row, privateNet: [...row.privateNet, net] },
      task: task("server.reconfigure", row.id),
      ...(cloud.weather.networksAreBusy ? { locks: [{ id: wish.network, type: "network" }] } : {}),
    };
  });
  on("detach_from_network", (row, body) => {
    const wish = parseBody(z.object({ network: id }), body);
    requireRow(cloud, "network", wish.network);
    if (!row.privateNet.some((net) => net.network === wish.network)) throw notFound("network attachment", wish.network);
    // A load balancer that reached the server through this network cannot any more.
    for (const balancer of cloud.store
      .list("load_balancer")
      .filter((one) => one.privateNet.some((net) => net.network === wish.network))) {
      const targets = balancer.targets.filter(
        (target) => target.type !== "server" || target.server.id !== row.id || !target.use_private_ip,
      );
      if (targets.length < balancer.targets.length) cloud.store.put("load_balancer", { ...balancer, targets });
    }
    return {
      row: { ...row, privateNet: row.privateNet.filter((net) => net.network !== wish.network) },
      task: task("server.reconfigure", row.id),
    };
  });
  on("change_alias_ips", (row, body) => {
    const wish = parseBody(z.object({ network: id, alias_ips: z.array(z.string()) }), body);
    const net = row.privateNet.find((one) => one.network === wish.network);
    if (net === undefined) throw notFound("network attachment", wish.network);
    const taken = takenAddresses(cloud, wish.network);
    for (const alias of net.alias_ips) taken.delete(alias);
    const network = requireRow(cloud, "network", wish.network);
    const aliases = wish.alias_ips.map((ip) =>
      pickAddress(network, taken, { ip, networkZone: locationOf(row).network_zone }),
    );
    const privateNet = row.privateNet.map((one) => (one === net ? { ...net, alias_ips: aliases } : one));
    return { row: { ...row, privateNet }, task: task("server.reconfigure", row.id) };
  });
}

function shapeActions(cloud: CloudContext, on: Register): void {
  on("add_to_placement_group", (row, body) => {
    const wish = parseBody(z.object({ placement_group: id }), body);
    requireOff(row);
    if (row.placementGroup !== null)
      throw refused("placement_error", `server ${row.id} is already in placement group ${row.placementGroup}`);
    requireGroupRoom(cloud, wish.placement_group);
    return { row: { ...row, placementGroup: wish.placement_group } };
  });
  on("remove_from_placement_group", (row) => {
    if (row.placementGroup === null) throw refused("placement_error", `server ${row.id} is in no placement group`);
    return { row: { ...row, placementGroup: null } };
  });
  on("change_type", (row, body) => {
    const wish = parseBody(z.object({ server_type: idOrName, upgrade_disk: z.boolean() }), body);
    const type = requireServerType(wish.server_type);
    requireOff(row);
    if (type.name === row.serverType) throw invalidField("server_type", `server ${row.id} has this type already`);
    if (type.architecture !== (findServerType(row.serverType) as ServerType).architecture)
      throw refused("invalid_server_type", `${type.name} has another architecture`);
    if (type.diskGb < row.primaryDiskSize)
      throw refused(
        "invalid_server_type",
        `the disk of ${row.primaryDiskSize} GB does not fit ${type.name} (${type.diskGb} GB)`,
      );
    requireCapacity(cloud, type, locationOf(row));
    const primaryDiskSize = wish.upgrade_disk ? type.diskGb : row.primaryDiskSize;
    return {
      row: { ...row, serverType: type.name, primaryDiskSize, status: "migrating" },
      task: task("server.resize", row.id),
      command: "change_server_type",
    };
  });
  on("rebuild", (row, body) => {
    const wish = parseBody(z.object({ image: idOrName, user_data: z.string().optional() }), body);
    if (row.protection.rebuild) throw isProtected(`server ${row.id}`, "rebuild");
    const image = requireImage(wish.image, (findServerType(row.serverType) as ServerType).architecture);
    const next: ServerRow = {
      ...row,
      image: image.id,
      userData: wish.user_data ?? row.userData,
      status: "rebuilding",
      booted: false,
    };
    return {
      row: next,
      task: task("server.rebuild", row.id),
      extra: { root_password: null },
      command: "rebuild_server",
    };
  });
}
