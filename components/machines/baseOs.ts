import { dockerEngine } from "./dockerEngine";
import type { FileSpec, HostConfigPart, HostModule, StepSpec } from "./hostConfig";
import { natGateway } from "./natGateway";
import { operatorAccounts, type Operator } from "./operators";
import type { OsImage } from "./osImage";
import { privateRoute } from "./privateRoute";
import { sshHardening } from "./sshHardening";

export interface BaseOsArgs {
  readonly hostname: string;
  /** Private IPv4 address. */
  readonly address: string;
  readonly image: OsImage;
  /** All hosts of the estate, for /etc/hosts; this one may be among them. */
  readonly peers: readonly { readonly name: string; readonly address: string }[];
  /** Account that the program logs in with, and its keys: a line each. */
  readonly sshUser: string;
  readonly sshKeys: string;
  readonly operators: readonly Operator[];
  /** The private network, e.g. "10.0.0.0/16". */
  readonly networkCidr: string;
  /** bastion: public interface, SSH entry, NAT for all others. private: no public interface. */
  readonly kind: "bastion" | "private";
  /** First address of the network, e.g. "10.0.0.1": the default route of private hosts. */
  readonly gateway: string;
  /** Default: none. */
  readonly docker?: "dockerCe" | "distribution";
  /** Packages (regular expressions) that unattended upgrades leave alone, e.g. a database. Default: none. */
  readonly keepVersionOf?: readonly string[];
}

/**
 * What every host has, whatever its role: time, security updates, SSH, kernel settings, journal limits, names, no
 * swap. The firewall, on everywhere too, is `hostFirewall`: its rules come from the flows.
 */
export function baseOs(args: BaseOsArgs): readonly HostModule[] {
  const modules: HostModule[] = [
    { module: "names", config: names(args) },
    { module: "time", config: time() },
    { module: "updates", config: updates(args.keepVersionOf ?? []) },
    { module: "ssh", config: ssh(args) },
    { module: "operators", config: operatorAccounts(args.operators) },
    { module: "kernel", config: kernel() },
    { module: "journal", config: journal() },
    { module: "noSwap", config: noSwap() },
  ];
  if (args.kind === "bastion") modules.push({ module: "natGateway", config: natGateway(args.networkCidr) });
  else modules.push({ module: "privateRoute", config: privateRoute({ gateway: args.gateway }) });
  if (args.docker !== undefined) modules.push({ module: "docker", config: dockerEngine(args.docker, args.image) });
  return modules;
}

function ssh({ sshUser, sshKeys, operators, kind }: BaseOsArgs): HostConfigPart {
  return sshHardening({
    keys: {
      [sshUser]: sshKeys,
      ...Object.fromEntries(operators.map(({ name, publicKeys }) => [name, publicKeys.join("\n")])),
    },
    firstUser: sshUser,
    forwarding: kind === "bastion" ? "sshOnly" : "none",
  });
}

function names({ hostname, address, peers }: BaseOsArgs): HostConfigPart {
  const others = peers.filter((peer) => peer.name !== hostname).map((peer) => `${peer.address} ${peer.name}`);
  const files: FileSpec[] = [
    { path: "/etc/hostname", content: `${hostname}\n` },
    {
      path: "/etc/hosts",
      content: [
        "127.0.0.1 localhost",
        `${address} ${hostname}`,
        ...others.sort(),
        "::1 localhost ip6-localhost ip6-loopback",
        "ff02::1 ip6-allnodes",
        "ff02::2 ip6-allrouters",
        "",
      ].join("\n"),
    },
    // Otherwise cloud-init writes both again at every boot.
    { path: "/etc/cloud/cloud.cfg.d/99-keybuzz.cfg", content: "manage_etc_hosts: false\npreserve_hostname: true\n" },
  ];
  const unless = `test "$(cat /proc/sys/kernel/hostname)" = ${hostname}`;
  return {
    files,
    steps: [{ id: "hostname", when: { kind: "unless", command: unless }, run: ["hostname -F /etc/hostname"] }],
  };
}

