import * as pulumi from "@pulumi/pulumi";
import { loadEnvironment } from "./stacks/loadEnvironment";
import { planStack } from "./stacks/planStack";
import { Platform } from "./stacks/platform";

const platform = reported(() => {
  const environment = loadEnvironment(pulumi.getStack());
  const { plan, configured } = planStack(environment);
  return new Platform(environment.name, { plan, configured });
});

export const { web, bastion, kubeconfig } = platform;

/** A mistake in the input is told as it is, without a stack trace. */
function reported<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && !(error instanceof TypeError)) throw new pulumi.RunError(error.message);
    throw error;
  }
}
