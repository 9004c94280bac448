import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import { K3S_PATHS, type K3sClusterSettings, type K3sHost } from "./k3sConfig";

/** Refuses other networks for pods and Services than the cluster on the machine has. */
export function networksScript(
  { name }: Pick<K3sHost, "name">,
  cluster: Pick<K3sClusterSettings, "podCidr" | "serviceCidr">,
): string {
  return shellScript(join(__dirname, "k3sNetworks.sh"), {
    HOST: name,
    CONFIG: K3S_PATHS.config,
    PODS: cluster.podCidr,
    SERVICES: cluster.serviceCidr,
  });
}
