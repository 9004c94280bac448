import * as pulumi from "@pulumi/pulumi";
import { DELEGATED, type WebFacts } from "../components/network/certificatePlan";
import type { Environment } from "./environment";
import { InputError } from "./mistakes";
import { HetznerUnreachableError, observeWeb, type ApiAccess } from "./observeWeb";
import { planEstate, type EstatePlan } from "./plan";
import { apiAccess, missingSecrets, missingToken, readSettings, unknownSettings } from "./stackConfig";
import { uploadedCertificateRules } from "./uploadedCertificateRules";
import { webSteps } from "./webSteps";

export interface StackPlan {
  readonly plan: EstatePlan;
  /** Values of the configured secrets, by key. */
  readonly configured: Readonly<Record<string, pulumi.Output<string>>>;
  /** What people must do beside this run, a sentence each. */
  readonly nextSteps: readonly string[];
}

/**
 * Plans the environment with this stack's configuration and what Hetzner says of its zone.
 *
 * @throws InputError with all that is missing or wrong.
 */
export async function planStack(environment: Environment): Promise<StackPlan> {
  const config = new pulumi.Config();
  const { settings, mistakes } = readSettings((key) => config.get(key));
  const access = apiAccess();
  const { web, notes } = await observed(environment, access);
  const plan = planEstate(environment, settings, {
    ...web,
    delegated: web.delegated || settings.zoneIsDelegated === true,
  });
  const configured: Record<string, pulumi.Output<string>> = {};
  for (const spec of plan.secrets) {
    if (spec.kind !== "configured") continue;
    const value = config.getSecret(spec.configKey);
    if (value !== undefined) configured[spec.configKey] = value;
  }
  const unknown = unknownSettings(Object.keys(pulumi.runtime.allConfig()));
  const all = [
    ...missingToken(),
    ...unknown,
    ...mistakes,
    ...missingSecrets(plan.secrets, (key) => key in configured),
    ...(plan.uploadedCertificate === undefined
      ? []
      : uploadedCertificateRules(
          { certificate: config.get("webCertificate"), privateKey: config.get("webCertificateKey") },
          plan.publicHosts,
        )),
  ];
  if (all.length > 0) throw new InputError(`The configuration of stack ${environment.name}`, all);
  return { plan, configured, nextSteps: [...notes, ...webSteps(environment, plan.managedCertificates)] };
}

/** A preview needs nothing from the network: where Hetzner cannot be asked, it says what it takes for granted. */
async function observed(
  environment: Environment,
  access: ApiAccess | undefined,
): Promise<{ readonly web: WebFacts; readonly notes: readonly string[] }> {
  if (access === undefined) return { web: DELEGATED, notes: [] };
  const preview = pulumi.runtime.isDryRun();
  try {
    return { web: await observeWeb(environment, preview ? { ...access, tries: 1 } : access), notes: [] };
  } catch (error) {
    if (!preview || !(error instanceof HetznerUnreachableError)) throw error;
    const note = `Hetzner could not be asked, so this preview takes ${environment.web.zone} for delegated, and no certificate for failed`;
    return { web: DELEGATED, notes: [note] };
  }
}
