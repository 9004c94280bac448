import { join } from "node:path";
import { FIREWALL_OPEN } from "../../machines/hostFirewall";
import type { FileSpec, HostConfigPart, StepSpec } from "../../machines/hostConfig";
import { refusingStep } from "../../machines/refusingStep";
import { shellScript } from "../../machines/shellScript";
import { authorityFiles, sameAuthority, type ProgramAuthority } from "./k3sAuthority";
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
import {
  AGENT_RESTART_SCRIPT,
  AGENT_TURN_SCRIPT,
  AGENT_UNIT,
  agentRestartScript,
  agentTurnScript,
} from "./k3sAgentTurn";
import { MEMBERSHIP_SCRIPT, membershipAnswerUnit, membershipScript, membershipSocketUnit } from "./k3sMembership";
import { networksScript } from "./k3sNetworks";
import { auditPolicy, K3S_SYSCTL, kubeletConfig } from "./k3sNodeFiles";
import { RENEWAL_SCRIPT, renewalScript, renewalTimer } from "./k3sRenewal";
import { RESTART_SCRIPT, restartScript } from "./k3sRestart";
import { RETIRE_SCRIPT, retireScript } from "./k3sRetire";
import { BINARY_STEPS, k3sBinary, type K3sRelease } from "./k3sRelease";
import { agentUnit, serverUnit } from "./k3sUnits";

export interface ServerHostArgs {
  readonly host: K3sHost;
  /** All servers, this one among them; the first may initialise the cluster. */
  readonly servers: readonly K3sHost[];
  readonly cluster: K3sClusterSettings;
  readonly release: K3sRelease;
  readonly joinUrl: string;
  /** Secret placeholders. */
  readonly tokens: { readonly server: string; readonly agent: string; readonly node: string };
  /** Default: snapshots stay on the machine. */
  readonly snapshots?: SnapshotStore;
  /** Default: K3s makes its own. */
  readonly authority?: ProgramAuthority;
}

