import * as pulumi from "@pulumi/pulumi";
import { loadEnvironment } from "./stacks/loadEnvironment";
import { planStack } from "./stacks/planStack";
import { Platform } from "./stacks/platform";
import { proved } from "./stacks/proved";

/** The stack's outputs. Nothing is registered before the verifier has proved all of it. */
export = async () => {
  try {
    const environment = loadEnvironment(pulumi.getStack());
    const { plan, configured } = planStack(environment);
    await proved(plan);
    const { web, bastion, kubeconfig } = new Platform(environment.name, { plan, configured });
    return { web, bastion, kubeconfig };
  } catch (error) {
    // A mistake in the input is told as it is, without a stack trace.
    if (error instanceof Error && !(error instanceof TypeError)) throw new pulumi.RunError(error.message);
    throw error;
  }
};
