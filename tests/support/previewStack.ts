import { join } from "node:path";
import { runEngine, type ResourceResult } from "@standin/pulumi-engine";
import { PROVIDERS } from "../../rehearsal/providers";
import { SECRET_CONFIG } from "../../stacks/secretConfig";

export type Registered = ResourceResult;

const ROOT = join(__dirname, "..", "..");

/** Everything that a stack registers in its very first preview: no cloud, no cluster, nothing known of either. */
export async function previewStack(stack: string, dir: string): Promise<readonly Registered[]> {
  const secrets = Object.fromEntries(Object.keys(SECRET_CONFIG).map((key) => [`keybuzz:${key}`, `made-up-${key}`]));
  const token = "t".repeat(64);
  // Nothing listens there: a first preview asks no API for anything.
  const endpoint = "http://127.0.0.1:9/v1";
  const result = await runEngine({
    command: "preview",
    projectDir: ROOT,
    stack,
    config: {
      ...secrets,
      "keybuzz:operatorCidrs": JSON.stringify(["203.0.113.7/32"]),
      "keybuzz:operators": JSON.stringify([
        {
          name: "alice",
          publicKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"],
        },
      ]),
      "hcloud:token": token,
      "hcloud:endpoint": endpoint,
    },
    secretConfigKeys: [...Object.keys(secrets), "hcloud:token"],
    stateFile: join(dir, "state.json"),
    passphrase: "a passphrase of the tests",
    providers: PROVIDERS,
    env: { HCLOUD_TOKEN: token, HCLOUD_ENDPOINT: endpoint },
  });
  if (!result.ok)
    throw new Error(`preview of ${stack} failed:\n${result.diagnostics.map(({ message }) => message).join("\n")}`);
  return result.resources;
}
