import type { ManagedPlan } from "../components/network/certificatePlan";
import { HETZNER_NAMESERVERS } from "../components/network/dnsRecords";
import type { Environment } from "./environment";
import { webZones, zoneOf } from "./webZones";

/** What people must do until the public hosts have certificates that browsers trust, a sentence each. */
export function webSteps(environment: Environment, plan: ManagedPlan | undefined): readonly string[] {
  if (plan === undefined) return [];
  const { managed, interim, replaced } = plan;
  const within = (zone: string, hosts: readonly string[]): number =>
    hosts.filter((host) => zoneOf(host, environment) === zone).length;
  return [
    ...webZones(environment).flatMap(({ path, zone }) => {
      const waiting = within(zone, interim);
      const all =
        waiting +
        within(
          zone,
          managed.map(({ host }) => host),
        );
      return waiting === 0
        ? []
        : [
            `${zone} is not delegated to Hetzner: ${waiting} of ${all} public hosts show a self-signed certificate. ` +
              `Once ${path}.records in stacks/${environment.name}.ts has all that the domain has today, name ${HETZNER_NAMESERVERS.join(" ")} as its name servers at the registrar ` +
              `(docs/operate.md, "Delegate the zone"), then: pulumi up`,
          ];
    }),
    ...(replaced.length === 0
      ? []
      : [
          `The managed certificate of ${replaced.join(", ")} had failed and is asked for again. ` +
            `If it fails once more: docs/operate.md, "A certificate that is not issued"`,
        ]),
  ];
}
