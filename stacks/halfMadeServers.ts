import type { Mistake } from "../components/mistakes";
import type { Environment } from "./environment";
import { networkName } from "./estateLabels";
import type { ProjectFacts } from "./observeProject";
import { ROLES } from "./roles";

/**
 * Servers that were made by half. A private server is made switched off, attached to the network, and then switched on;
 * where the network was busy too long, Pulumi keeps it as it is, and an update without changed inputs does nothing: each
 * later run would wait five minutes for it, and fail. A person's commands end that and lose nothing, which a replacement
 * would not where the server holds data.
 */
export function halfMadeServers(environment: Environment, servers: ProjectFacts["servers"]): readonly Mistake[] {
  const { hosts, name: stack, protect } = environment;
  const network = networkName(stack);
  return hosts.flatMap(({ name, address, role }): readonly Mistake[] => {
    const server = servers.find((one) => one.name === name);
    if (server === undefined || server.private_net.length > 0) return [];
    const guarded = protect && ROLES[role].stateful;
    return [
      {
        path: `server ${name}`,
        found: `one that is in no network (${server.status}): its creation was cut off, and no run finishes it`,
        allowed: `one at ${address} in network ${network}`,
        fix: [
          `hcloud server attach-to-network --network ${network} --ip ${address} ${name}`,
          `hcloud server poweron ${name}`,
          // The last that would have been done.
          ...(guarded ? [`hcloud server enable-protection ${name} delete rebuild`] : []),
          "pulumi up",
        ].join(" && "),
      },
    ];
  });
}
