import type { HostPlan } from "../components/machines/hostPlan";
import type { ProjectFacts } from "./observeProject";

/** Hetzner's ids, by name: of the servers that are there with another type than this plan gives them. */
export function resizedServers(
  hosts: readonly Pick<HostPlan, "name" | "serverType">[],
  { servers }: Pick<ProjectFacts, "servers">,
): ReadonlyMap<string, number> {
  return new Map(
    hosts.flatMap(({ name, serverType }) => {
      const there = servers.find((server) => server.name === name);
      return there === undefined || there.server_type.name === serverType ? [] : [[name, there.id] as const];
    }),
  );
}
