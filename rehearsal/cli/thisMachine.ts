import { readProject } from "@standin/pulumi-engine/program";
import { versionProblem } from "@standin/pulumi-engine/pulumiVersion";
import { realKubernetesAvailable, realKubernetesBuilt } from "@standin/kubernetes-api";
import type { Machine } from "./chooseEngine";
import { KUBERNETES_CACHE, ROOT } from "./paths";
import { findPulumi, missingPlugins, neededPlugins, type PulumiCli } from "./pulumiCli";

/** This process's machine. The CLI is looked for once. */
export function thisMachine(): Machine {
  let cli: PulumiCli | undefined;
  return {
    cli: () => (cli ??= findPulumi()),
    versionProblem: (version) => versionProblem(readProject(ROOT).requiredPulumiVersion, version),
    missingPlugins: (path) => missingPlugins(path, neededPlugins(ROOT)),
    realKubernetes: () => {
      if (realKubernetesBuilt(KUBERNETES_CACHE)) return { state: "built" };
      const available = realKubernetesAvailable();
      return available.ok ? { state: "possible" } : { state: "impossible", why: available.why };
    },
  };
}
