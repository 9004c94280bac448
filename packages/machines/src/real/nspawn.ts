import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import type { GuestLinks } from "./fleetNetwork";

/** What systemd-nspawn ends with when its guest wants to be started again. */
export const REBOOT_STATUS = 133;

export interface Launch {
  /** Unique on this machine. */
  readonly name: string;
  readonly hostname: string;
  /** Its root file system, mounted. */
  readonly root: string;
  /** The fleet's, in which the other ends of its links are to be. */
  readonly networkNamespace: string;
  readonly links: GuestLinks;
  /** It runs in all of these. */
  readonly cgroups: readonly string[];
  /** File that gets what it prints. */
  readonly console: string;
}

/** Boots a guest in systemd-nspawn, whose process is returned. It ends when the guest does. */
export function launch({ name, hostname, root, networkNamespace, links, cgroups, console }: Launch): ChildProcess {
  const output = openSync(console, "w", 0o600);
  const child = spawn(
    "sh",
    [
      "-c",
      'net=$1; shift; while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec nsenter --net="$net" "$@"',
      "launch",
      networkNamespace,
      ...cgroups,
      "--",
      "systemd-nspawn",
      "--quiet",
      "--boot",
      `--directory=${root}`,
      `--machine=${name}`,
      `--hostname=${hostname}`,
      `--network-veth-extra=${links.private}:enp7s0`,
      ...(links.public === undefined ? [] : [`--network-veth-extra=${links.public}:eth0`]),
      "--register=no",
      "--keep-unit",
      "--console=read-only",
      "--resolv-conf=off",
      "--timezone=off",
      "--link-journal=no",
      // Read as the kernel's command line: without it systemd 256 and later do not boot on control groups of version 1.
      "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1",
    ],
    // A group of its own: Ctrl-C is for the program, which then stops its machines in order.
    { stdio: ["ignore", output, output], detached: true },
  );
  closeSync(output);
  return child;
}

/** The guest's init: the child of nspawn's process. Undefined: not there yet, or no more. */
export function initBelow(pid: number): number | undefined {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
    if (child === undefined) return undefined;
    // Until nspawn has made its namespaces, the child is a helper in ours.
    return /^NSpid:(\s+\d+)+\s+1$/m.test(readFileSync(`/proc/${child}/status`, "utf8")) ? Number(child) : undefined;
  } catch {
    return undefined;
  }
}
