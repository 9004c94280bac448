import { join } from "node:path";
import type { HostConfigPart } from "./hostConfig";
import { shellScript } from "./shellScript";
import { SSHD_IN_FORCE } from "./sshHardening";

/** A person who runs the estate, with an account of their own on every machine. */
export interface Operator {
  /** Of the account. */
  readonly name: string;
  /** OpenSSH public keys; at least one. */
  readonly publicKeys: readonly string[];
}

/** Whoever is in this group is an operator's account that the program made. */
export const OPERATORS_GROUP = "keybuzz-operators";
const SUDOERS = "/etc/sudoers.d/60-keybuzz-operators";

/** Accounts that Debian, Ubuntu and the packages on these machines have, or may come to have. */
const TAKEN: ReadonlySet<string> = new Set(
  (
    "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody sshd syslog " +
    "messagebus uuidd tcpdump tss landscape pollinate polkitd fwupd-refresh usbmux rtkit dnsmasq dhcpcd admin debian " +
    "ubuntu operator sudo adm tty disk kmem dialout fax voice cdrom floppy tape audio dip shadow utmp video sasl plugdev " +
    "staff users nogroup crontab docker input kvm render sgx chrony postgres redis rabbitmq mysql proxysql haproxy pgbouncer " +
    "minio qdrant etcd patroni prometheus k3s git grafana vault redisinsight"
  ).split(" "),
);

/** Why an operator's account cannot have that name; undefined: it can. */
export function operatorNameMistake(name: string): string | undefined {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) return "a name of lower-case letters, digits and dashes, 31 at most";
  // The program's own account is keybuzz.
  if (TAKEN.has(name) || /^(systemd|keybuzz)(-|$)/.test(name))
    return "a name that is no account of the system or of a daemon";
  return undefined;
}

/**
 * One account a person: they log in with their own keys, and what they do with sudo stands under their own name in the
 * journal. An account whose operator is no longer there is removed, its sessions are ended, and what it leaves in its
 * home belongs to root.
 */
export function operatorAccounts(operators: readonly Operator[]): HostConfigPart {
  const names = operators.map(({ name }) => name).sort();
  return {
    groups: [{ name: OPERATORS_GROUP }],
    users: names.map((name) => ({
      name,
      groups: [OPERATORS_GROUP],
      home: `/home/${name}`,
      shell: "/bin/bash",
    })),
    directories: names.map((name) => ({ path: `/home/${name}`, owner: name, group: name, mode: "0700" })),
    files: [
      {
        path: SUDOERS,
        content: `# Written by the infrastructure program.\n%${OPERATORS_GROUP} ALL=(ALL:ALL) NOPASSWD:ALL\n`,
        mode: "0440",
        validate: "visudo -cf %s",
      },
    ],
    steps: [
      {
        // From here on nobody of them gets in: their keys are gone, and sshd admits the others only.
        id: "operators-gone",
        after: [SSHD_IN_FORCE],
        when: { kind: "unless", command: script("operatorsOnly", names) },
        run: [script("operatorsGone", names)],
      },
    ],
  };
}

function script(name: string, wanted: readonly string[]): string {
  return shellScript(join(__dirname, `${name}.sh`), { group: OPERATORS_GROUP, wanted });
}
