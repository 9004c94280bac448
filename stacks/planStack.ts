import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "./environment";
import { InputError } from "./mistakes";
import { planEstate, type EstatePlan } from "./plan";
import { missingSecrets, missingToken, readSettings, unknownSettings } from "./stackConfig";

export interface StackPlan {
  readonly plan: EstatePlan;
  /** Values of the configured secrets, by key. */
  readonly configured: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Plans the environment with this stack's configuration, or throws one InputError with all that is missing or wrong. */
export function planStack(environment: Environment): StackPlan {
  const config = new pulumi.Config();
  const { settings, mistakes } = readSettings((key) => config.get(key));
  const plan = planEstate(environment, settings);
  const configured: Record<string, pulumi.Output<string>> = {};
  for (const spec of plan.secrets) {
    if (spec.kind !== "configured") continue;
    const value = config.getSecret(spec.configKey);
    if (value !== undefined) configured[spec.configKey] = value;
  }
  const unknown = unknownSettings(Object.keys(pulumi.runtime.allConfig()));
  const all = [...missingToken(), ...unknown, ...mistakes, ...missingSecrets(plan.secrets, (key) => key in configured)];
  if (all.length > 0) throw new InputError(`The configuration of stack ${environment.name}`, all);
  return { plan, configured };
}
