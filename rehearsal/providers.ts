import type { ProviderFactory } from "@standin/pulumi-engine/provider";
import { commandProviderWith } from "@standin/pulumi-engine/providers/command";
import { hcloudProvider } from "@standin/pulumi-engine/providers/hcloud";
import { kubernetesProvider } from "@standin/pulumi-engine/providers/kubernetes";
import { randomProvider } from "@standin/pulumi-engine/providers/random";
import { tlsProviderAt } from "@standin/pulumi-engine/providers/tls";
import { isHostComplaint } from "./estate";

/**
 * What the embedded engine runs the estate's program with, by package.
 *
 * @param now the clock by which certificates are made and renewed.
 */
export const providersAt = (now: () => Date): Readonly<Record<string, ProviderFactory>> => ({
  hcloud: hcloudProvider,
  kubernetes: kubernetesProvider,
  command: commandProviderWith({ isShown: isHostComplaint }),
  random: randomProvider,
  tls: tlsProviderAt(now),
});

/** By the machine's clock. */
export const PROVIDERS = providersAt(() => new Date());
