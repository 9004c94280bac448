import { stringify } from "yaml";
import { refuse, shown, type Mistake } from "../mistakes";
import { BOOT_FIREWALL_TABLE } from "./hostFirewall";
import { PRIVATE_ROUTE_UNIT, privateRouteFiles } from "./privateRoute";

/** Hetzner refuses more. */
export const USER_DATA_LIMIT_BYTES = 32 * 1024;

export interface CloudInitArgs {
  readonly hostname: string;
  /** Account that the program logs in with; it may sudo. */
  readonly sshUser: string;
  /** OpenSSH public keys: good until the host's configuration brings its own. */
  readonly authorizedKeys: readonly string[];
  /** The private network, e.g. "10.0.0.0/16": where SSH may come from before the firewall proper is in place. */
  readonly networkCidr: string;
  /** Set on machines without a public interface: their default route. */
  readonly gateway?: string;
  /** Default: Hetzner's. Only used together with `gateway`. */
  readonly nameServers?: readonly string[];
}

/**
 * user_data for the first boot: only what must happen before SSH, and no secret, for every process on the machine
 * can read it. All else is the host's configuration. For cloud-init from 22.4 on.
 *
 * @throws MistakesError listing every mistake at once: no key, a private or malformed key, a bad name, too long.
 */
export function cloudInit(args: CloudInitArgs): string {
  const mistakes = argumentMistakes(args);
  const { gateway, nameServers } = args;
  const files =
    gateway === undefined
      ? []
      : [
          ...privateRouteFiles({ gateway, ...(nameServers === undefined ? {} : { nameServers }) }),
          { path: PRIVATE_ROUTE_UNIT.path, mode: "0644", content: PRIVATE_ROUTE_UNIT.content },
        ];
  const config = {
    hostname: args.hostname,
    manage_etc_hosts: false,
    preserve_hostname: false,
    // Without it, cloud-init of Debian 12 ends with "status: error" where no other locale exists.
    locale: "C.UTF-8",
    ssh_pwauth: false,
    disable_root: true,
    // An expired root password would stop the first login; there is none.
    chpasswd: { expire: false },
    ssh_deletekeys: true,
    ssh_genkeytypes: ["ed25519"],
    package_update: false,
    package_upgrade: false,
    users: [
      {
        name: args.sshUser,
        gecos: "KeyBuzz operations",
        shell: "/bin/bash",
        lock_passwd: true,
        sudo: "ALL=(ALL) NOPASSWD:ALL",
        ssh_authorized_keys: [...new Set(args.authorizedKeys.map((key) => key.trim()))],
      },
    ],
    bootcmd: [["sh", "-c", bootFirewall(args)]],
    ...(files.length === 0
      ? {}
      : { write_files: files.map(({ path, mode, content }) => ({ path, permissions: mode, content })) }),
    runcmd:
      files.length === 0
        ? []
        : [
            ["systemctl", "daemon-reload"],
            ["systemctl", "enable", "--now", PRIVATE_ROUTE_UNIT.name],
          ],
  };
  const text = `#cloud-config\n${stringify(config, { lineWidth: 0 })}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > USER_DATA_LIMIT_BYTES)
    mistakes.push({
      path: "user_data",
      found: `${bytes} bytes`,
      allowed: String(USER_DATA_LIMIT_BYTES),
      fix: "give fewer authorizedKeys",
    });
  refuse(`cloud-init of ${args.hostname}`, mistakes);
  return text;
}

/**
 * Until the host's configuration has been applied once (its state file tells), only SSH comes in: from everywhere on
 * the machine with a public interface, where Hetzner's firewall already lets in the operators alone; elsewhere from
 * the private network. bootcmd runs at every boot.
 */
function bootFirewall({ networkCidr, gateway }: CloudInitArgs): string {
  const ssh = gateway === undefined ? "tcp dport 22 accept" : `ip saddr ${networkCidr} tcp dport 22 accept`;
  const rules = [
    `table inet ${BOOT_FIREWALL_TABLE} {`,
    "chain input {",
    "type filter hook input priority 0; policy drop;",
    "iif lo accept;",
    "ct state established,related accept;",
    "meta l4proto { icmp, ipv6-icmp } accept;",
    "udp dport { 68, 546 } accept;",
    `${ssh};`,
    "}",
    "}",
    // nft wants every brace to end a line.
  ].join("\n");
  return `[ -e /var/lib/keybuzz/state ] || ! command -v nft >/dev/null || nft list table inet ${BOOT_FIREWALL_TABLE} >/dev/null 2>&1 || nft '${rules}'`;
}

function argumentMistakes(args: CloudInitArgs): Mistake[] {
  const mistakes: Mistake[] = [];
  const mistake = (path: string, found: string, allowed: string, fix: string): void =>
    void mistakes.push({ path, found, allowed, fix });
  const name = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
  if (!name.test(args.hostname))
    mistake(
      "hostname",
      shown(args.hostname),
      "a host name of lower-case letters, digits and dashes",
      "rename the host",
    );
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(args.sshUser) || args.sshUser === "root") {
    mistake("sshUser", shown(args.sshUser), "an account name other than root", "choose such a name");
  }
  if (args.authorizedKeys.length === 0)
    mistake("authorizedKeys", "none", "at least one, or nobody could log in", "give a public key");
  args.authorizedKeys.forEach((key, index) => {
    // Never shown: somebody may have given a private key.
    if (
      !/^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]+=*( [^\r\n]*)?$/.test(
        key.trim(),
      )
    ) {
      mistake(
        `authorizedKeys[${index}]`,
        "something else",
        "an OpenSSH public key of one line",
        "give the content of the .pub file",
      );
    }
  });
  const cidr = /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/;
  if (!cidr.test(args.networkCidr))
    mistake("networkCidr", shown(args.networkCidr), 'an IPv4 network, e.g. "10.0.0.0/16"', "correct the network");
  for (const [field, address] of [
    ["gateway", args.gateway] as const,
    ...(args.nameServers ?? []).map((one) => ["nameServers", one] as const),
  ]) {
    if (address !== undefined && !/^\d{1,3}(\.\d{1,3}){3}$/.test(address))
      mistake(field, shown(address), "an IPv4 address", "correct the address");
  }
  return mistakes;
}
