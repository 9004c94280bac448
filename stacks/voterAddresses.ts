import { shown, type Mistake } from "../components/mistakes";
import type { Environment } from "./environment";
import { networkName } from "./estateLabels";
import type { ProjectFacts } from "./observeProject";
import { ROLES, type HostRole } from "./roles";

/**
 * Whoever votes is known to the others by its address: another one in place cuts it off, and for all of a cluster at once
 * that is its end. One that stands alone has no others.
 *
 * @param mayGo has somebody consented to that host's end?
 */
export function voterAddressMistakes(
  environment: Environment,
  { servers, networks }: Pick<ProjectFacts, "servers" | "networks">,
  mayGo: (host: string) => boolean,
): readonly Mistake[] {
  const network = networks.find(({ name }) => name === networkName(environment.name))?.id;
  const isAlone = (role: HostRole): boolean => environment.hosts.filter((host) => host.role === role).length === 1;
  return environment.hosts.flatMap(({ name, role, address }, i): readonly Mistake[] => {
    const nets = servers.find((server) => server.name === name)?.private_net ?? [];
    const there = nets.find((net) => net.network === network)?.ip;
    if (there === undefined || there === address || !ROLES[role].votes || isAlone(role) || mayGo(name)) return [];
    return [
      {
        path: `hosts[${i}].address`,
        found: `${shown(address)} for ${name}, which is at ${there}`,
        allowed: `${there}: the other members, their certificates and their consumers know it by that`,
        fix: `leave ${there}; or one member after the other, each with consent: pulumi config set --path 'keybuzz:consentToDelete[0]' ${name}`,
      },
    ];
  });
}
