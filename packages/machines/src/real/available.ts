import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

export type Availability = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Commands that are needed, and the Debian or Ubuntu package that brings them. */
const COMMANDS: Readonly<Record<string, string>> = {
  debootstrap: "debootstrap",
  "systemd-nspawn": "systemd-container",
  ip: "iproute2",
  nsenter: "util-linux",
  mount: "mount",
};

/** Is this a machine on which real machines can run? Installs nothing; see installTools. */
export function realMachinesAvailable(): Availability {
  if (process.platform !== "linux") return no(`this is ${process.platform}, and they need Linux`);
  if (process.arch !== "x64" && process.arch !== "arm64") return no(`no Debian for ${process.arch}`);
  if (process.getuid?.() !== 0) return no("they need root");
  if (!existsSync("/proc/self/ns/net") || !/\boverlay$/m.test(readFileSync("/proc/filesystems", "utf8")))
    return no("the kernel lacks network namespaces or overlayfs");
  if (!writable("/sys/fs/cgroup/systemd") && !writable("/sys/fs/cgroup"))
    return no("the control groups in /sys/fs/cgroup cannot be written");
  const missing = missingTools();
  if (missing.length > 0 && !hasCommand("apt-get"))
    return no(`commands of the packages ${missing.join(", ")} are missing`);
  return { ok: true };
}

/** Installs what is missing with apt, which realMachinesAvailable found to be there. */
export function installTools(log: (line: string) => void): void {
  const missing = missingTools();
  if (missing.length === 0) return;
  log(`Installing ${missing.join(", ")} with apt: real machines need it.`);
  const options = { stdio: "pipe", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } } as const;
  const install = (): Buffer =>
    execFileSync("apt-get", ["-q", "-y", "--no-install-recommends", "install", ...missing], options);
  try {
    install();
  } catch {
    // Lists may be old, or never fetched.
    execFileSync("apt-get", ["-q", "update"], options);
    install();
  }
}

/** Packages of Debian or Ubuntu that installTools would install. */
export function missingTools(): readonly string[] {
  const missing = Object.entries(COMMANDS).filter(([command]) => !hasCommand(command));
  return [...new Set(missing.map(([, name]) => name))];
}

function hasCommand(command: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/bin", "/bin"];
  return folders.some((folder) => existsSync(join(folder, command)));
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function no(why: string): Availability {
  return { ok: false, why };
}
