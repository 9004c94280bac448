import * as pulumi from "@pulumi/pulumi";
import { planStack } from "./stacks/planStack";
import { Platform } from "./stacks/platform";
import { proved } from "./stacks/proved";
import { REQUIRED_PULUMI } from "./stacks/requiredPulumi";

/** The stack's outputs. Nothing is registered before the verifier has proved all of it. */
export = async () => {
  try {
    await pulumi.requirePulumiVersion(REQUIRED_PULUMI);
    const { plan, configured, nextSteps, warnings, resizing } = await planStack(pulumi.getStack());
    await proved(plan);
    const platform = new Platform(plan.environment.name, { plan, configured, resizing });
    const { web, bastion, access, administrators } = platform;
    for (const step of [...warnings, ...nextSteps]) void pulumi.log.warn(step);
    return { web, bastion, ...access, administrators, nextSteps };
  } catch (error) {
    // A mistake in the input is told as it is, without a stack trace.
    if (error instanceof Error && !(error instanceof TypeError)) throw new pulumi.RunError(error.message);
    throw error;
  }
};
