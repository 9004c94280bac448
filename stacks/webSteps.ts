import type { ManagedPlan } from "../components/network/certificatePlan";
import { HETZNER_NAMESERVERS } from "../components/network/dnsRecords";
import type { Environment } from "./environment";

/** What people must do until the public hosts have certificates that browsers trust, a sentence each. */
export function webSteps({ name, web }: Environment, plan: ManagedPlan | undefined): readonly string[] {
  if (plan === undefined) return [];
  const { managed, interim, replaced } = plan;
  return [
    ...(interim.length === 0
      ? []
      : [
          `${web.zone} is not delegated to Hetzner: ${interim.length} of ${managed.length + interim.length} public hosts show a self-signed certificate. ` +
            `Once web.records in stacks/${name}.ts has all that the domain has today, name ${HETZNER_NAMESERVERS.join(" ")} as its name servers at the registrar ` +
            `(docs/operate.md, "Delegate the zone"), then: pulumi up`,
        ]),
    ...(replaced.length === 0
      ? []
      : [
          `The managed certificate of ${replaced.join(", ")} had failed and is asked for again. ` +
            `If it fails once more: docs/operate.md, "A certificate that is not issued"`,
        ]),
  ];
}
