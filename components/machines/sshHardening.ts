import { join } from "node:path";
import type { FileSpec, HostConfigPart } from "./hostConfig";
import { shellScript } from "./shellScript";

const DROP_IN = "/etc/ssh/sshd_config.d/10-keybuzz.conf";
/** Root's own, outside of every home: a file for each account. */
export const AUTHORIZED_KEYS = "/etc/ssh/authorized_keys.d";
/** Step after which sshd does what the files say. */
export const SSHD_IN_FORCE = "sshd-reload";

export interface SshHardeningArgs {
  /** Keys of the only accounts that may log in, by account; a line each. None of them may be empty. */
  readonly keys: Readonly<Record<string, string>>;
  /** Account that cloud-init made, with keys of its own in its home that count no longer. */
  readonly firstUser: string;
  /** The bastion passes connections on to port 22 of other hosts; nobody else passes anything on. */
  readonly forwarding: "sshOnly" | "none";
}

/**
 * Keys only, no root, and no key but those of the configuration: what lies in a home is not looked at. The drop-in's
 * name sorts before cloud-init's 50-cloud-init.conf: sshd takes the first value it finds.
 */
export function sshHardening(args: SshHardeningArgs): HostConfigPart {
  const users = Object.keys(args.keys).sort();
  const content = [
    "# Written by the infrastructure program.",
    "PermitRootLogin no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "AuthenticationMethods publickey",
    `AuthorizedKeysFile ${AUTHORIZED_KEYS}/%u`,
    `AllowUsers ${users.join(" ")}`,
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
    directories: [{ path: AUTHORIZED_KEYS }],
    files: [
      // Validated files are moved together, in the order of their paths: the keys are there before sshd asks for them.
      ...users.map((user): FileSpec => keysFile(user, args.keys[user] ?? "")),
      { path: DROP_IN, content, mode: "0600", validate: "mkdir -p /run/sshd && /usr/sbin/sshd -t -f %s" },
    ],
    steps: [
      {
        // Not a unit: whether ssh.service or ssh.socket listens differs between images, and both are right.
        id: SSHD_IN_FORCE,
        when: { kind: "changed", paths: [DROP_IN] },
        run: ["/usr/sbin/sshd -t", "systemctl try-reload-or-restart ssh.service"],
      },
      {
        id: "keys-in-homes-gone",
        after: [SSHD_IN_FORCE],
        when: { kind: "unless", command: script("keysInHomes", { user: args.firstUser }) },
        run: [script("keysInHomesGone", { user: args.firstUser, keys_file: `${AUTHORIZED_KEYS}/%u` })],
      },
    ],
  };
}

function keysFile(user: string, keys: string): FileSpec {
  if (keys.trim() === "") throw new Error(`account ${user} would have no key; give it one, or leave the account out`);
  return {
    path: `${AUTHORIZED_KEYS}/${user}`,
    content: `# Written by the infrastructure program.\n${keys.trim()}\n`,
    // sshd reads it as the account itself.
    mode: "0644",
    validate: "ssh-keygen -l -f %s",
  };
}

function script(name: string, values: Readonly<Record<string, string>>): string {
  return shellScript(join(__dirname, `${name}.sh`), values);
}