/** All that makes a machine a K3s server. */
export function serverHostConfig(args: ServerHostArgs): HostConfigPart {
  const { host, release, authority } = args;
  const mayInitialise = host.name === args.servers[0]?.name;
  const others = args.servers.filter(({ name }) => name !== host.name);
  // What a server reads when it starts.
  const read: readonly FileSpec[] = [
    { path: K3S_PATHS.config, content: toYaml(serverConfig(host, args.cluster)), mode: "0600" },
    { path: K3S_PATHS.token, content: `${args.tokens.server}\n`, secret: true },
    { path: K3S_PATHS.agentToken, content: `${args.tokens.agent}\n`, secret: true },
    { path: K3S_PATHS.auditPolicy, content: auditPolicy(), mode: "0600" },
    { path: K3S_PATHS.kubelet, content: kubeletConfig() },
    { path: K3S_PATHS.release, content: `${release.version}\n` },
    ...(args.snapshots === undefined
      ? []
      : [{ path: K3S_PATHS.snapshots, content: toYaml(snapshotConfig(args.snapshots)), secret: true }]),
  ];
  const guard = membershipScript({
    host: host.name,
    mayInitialise,
    joinUrl: args.joinUrl,
    others,
    bringsAuthority: mayInitialise && authority !== undefined,
  });
  const restart = restartScript({ host: host.name, others, files: read.map(({ path }) => path), release });
  const brought = mayInitialise && authority !== undefined ? authorityFiles(authority) : [];
  return withBinary(host, release, {
    ...nodeParts(),
    directories: [
      ...nodeDirectories(),
      { path: "/var/log/kubernetes/audit", mode: "0700" },
      ...(brought.length > 0 ? [{ path: K3S_PATHS.authority, mode: "0700" }] : []),
    ],
    files: [
      ...read,
      ...brought,
      bashScript(MEMBERSHIP_SCRIPT, guard),
      bashScript(RESTART_SCRIPT, restart),
      bashScript(RETIRE_SCRIPT, retireScript()),
      bashScript(AGENT_TURN_SCRIPT, agentTurnScript()),
      bashScript(RENEWAL_SCRIPT, renewalScript("server")),
    ],
    timers: [renewalTimer()],
    units: [
      {
        name: "k3s-membership.socket",
        content: membershipSocketUnit(host.address),
        enabled: true,
        state: "running",
        after: [FIREWALL_OPEN],
      },
      { name: "k3s-membership@.service", content: membershipAnswerUnit(), enabled: false, state: "onDemand" },
      {
        name: "k3s.service",
        content: serverUnit(),
        enabled: true,
        state: "running",
        waitsForPeers: others.length > 0,
        after: [FIREWALL_OPEN, NODE_PASSWORD_STEP, ...BINARY_STEPS, "k3s-membership.socket"],
      },
    ],
    steps: [
      refusingStep("k3s-networks", networksScript(host, args.cluster)),
      ...nodeSteps(args.tokens.node, authority),
    ],
    joined: [
      {
        id: "k3s-api-ready",
        command: `${K3S_PATHS.binary} kubectl get --raw /readyz`,
        // As long as its unit may take to start.
        attempts: 240,
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
  /** Secret placeholders. */
  readonly tokens: { readonly agent: string; readonly node: string };
  /** Default: K3s makes its own. */
  readonly authority?: ProgramAuthority;
}

/** All that makes a machine a K3s agent. */
export function agentHostConfig(args: AgentHostArgs): HostConfigPart {
  const files: readonly FileSpec[] = [
    { path: K3S_PATHS.config, content: toYaml(agentConfig(args.host, args.duty, args.joinUrl)), mode: "0600" },
    { path: K3S_PATHS.agentToken, content: `${args.tokens.agent}\n`, secret: true },
    { path: K3S_PATHS.kubelet, content: kubeletConfig() },
    { path: K3S_PATHS.release, content: `${args.release.version}\n` },
  ];
  return withBinary(args.host, args.release, {
    ...nodeParts(),
    directories: nodeDirectories(),
    files: [
      ...files,
      bashScript(AGENT_RESTART_SCRIPT, agentRestartScript(args.host.name, args.release)),
      bashScript(RENEWAL_SCRIPT, renewalScript("agent")),
    ],
    timers: [renewalTimer()],
    steps: nodeSteps(args.tokens.node, args.authority),
    units: [
      {
        name: AGENT_UNIT,
        content: agentUnit(),
        enabled: true,
        state: "running",
        // After the servers, one after the other (k3sAgentTurn.ts).
        restartOn: files.map(({ path }) => path),
        restart: "inTurn",
        waitsForPeers: true,
        after: [FIREWALL_OPEN, NODE_PASSWORD_STEP, ...BINARY_STEPS],
      },
    ],
    joined: [
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
    // "curl" is also what the membership guard asks the API with; "openssl" reads the certificates' ends.
    packages: [{ name: "curl" }, { name: "openssl" }],
    kernelModules: [{ name: "br_netfilter" }, { name: "overlay" }, { name: "vxlan" }],
    sysctl: Object.entries(K3S_SYSCTL).map(([key, value]) => ({ key, value })),
  };
}

function nodeSteps(password: string, authority: ProgramAuthority | undefined): readonly StepSpec[] {
  return [...(authority === undefined ? [] : [sameAuthority(authority)]), nodePassword(password)];
}

const NODE_PASSWORD_STEP = "k3s-node-password";

/**
 * K3s admits a node under a known name only with the password of its first time (docs.k3s.io, node registration). It
 * is in the ledger, so that a replaced machine is admitted again; a node that has one already keeps it.
 */
function nodePassword(password: string): StepSpec {
  const path = "/etc/rancher/node/password";
  return {
    id: NODE_PASSWORD_STEP,
    secret: true,
    when: { kind: "unless", command: `test -s ${path}` },
    run: [shellScript(join(__dirname, "k3sNodePassword.sh"), { path, password })],
  };
}

function nodeDirectories(): Required<HostConfigPart>["directories"] {
  return [
    { path: "/etc/rancher/k3s", mode: "0700" },
    { path: K3S_PATHS.configDirectory, mode: "0700" },
  ];
}

function bashScript(path: string, content: string): FileSpec {
  return { path, content, mode: "0755", validate: "bash -n %s" };
}

function withBinary(host: K3sHost, release: K3sRelease, part: HostConfigPart): HostConfigPart {
  const binary = k3sBinary(host.name, release);
  const packages = [...(part.packages ?? []), ...binary.packages];
  return {
    ...part,
    steps: [...binary.steps, ...(part.steps ?? [])],
    packages: [...new Map(packages.map((entry) => [entry.name, entry])).values()],
  };
}
