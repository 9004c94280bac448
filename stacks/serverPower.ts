import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { ServerPower } from "../components/machines/resizing";
import { ask, askAll, order, type ApiAccess } from "./askHetzner";

const server = z.object({ server: z.object({ status: z.string(), name: z.string() }) });
const balancer = z.object({
  name: z.string(),
  targets: z.array(
    z.object({
      server: z.object({ id: z.number() }).nullish(),
      health_status: z.array(z.object({ listen_port: z.number(), status: z.string() })).nullish(),
    }),
  ),
});
const serverType = z.object({
  name: z.string(),
  locations: z.array(z.object({ name: z.string(), available: z.boolean().optional() })).default([]),
});

/** Patroni, MariaDB and a drained worker end within two minutes; systemd gives up a unit after 90 s. */
const OFF_SECONDS = 300;
const ON_SECONDS = 180;
/** A balancer's checks find a target healthy within three of their intervals of 15 s. */
const HEALTHY_SECONDS = 180;

/** @param pauseMs between two looks. Default two seconds. */
export function serverPower(access: ApiAccess, pauseMs = 2_000): ServerPower {
  const seen = async (id: number): Promise<z.infer<typeof server>["server"]> => {
    const answer = await ask(access, `/servers/${id}`);
    if (answer === undefined) throw new Error(`there is no server ${id} (any more)`);
    return server.parse(answer).server;
  };
  const until = async (what: string, seconds: number, holds: () => Promise<string | undefined>): Promise<void> => {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const lacks = await holds();
      if (lacks === undefined) return;
      if (Date.now() >= deadline) throw new Error(`${what} after ${seconds} s: ${lacks}`);
      await delay(pauseMs);
    }
  };
  const sick = async (id: number): Promise<string | undefined> => {
    const balancers = await askAll(access, "load_balancers", balancer);
    const ports = balancers.flatMap(({ name, targets }) =>
      targets
        .filter((target) => target.server?.id === id)
        .flatMap(({ health_status: health }) => health ?? [])
        .filter(({ status }) => status !== "healthy")
        .map(({ listen_port: port, status }) => `${name}:${port} finds it ${status}`),
    );
    return ports.length === 0 ? undefined : ports.join(", ");
  };
  return {
    isOn: async (id) => (await seen(id)).status !== "off",
    requireType: async (type, location) => {
      const types = await askAll(access, "server_types", serverType, { name: type });
      const there = types.find(({ name }) => name === type)?.locations.find(({ name }) => name === location);
      if (there?.available === false)
        throw new Error(
          `${type} is sold out in ${location} now: nothing was switched off. Another type, or the same run later`,
        );
    },
    shutDown: async (id) => {
      const { name } = await seen(id);
      await order(access, `/servers/${id}/actions/shutdown`);
      await until(`${name} is still on`, OFF_SECONDS, async () => {
        const { status } = await seen(id);
        return status === "off"
          ? undefined
          : `it is ${status}; see its console, or hcloud server poweroff ${name}, and run again`;
      });
    },
    start: async (id) => {
      const { name, status } = await seen(id);
      if (status === "off") await order(access, `/servers/${id}/actions/poweron`);
      await until(`${name} does not run`, ON_SECONDS, async () => {
        const { status } = await seen(id);
        return status === "running" ? undefined : `it is ${status}; hcloud server poweron ${name}`;
      });
      await until(`${name} is not served again`, HEALTHY_SECONDS, () => sick(id));
    },
  };
}