function time(): HostConfigPart {
  return {
    packages: [{ name: "chrony" }],
    files: [
      {
        path: "/etc/chrony/sources.d/hetzner.sources",
        content: ["ntp1.hetzner.de", "ntp2.hetzner.com", "ntp3.hetzner.net"]
          .map((server) => `server ${server} iburst\n`)
          .join(""),
      },
    ],
    units: [{ name: "chrony.service", enabled: true, state: "running", restartOn: ["/etc/chrony/sources.d/"] }],
  };
}

function updates(keepVersionOf: readonly string[]): HostConfigPart {
  const blacklist = keepVersionOf.map((pattern) => `  "${pattern}";\n`).join("");
  return {
    packages: [{ name: "unattended-upgrades" }],
    files: [
      {
        path: "/etc/apt/apt.conf.d/20auto-upgrades",
        content:
          'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\nAPT::Periodic::AutocleanInterval "7";\n',
      },
      {
        // The package's own 50unattended-upgrades names the security archives of its distribution.
        path: "/etc/apt/apt.conf.d/52keybuzz-unattended-upgrades",
        content: `Unattended-Upgrade::Automatic-Reboot "false";\nUnattended-Upgrade::Package-Blacklist {\n${blacklist}};\n`,
        validate: "APT_CONFIG=%s apt-config dump",
      },
      {
        // Ubuntu 24.04's restarts daemons by itself after any upgrade of a library, databases among them, on all members
        // at once (github.com/debops/debops/issues/2668). Here it lists what would want a restart.
        path: "/etc/needrestart/conf.d/keybuzz.conf",
        content: "$nrconf{restart} = 'l';\n",
        validate: "perl -c %s",
      },
    ],
    units: [
      { name: "unattended-upgrades.service", enabled: true, state: "running" },
      { name: "apt-daily.timer", enabled: true, state: "running" },
      { name: "apt-daily-upgrade.timer", enabled: true, state: "running" },
    ],
  };
}

function kernel(): HostConfigPart {
  const settings: Readonly<Record<string, number>> = {
    "net.core.somaxconn": 4096,
    "net.ipv4.tcp_max_syn_backlog": 4096,
    // Notices a peer that vanished within 120 + 5 x 15 s, before Hetzner's and Kubernetes' own limits.
    "net.ipv4.tcp_keepalive_time": 120,
    "net.ipv4.tcp_keepalive_intvl": 15,
    "net.ipv4.tcp_keepalive_probes": 5,
    "net.ipv4.conf.all.accept_redirects": 0,
    "net.ipv4.conf.default.accept_redirects": 0,
    "net.ipv6.conf.all.accept_redirects": 0,
    "net.ipv6.conf.default.accept_redirects": 0,
    "net.ipv4.conf.all.accept_source_route": 0,
    "net.ipv4.conf.all.send_redirects": 0,
    "net.ipv4.icmp_echo_ignore_broadcasts": 1,
    "kernel.panic": 10,
  };
  return { sysctl: Object.entries(settings).map(([key, value]) => ({ key, value })) };
}

function journal(): HostConfigPart {
  const path = "/etc/systemd/journald.conf.d/keybuzz.conf";
  return {
    files: [
      { path, content: "[Journal]\nStorage=persistent\nSystemMaxUse=1G\nSystemKeepFree=2G\nMaxRetentionSec=1month\n" },
    ],
    units: [{ name: "systemd-journald.service", enabled: true, state: "running", restartOn: [path] }],
  };
}

/** Kubernetes refuses swap, and databases are better dead than swapping. */
function noSwap(): HostConfigPart {
  const steps: StepSpec[] = [
    {
      id: "swap-off",
      // A container sees its host's swap, which is not its to switch off.
      when: {
        kind: "unless",
        command: 'systemd-detect-virt --container --quiet || test -z "$(tail -n +2 /proc/swaps)"',
      },
      run: ["swapoff -a"],
    },
    {
      id: "swap-not-mounted",
      when: {
        kind: "unless",
        command: "! grep -Eq '^[^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap[[:space:]]' /etc/fstab",
      },
      run: ["sed -Ei 's/^([^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap[[:space:]].*)/# \\1/' /etc/fstab"],
    },
  ];
  return { steps };
}
