import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import type { HostRef } from "../../topology/party";
import type { RollingRestart } from "../rollingRestart";
import { REDIS_PORT, SENTINEL_MASTER, SENTINEL_PORT } from "./redisConfig";

/**
 * Redis under Sentinel: every Sentinel knows the others and all replicas. What runs is what is installed. @param password placeholder.
 */
export function redisRolling(members: readonly HostRef[], password: string): RollingRestart {
  return {
    cluster: "Redis",
    units: ["redis-server.service", "redis-sentinel.service"],
    functions: shellScript(join(__dirname, "redisRolling.sh"), {
      members: members.map(({ address }) => address),
      master: SENTINEL_MASTER,
      redis_port: REDIS_PORT,
      sentinel_port: SENTINEL_PORT,
      password,
    }),
    hasLeader: true,
    knowsOwn: true,
  };
}
