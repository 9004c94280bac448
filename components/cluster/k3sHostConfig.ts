import type { FileSpec, HostConfigPart, UnitSpec } from "../machines/hostConfig";
import {
  agentConfig,
  K3S_PATHS,
  serverConfig,
  snapshotConfig,
  toYaml,
  type K3sClusterSettings,
  type K3sHost,
  type SnapshotStore,
  type WorkerDuty,
} from "./k3sConfig";
import { MEMBERSHIP_SCRIPT, membershipAnswerUnit, membershipScript, membershipSocketUnit } from "./k3sMembership";
import { auditPolicy, K3S_SYSCTL, kubeletConfig } from "./k3sNodeFiles";
import { binarySteps, k3sBinary, type K3sRelease } from "./k3sRelease";
import { agentUnit, serverUnit } from "./k3sUnits";

export interface ServerHostArgs {
  readonly host: K3sHost;
  /** All servers, this one among them; the first may initialise the cluster. */
  readonly servers: readonly K3sHost[];
  readonly cluster: K3sClusterSettings;
  readonly release: K3sRelease;
  readonly joinUrl: string;
  /** Secret placeholders. */
  readonly tokens: { readonly server: string; readonly agent: string };
  /** Default: snapshots stay on the machine. */
  readonly snapshots?: SnapshotStore;
}

/** All that makes a machine a K3s server. */
export function serverHostConfig(args: ServerHostArgs): HostConfigPart {
  const { host, release } = args;
  const files: readonly FileSpec[] = [
    { path: K3S_PATHS.config, content: toYaml(serverConfig(host, args.cluster)), mode: "0600" },
    { path: K3S_PATHS.token, content: `${args.tokens.server}\n`, secret: true },
    { path: K3S_PATHS.agentToken, content: `${args.tokens.agent}\n`, secret: true },
    { path: K3S_PATHS.auditPolicy, content: auditPolicy(), mode: "0600" },
    { path: K3S_PATHS.kubelet, content: kubeletConfig() },
    ...(args.snapshots === undefined
      ? []
      : [{ path: K3S_PATHS.snapshots, content: toYaml(snapshotConfig(args.snapshots)), secret: true }]),
  ];
  const script: FileSpec = {
    path: MEMBERSHIP_SCRIPT,
    mode: "0755",
    validate: "bash -n %s",
    content: membershipScript({
      mayInitialise: host.name === args.servers[0]?.name,
      joinUrl: args.joinUrl,
      others: args.servers.filter(({ name }) => name !== host.name),
    }),
  };
  return withBinary(release, {
    ...nodeParts(),
    directories: [...nodeDirectories(), { path: "/var/log/kubernetes/audit", mode: "0700" }],
    files: [...files, script],
    units: [
      { name: "k3s-membership.socket", content: membershipSocketUnit(host.address), enabled: true, state: "running" },
      { name: "k3s-membership@.service", content: membershipAnswerUnit(), enabled: false, state: "onDemand" },
      k3sUnit("k3s.service", serverUnit(release.version), files, [...binarySteps(release), "k3s-membership.socket"]),
    ],
    checks: [
      {
        id: "k3s-api-ready",
        command: `${K3S_PATHS.binary} kubectl get --raw /readyz`,
        attempts: 180,
        intervalSeconds: 5,
        remedy: "look at `journalctl -u k3s`; a server that waits for others says so under k3s-membership",
      },
    ],
  });
}

export interface AgentHostArgs {
  readonly host: K3sHost;
  readonly duty: WorkerDuty;
  readonly release: K3sRelease;
  readonly joinUrl: string;
  /** Secret placeholder. */
  readonly agentToken: string;
}

/** All that makes a machine a K3s agent. */
export function agentHostConfig(args: AgentHostArgs): HostConfigPart {
  const files: readonly FileSpec[] = [
    { path: K3S_PATHS.config, content: toYaml(agentConfig(args.host, args.duty, args.joinUrl)), mode: "0600" },
    { path: K3S_PATHS.agentToken, content: `${args.agentToken}\n`, secret: true },
    { path: K3S_PATHS.kubelet, content: kubeletConfig() },
  ];
  return withBinary(args.release, {
    ...nodeParts(),
    directories: nodeDirectories(),
    files,
    units: [k3sUnit("k3s-agent.service", agentUnit(args.release.version), files, binarySteps(args.release))],
    checks: [
      {
        id: "kubelet-healthy",
        command: "curl -fsS --max-time 5 http://127.0.0.1:10248/healthz",
        attempts: 180,
        intervalSeconds: 5,
        remedy: `look at \`journalctl -u k3s-agent\`; the agent joins at ${args.joinUrl}, which must answer /ping with "pong"`,
      },
    ],
  });
}

function nodeParts(): Pick<Required<HostConfigPart>, "kernelModules" | "sysctl" | "packages"> {
  return {
    // "curl" is also what the membership guard asks the API with.
    packages: [{ name: "curl" }],
    kernelModules: [{ name: "br_netfilter" }, { name: "overlay" }, { name: "vxlan" }],
    sysctl: Object.entries(K3S_SYSCTL).map(([key, value]) => ({ key, value })),
  };
}

function nodeDirectories(): Required<HostConfigPart>["directories"] {
  return [
    { path: "/etc/rancher/k3s", mode: "0700" },
    { path: K3S_PATHS.configDirectory, mode: "0700" },
  ];
}

function k3sUnit(name: string, content: string, files: readonly FileSpec[], after: readonly string[]): UnitSpec {
  const restartOn = [K3S_PATHS.binary, ...files.map((file) => file.path)];
  return { name, content, enabled: true, state: "running", restartOn, after };
}

function withBinary(release: K3sRelease, part: HostConfigPart): HostConfigPart {
  const binary = k3sBinary(release);
  const packages = [...(part.packages ?? []), ...(binary.packages ?? [])];
  return {
    ...part,
    ...binary,
    packages: [...new Map(packages.map((entry) => [entry.name, entry])).values()],
  };
}
