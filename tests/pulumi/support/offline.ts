import type { Session } from "../../../rehearsal/cli/session";
import { SECRET_CONFIG } from "../../../stacks/secretConfig";

export const SECRETS = Object.fromEntries(
  Object.keys(SECRET_CONFIG).map((key) => [`keybuzz:${key}`, `made-up-value-of-${key}`]),
);

/** The preview of a new stack asks no cloud: nothing listens there. */
export function offlineSession(dir: string): Session {
  return {
    dir,
    env: {
      HCLOUD_ENDPOINT: "http://127.0.0.1:9/v1",
      HCLOUD_TOKEN: "t".repeat(64),
      PULUMI_CONFIG_PASSPHRASE: "preview",
    },
    config: {
      "keybuzz:operatorCidrs": '["192.0.2.0/24"]',
      "keybuzz:operators":
        '[{"name":"alice","publicKeys":["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"]}]',
      "keybuzz:bastionSshPort": "2222",
      "keybuzz:bastionKubernetesPort": "6443",
      ...SECRETS,
    },
    secretConfigKeys: Object.keys(SECRETS),
    passphrase: "preview",
    later: 0,
    own: undefined,
    close: async () => undefined,
  };
}
