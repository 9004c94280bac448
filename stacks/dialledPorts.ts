import type { Mistake } from "../components/mistakes";
import { HETZNER_ENDPOINT, type ApiAccess } from "./askHetzner";

/** Where the bastion's sshd and its way to the Kubernetes API listen, and what the filters open. */
export const BASTION_PORTS = { bastionSshPort: 22, bastionKubernetesPort: 6443 } as const;

type Ports = Readonly<Record<keyof typeof BASTION_PORTS, number>>;

/**
 * The bastion of a rehearsal is reached at ports of this machine's loopback; at Hetzner these settings would dial
 * where nobody listens, and change neither what listens nor what is open.
 */
export function dialledPortRules(settings: Ports, access: ApiAccess | undefined): readonly Mistake[] {
  if (access?.endpoint !== HETZNER_ENDPOINT) return [];
  return (["bastionSshPort", "bastionKubernetesPort"] as const).flatMap((key) =>
    settings[key] === BASTION_PORTS[key]
      ? []
      : [
          {
            path: `keybuzz:${key}`,
            found: String(settings[key]),
            allowed: `${BASTION_PORTS[key]} at Hetzner, where the bastion listens; another port only with a rehearsal's API (HCLOUD_ENDPOINT)`,
            fix: `pulumi config rm keybuzz:${key}`,
          },
        ],
  );
}
