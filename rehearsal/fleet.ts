import { join } from "node:path";
import type { Cloud, CloudOptions } from "@standin/hetzner-api/cloud";
import type { LocalKubernetes } from "@standin/kubernetes-api";
import type { Machines } from "@standin/machines/machines";
import { installTools, realMachines, type RealMachines } from "@standin/machines/real";
import { simulatedMachines } from "@standin/machines/simulated";
import { GROUP_LABEL, HOST_SCRIPTS, NAME_SERVERS } from "./estate";
import type { FleetNeeds } from "./fleetNeeds";
import { k3sRole } from "./k3sRole";
import { machineImage } from "./machineImage";
import { PEER_DAEMONS } from "./peerDaemons";

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
    scripts: HOST_SCRIPTS,
    daemons: PEER_DAEMONS,
    roles: [
      k3sRole({
        kubeconfig: () => kubernetes.writtenKubeconfig,
        authorities: () => kubernetes.authorities,
        adopt: (brought) => kubernetes.adopt(brought),
        onNodes: (nodes) => kubernetes.setNodes(nodes),
      }),
    ],
  };
  if (needs === undefined) {
    const machines = simulatedMachines({ ...common, entryPort });
    return {
      machines,
      targetHealth: undefined,
      real: undefined,
      follow: (cloud) => machines.follow((kinds) => cloud.snapshot(kinds)),
    };
  }
  installTools(log);
  const image = await machineImage({ cacheDir, needs, log });
  if (needs.simulated.size > 0) {
    const groups = [...needs.simulated].map(([group, software]) => `${group} (${software})`).join(", ");
    log(`Real machines, but for those whose software is in no Debian package, which are simulated: ${groups}.`);
  }
  const real = await realMachines({
    stateDir: join(dir, "machines-real"),
    cacheDir,
    imageHash: image.hash,
    entryPort,
    nameServers: NAME_SERVERS,
    simulated: {
      machines: simulatedMachines(common),
      has: (spec) => needs.simulated.has(spec.labels[GROUP_LABEL] ?? ""),
    },
    log,
  });
  return {
    machines: real,
    targetHealth: (server, service) =>
      server.status === "running" ? (real.targetHealth(server.id, service.listen_port) ?? "unknown") : "unhealthy",
    real,
    follow: (cloud) => real.follow((kinds) => cloud.snapshot(kinds)),
  };
}
