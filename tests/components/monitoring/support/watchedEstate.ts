import type { PlannedMonitoring } from "../../../../components/monitoring/planMonitoring";
import type { Environment } from "../../../../stacks/environment";
import { planEstate, type EstatePlan } from "../../../../stacks/plan";
import { environment } from "../../../../stacks/prod";

export const MONITORING = {
  retentionDays: 30,
  storageGb: 60,
  alerts: "chat",
  backups: [
    { name: "postgres", maximumAgeHours: 26 },
    { name: "mariadb", maximumAgeHours: 26 },
  ],
} as const;

/** A workload more or less in prod is no reason to read the rendered files again. */
const WORKLOADS: readonly string[] = ["apps", "chatwoot", "liteLlm", "vault"];

/** Prod as planned, whatever it says of its monitoring today. */
export function watchedEstate(): {
  readonly plan: EstatePlan;
  readonly monitoring: PlannedMonitoring["service"];
  readonly apps: PlannedMonitoring["apps"];
} {
  const workloads: Environment["workloads"] = Object.fromEntries(
    Object.entries(environment.workloads)
      .filter(([name]) => WORKLOADS.includes(name))
      .map(([name, spec]) => [name, name === "chatwoot" ? { ...spec, publicAttachments: false } : spec]),
  );
  const plan = planEstate(
    { ...environment, workloads, monitoring: MONITORING },
    {
      operatorCidrs: ["203.0.113.7/32"],
      operators: [],
      bastionSshPort: 22,
      bastionKubernetesPort: 6443,
      consentToDelete: [],
    },
  );
  if (plan.monitoring === undefined) throw new Error("monitoring is on, but not planned");
  return { plan, monitoring: plan.monitoring.service, apps: plan.monitoring.apps };
}
