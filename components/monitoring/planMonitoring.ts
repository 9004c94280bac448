import type { AppPlan } from "../apps/appPlan";
import { monitoringApps } from "./apps/monitoringApps";
import { MonitoringService, type MonitoringServiceArgs } from "./monitoringService";

export interface PlannedMonitoring {
  /** What is watched, and by what on machines. */
  readonly service: MonitoringService;
  /** What runs in the cluster. */
  readonly apps: readonly AppPlan[];
}

/** @throws MistakesError with every mistake of an application */
export function planMonitoring(args: MonitoringServiceArgs): PlannedMonitoring {
  const service = new MonitoringService(args);
  return { service, apps: monitoringApps(service) };
}
