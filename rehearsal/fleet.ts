import { join } from "node:path";
import type { Cloud, CloudOptions } from "@standin/hetzner-api/cloud";
import type { LocalKubernetes } from "@standin/kubernetes-api";
import type { Machines } from "@standin/machines/machines";
import { goldenImage, installTools, realMachines, type FleetNeeds, type RealMachines } from "@standin/machines/real";
import { simulatedMachines } from "@standin/machines/simulated";

export interface FleetOptions {
  /** The stack's folder. */
  readonly dir: string;
  /** Golden images are kept below it. */
  readonly cacheDir: string;
  /** Loopback port of the bastion's SSH. */
  readonly entryPort: number;
  readonly kubernetes: LocalKubernetes;
  /** What the real machines need. Default: all are simulated. */
  readonly real: FleetNeeds | undefined;
  readonly log: (line: string) => void;
}

export interface Fleet {
  readonly machines: Machines;
  /** Undefined: every server that runs is healthy. */
  readonly targetHealth: CloudOptions["targetHealth"];
  /** The real machines, where there are any. */
  readonly real: RealMachines | undefined;
  /** To be called once the cloud is up: what it says of load balancers and routes is done. */
  follow(cloud: Cloud): void;
}

/** Simulated hosts, or real machines where `real` is given: then only roles without Debian package stay simulated. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { dir, cacheDir, entryPort, kubernetes, real: needs, log } = options;
  const common = {
    stateDir: join(dir, "machines"),
    kubeconfig: () => kubernetes.kubeconfig,
    onNodes: (nodes: Parameters<LocalKubernetes["setNodes"]>[0]) => kubernetes.setNodes(nodes),
  };
  if (needs === undefined) {
    const machines = simulatedMachines({ ...common, entryPort });
    return { machines, targetHealth: undefined, real: undefined, follow: () => undefined };
  }
  installTools(log);
  const image = await goldenImage({ cacheDir, packages: needs.packages, log });
  if (needs.simulated.size > 0) {
    const groups = [...needs.simulated].map(([group, software]) => `${group} (${software})`).join(", ");
    log(`Real machines, but for those whose software is in no Debian package, which are simulated: ${groups}.`);
  }
  const real = await realMachines({
    stateDir: join(dir, "machines-real"),
    cacheDir,
    imageHash: image.hash,
    entryPort,
    simulated: {
      machines: simulatedMachines(common),
      has: (spec) => needs.simulated.has(spec.labels["group"] ?? ""),
    },
    log,
  });
  return {
    machines: real,
    targetHealth: (server, service) =>
      server.status === "running" ? (real.targetHealth(server.id, service.listen_port) ?? "unknown") : "unhealthy",
    real,
    follow: (cloud) => real.follow(() => cloud.snapshot()),
  };
}
