import type { PowerAction } from "@standin/machines/machines";
import type { CloudContext } from "./context";
import type { ServerRow, ServerStatus, Task } from "./rows";

const AFTER: Readonly<Record<PowerAction, ServerStatus>> = {
  on: "running",
  off: "off",
  shutdown: "off",
  reboot: "running",
  reset: "running",
};

/** What actions on servers do outside the store. The name is the task's; each may be run again after a kill. */
export const SERVER_TASKS: Readonly<Record<string, (cloud: CloudContext, task: Task) => Promise<() => void>>> = {
  "server.settle":
    async (cloud, { args }) =>
    () =>
      change(cloud, Number(args["id"]), { status: args["status"] as ServerStatus }),

  "server.power": (cloud, { args }) => powered(cloud, Number(args["id"]), args["action"] as PowerAction),

  "server.reconfigure": async (cloud, { args }) => {
    await cloud.machines.reconfigure(Number(args["id"]));
    return () => undefined;
  },

  // Hetzner copies the disk and starts the server, also one that had been off for long.
  "server.resize": async (cloud, { args }) => {
    const id = Number(args["id"]);
    await cloud.machines.reconfigure(id);
    return powered(cloud, id, "on");
  },

  "server.rebuild": async (cloud, { args }) => {
    const id = Number(args["id"]);
    await cloud.machines.delete(id);
    await cloud.machines.create(id);
    return () => change(cloud, id, { status: "running", booted: true });
  },

  "server.delete": async (cloud, { args }) => {
    const id = Number(args["id"]);
    await cloud.machines.delete(id);
    return () => forget(cloud, id);
  },
};

async function powered(cloud: CloudContext, id: number, action: PowerAction): Promise<() => void> {
  const booted = cloud.store.get("server", id)?.booted === true;
  try {
    if (booted) await cloud.machines.power(id, action);
    else if (AFTER[action] === "running") await cloud.machines.create(id);
  } catch (error) {
    cloud.store.transaction(() => change(cloud, id, { status: "off" }));
    throw error;
  }
  return () => change(cloud, id, { status: AFTER[action], booted: booted || AFTER[action] === "running" });
}

function change(cloud: CloudContext, id: number, fields: Partial<ServerRow>): void {
  const row = cloud.store.get("server", id);
  if (row !== undefined) cloud.store.put("server", { ...row, ...fields });
}

/** Removes a server and every mention of it. */
function forget(cloud: CloudContext, id: number): void {
  const { store } = cloud;
  store.remove("server", id);
  for (const ip of store.list("primary_ip").filter((row) => row.assignee === id)) {
    if (ip.autoDelete && !ip.protection.delete) store.remove("primary_ip", ip.id);
    else store.put("primary_ip", { ...ip, assignee: null });
  }
  for (const volume of store.list("volume").filter((row) => row.server === id))
    store.put("volume", { ...volume, server: null });
  const isIt = (target: { readonly type: string; readonly server?: { readonly id: number } }): boolean =>
    target.type === "server" && target.server?.id === id;
  for (const row of store.list("firewall").filter((one) => one.appliedTo.some(isIt))) {
    store.put("firewall", { ...row, appliedTo: row.appliedTo.filter((target) => !isIt(target)) });
  }
  for (const row of store.list("load_balancer").filter((one) => one.targets.some(isIt))) {
    store.put("load_balancer", { ...row, targets: row.targets.filter((target) => !isIt(target)) });
  }
}
