import type { Environment, ServerType } from "./environment";
import type { HostRole } from "./roles";

/** Cores and memory of Hetzner's x86 server types as of mid 2026 (docs.hetzner.cloud, server types). */
export const SERVER_SIZES: Readonly<Record<ServerType, { readonly cores: number; readonly memoryGb: number }>> = {
  cx23: { cores: 2, memoryGb: 4 },
  cx33: { cores: 4, memoryGb: 8 },
  cx43: { cores: 8, memoryGb: 16 },
  cx53: { cores: 16, memoryGb: 32 },
  cpx12: { cores: 1, memoryGb: 2 },
  cpx22: { cores: 2, memoryGb: 4 },
  cpx32: { cores: 4, memoryGb: 8 },
  cpx42: { cores: 8, memoryGb: 16 },
  cpx52: { cores: 12, memoryGb: 24 },
  cpx62: { cores: 16, memoryGb: 32 },
  ccx13: { cores: 2, memoryGb: 8 },
  ccx23: { cores: 4, memoryGb: 16 },
  ccx33: { cores: 8, memoryGb: 32 },
  ccx43: { cores: 16, memoryGb: 64 },
  ccx53: { cores: 32, memoryGb: 128 },
  ccx63: { cores: 48, memoryGb: 192 },
};

/** Cores and memory of the smallest host of a role: any of them may become the leader. */
export function smallest(
  environment: Environment,
  role: HostRole,
): { readonly cores: number; readonly memoryGb: number } {
  const sizes = environment.hosts.filter((host) => host.role === role).map((host) => SERVER_SIZES[host.serverType]);
  return {
    cores: Math.min(...sizes.map(({ cores }) => cores)),
    memoryGb: Math.min(...sizes.map(({ memoryGb }) => memoryGb)),
  };
}
