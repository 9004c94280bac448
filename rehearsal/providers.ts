import type { ProviderFactory } from "@standin/pulumi-engine/provider";
import { commandProviderWith } from "@standin/pulumi-engine/providers/command";
import { hcloudProvider } from "@standin/pulumi-engine/providers/hcloud";
import { kubernetesProviderWith } from "@standin/pulumi-engine/providers/kubernetes";
import { randomProvider } from "@standin/pulumi-engine/providers/random";
import { tlsProviderAt } from "@standin/pulumi-engine/providers/tls";
import { isHostComplaint, RUNS_FROM } from "./estate";

/** Where a run says that it comes from, if that can be here: an address of loopback, which stands for a network. */
function ownLoopback(): string | undefined {
  const said = process.env[RUNS_FROM];
  return said?.startsWith("127.") === true ? said : undefined;
}

/**
 * What the embedded engine runs the estate's program with, by package.
 *
 * @param now the clock by which certificates are made and renewed.
 */
export const providersAt = (now: () => Date): Readonly<Record<string, ProviderFactory>> => ({
  hcloud: hcloudProvider,
  kubernetes: kubernetesProviderWith({ localAddress: ownLoopback }),
  command: commandProviderWith({ isShown: isHostComplaint, localAddress: ownLoopback }),
  random: randomProvider,
  tls: tlsProviderAt(now),
});

/** By the machine's clock. */
export const PROVIDERS = providersAt(() => new Date());
