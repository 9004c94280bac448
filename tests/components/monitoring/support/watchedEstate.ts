import type { MonitoringService } from "../../../../components/monitoring/monitoringService";
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

/** Prod as planned, whatever it says of its monitoring today. */
export function watchedEstate(): { readonly plan: EstatePlan; readonly monitoring: MonitoringService } {
  const plan = planEstate(
    { ...environment, monitoring: MONITORING },
    {
      operatorCidrs: ["203.0.113.7/32"],
      operatorPublicKeys: [],
      bastionSshPort: 22,
      bastionKubernetesPort: 6443,
      consentToDelete: [],
    },
  );
  if (plan.monitoring === undefined) throw new Error("monitoring is on, but not planned");
  return { plan, monitoring: plan.monitoring };
}
