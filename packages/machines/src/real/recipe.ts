import { createHash } from "node:crypto";
import { dirname } from "node:path";

/** What the first boot, SSH and the firewall need, as an image of Hetzner has it before any role is put on it. */
const BASE_PACKAGES = [
  "ca-certificates",
  "cloud-init",
  "curl",
  "dbus",
  "gnupg",
  "iproute2",
  "iptables",
  "iputils-ping",
  "kmod",
  "libpam-systemd",
  "nftables",
  "openssh-server",
  "procps",
  "python3",
  "sudo",
  "systemd-sysv",
  "xz-utils",
] as const;

/** Units that an image of Hetzner starts; every other begins as the host's configuration says. */
const ENABLED_UNITS = [
  "ssh.service",
  "cloud-init-local.service",
  "cloud-init.service",
  "cloud-config.service",
  "cloud-final.service",
  "systemd-networkd.service",
  "systemd-networkd.socket",
  "systemd-networkd-wait-online.service",
  "getty@.service",
  "remote-fs.target",
] as const;

/** Units that only a later release has, which are started there. Here: cloud-init is one process since 24.3. */
const FURTHER_UNITS: Readonly<Record<GuestSuite, readonly string[]>> = {
  bookworm: [],
  trixie: ["cloud-init-main.service", "cloud-init-network.service"],
};

/** Releases of Debian that machines can be of. */
export const GUEST_SUITES = ["bookworm", "trixie"] as const;
export type GuestSuite = (typeof GUEST_SUITES)[number];

/** How the golden image is built: a bash script for `bash -s TARGET MIRROR`, and the hash that names the image. */
export interface ImageRecipe {
  readonly script: string;
  /** 16 hex digits; equal recipes have equal hashes. */
  readonly hash: string;
}

/** What an image has beyond the base. */
export interface ImageContents {
  /** Default "bookworm". */
  readonly suite?: GuestSuite;
  /** Debian packages; they are there so that guests need no network. */
  readonly packages: readonly string[];
  /** Files that are there before the packages are installed, e.g. to keep one from making a database. Default: none. */
  readonly files?: readonly { readonly path: string; readonly content: string }[];
  /** What the packages make and no two machines may share, as absolute patterns of the shell. Default: nothing. */
  readonly forget?: { readonly files: readonly string[]; readonly folders: readonly string[] };
}

/** @throws Error where a package, or a path to forget, would be something else to the shell. */
export function imageRecipe({ suite = "bookworm", packages, files = [], forget }: ImageContents): ImageRecipe {
  const all = [...new Set([...BASE_PACKAGES, ...packages])].sort();
  for (const name of all) {
    if (!/^[a-z0-9][a-z0-9+.-]+$/.test(name)) throw new Error(`golden image: ${JSON.stringify(name)} is no package`);
  }
  const seeded = files.flatMap(({ path, content }) => [
    `mkdir -p "$target${dirname(checked(path))}"`,
    `printf '${printfFormat(content)}' >"$target${path}"`,
  ]);
  const inTarget = (paths: readonly string[]): string => paths.map((path) => `"$target"${checked(path)}`).join(" ");
  const folders = forget?.folders ?? [];
  const script = `
set -euo pipefail
target=$1 mirror=$2
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
# A temporary folder of this machine is not in the image.
unset TMPDIR
cleanup() {
  for inner in dev/pts dev proc sys; do ! mountpoint -q "$target/$inner" || umount -l "$target/$inner"; done
}
trap cleanup EXIT
echo "debootstrap" >&2
debootstrap --variant=minbase --include=apt,systemd,systemd-sysv ${suite} "$target" "$mirror" >"$target.log" 2>&1 ||
  { tail -n 12 "$target.log" >&2; exit 1; }
mount -t proc proc "$target/proc"
mount --rbind /sys "$target/sys"; mount --make-rslave "$target/sys"
mount -t tmpfs -o mode=0755 tmpfs "$target/dev"
for node in null zero full random urandom tty; do
  : >"$target/dev/$node"; mount --bind "/dev/$node" "$target/dev/$node"
done
ln -s /proc/self/fd "$target/dev/fd"
# As the machine it is built on reaches its archive.
cp /etc/resolv.conf "$target/etc/resolv.conf"
cp -a /etc/apt/apt.conf.d/. "$target/etc/apt/apt.conf.d/" 2>/dev/null || true
printf 'deb %s ${suite} main\\n' "$mirror" >"$target/etc/apt/sources.list"
printf '#!/bin/sh\\nexit 101\\n' >"$target/usr/sbin/policy-rc.d"; chmod 0755 "$target/usr/sbin/policy-rc.d"
${seeded.map((line) => `${line}\n`).join("")}apt_get() { chroot "$target" apt-get -q -y -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io "$@" >>"$target.log" 2>&1 || { tail -n 12 "$target.log" >&2; exit 1; }; }
echo "packages" >&2
apt_get update
apt_get install --no-install-recommends ${all.join(" ")}
apt_get clean
echo "settings" >&2
mkdir -p "$target/etc/systemd/system-preset"
printf '%s\\n' ${[...ENABLED_UNITS, ...FURTHER_UNITS[suite]].map((unit) => `'enable ${unit}'`).join(" ")} 'disable *' >"$target/etc/systemd/system-preset/00-image.preset"
chroot "$target" systemctl preset-all >>"$target.log" 2>&1
rm "$target/etc/systemd/system-preset/00-image.preset" "$target/usr/sbin/policy-rc.d"
chroot "$target" systemctl set-default multi-user.target >>"$target.log" 2>&1
# The interfaces are described by their own files, as Hetzner's images do it, not by cloud-init.
printf 'network: {config: disabled}\\n' >"$target/etc/cloud/cloud.cfg.d/90-network.cfg"
printf 'datasource_list: [NoCloud]\\n' >"$target/etc/cloud/cloud.cfg.d/91-source.cfg"
rm -f "$target"/etc/network/interfaces
# What two clones must not share. An empty machine-id is filled at boot; a missing one would be a first boot.
: >"$target/etc/machine-id"
rm -f ${inTarget(["/etc/ssh/ssh_host_*", ...(forget?.files ?? []), "/var/lib/dbus/machine-id"])}
${folders.length === 0 ? "" : `rm -rf ${inTarget(folders)}\n`}rm -f "$target"/etc/hostname "$target"/etc/resolv.conf
: >"$target/etc/resolv.conf"
cleanup
rm -f "$target/dev/fd"
trap - EXIT
`;
  return { script, hash: createHash("sha256").update(script).digest("hex").slice(0, 16) };
}

/** A path, perhaps with the shell's *, that stays below the image's root. */
function checked(path: string): string {
  if (/^(\/[\w.*-]+)+$/.test(path) && !/\/\.\.?(\/|$)/.test(path)) return path;
  throw new Error(
    `golden image: ${JSON.stringify(path)} is no absolute path of letters, digits, "_", ".", "-" and "*"`,
  );
}

/** A text as printf's first argument, between single quotes. */
function printfFormat(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("%", "%%").replaceAll("'", "\\047").replaceAll("\n", "\\n");
  // Otherwise an option.
  return escaped.replace(/^-/, "\\055");
}
