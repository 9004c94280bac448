import type { HostConfigPart } from "./hostConfig";

const DROP_IN = "/etc/ssh/sshd_config.d/10-keybuzz.conf";

export interface SshHardeningArgs {
  /** The only accounts that may log in. */
  readonly users: readonly string[];
  /** The bastion passes connections on to port 22 of other hosts; nobody else passes anything on. */
  readonly forwarding: "sshOnly" | "none";
}

/** Keys only, no root. Its name sorts before cloud-init's 50-cloud-init.conf: sshd takes the first value it finds. */
export function sshHardening(args: SshHardeningArgs): HostConfigPart {
  const content = [
    "# Written by the infrastructure program.",
    "PermitRootLogin no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "AuthenticationMethods publickey",
    `AllowUsers ${args.users.join(" ")}`,
    ...(args.forwarding === "sshOnly" ? ["AllowTcpForwarding local", "PermitOpen *:22"] : ["AllowTcpForwarding no"]),
    "AllowAgentForwarding no",
    "AllowStreamLocalForwarding no",
    "PermitTunnel no",
    "X11Forwarding no",
    "MaxAuthTries 4",
    "# One deployment opens a connection per host at once, all of them through the bastion.",
    "MaxStartups 100:30:200",
    "MaxSessions 100",
    "LoginGraceTime 30",
    "ClientAliveInterval 30",
    "ClientAliveCountMax 10",
    "UseDNS no",
    "",
  ].join("\n");
  return {
    // A connection to a machine without power ends after 1 + 2 + 4 s instead of 127: all deployments wait for it here.
    sysctl: args.forwarding === "sshOnly" ? [{ key: "net.ipv4.tcp_syn_retries", value: 2 }] : [],
    files: [{ path: DROP_IN, content, mode: "0600", validate: "mkdir -p /run/sshd && /usr/sbin/sshd -t -f %s" }],
    steps: [
      {
        // Not a unit: whether ssh.service or ssh.socket listens differs between images, and both are right.
        id: "sshd-reload",
        when: { kind: "changed", paths: [DROP_IN] },
        run: ["/usr/sbin/sshd -t", "systemctl try-reload-or-restart ssh.service"],
      },
    ],
  };
}
