import { K3S_PATHS } from "./k3sConfig";
import { MEMBERSHIP_SCRIPT } from "./k3sMembership";

/** The membership guard waits up to 900 s for other servers; the rest is for joining. */
const START_SECONDS = 1200;

/** systemd unit of a server. It never changes with a release: systemd would restart all servers at once. */
export function serverUnit(): string {
  return unit({
    description: "K3s server (Kubernetes API, etcd, kubelet)",
    subcommand: "server",
    startPre: [`${MEMBERSHIP_SCRIPT} decide`],
    after: "network-online.target k3s-membership.socket",
  });
}

export function agentUnit(): string {
  return unit({
    description: "K3s agent (kubelet)",
    subcommand: "agent",
    startPre: [],
    after: "network-online.target",
  });
}

interface UnitArgs {
  readonly description: string;
  readonly subcommand: "server" | "agent";
  readonly startPre: readonly string[];
  readonly after: string;
}

// KillMode=process and Delegate=yes: containers outlive a restart of K3s, so an upgrade disturbs no pod
// (k3s-io/k3s install.sh).
function unit(args: UnitArgs): string {
  return `[Unit]
Description=${args.description}
Documentation=https://docs.k3s.io
After=${args.after}
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
${args.startPre.map((command) => `ExecStartPre=${command}\n`).join("")}ExecStart=${K3S_PATHS.binary} ${args.subcommand}
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=${START_SECONDS}
Restart=always
RestartSec=5s

[Install]
WantedBy=multi-user.target
`;
}
