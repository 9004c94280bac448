import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

export type Availability = { readonly ok: true } | { readonly ok: false; readonly why: string };

const has = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: "ignore", timeout: 10_000 }).status === 0;

/** Oldest Go that builds the pinned modules; an older one that may fetch its toolchain will do, too. */
const neededGo = [1, 25] as const;

function goProblem(): string | undefined {
  const asked = spawnSync("go", ["env", "GOVERSION", "GOTOOLCHAIN"], { encoding: "utf8", timeout: 10_000 });
  if (asked.status !== 0) return "Go is not on PATH (https://go.dev/dl), which builds kube-apiserver once";
  const [version = "", toolchain = ""] = asked.stdout.split("\n");
  const [major = 0, minor = 0] = version.replace(/^go/, "").split(".").map(Number);
  const isOld = major < neededGo[0] || (major === neededGo[0] && minor < neededGo[1]);
  return isOld && toolchain.startsWith("local")
    ? `Go ${neededGo.join(".")} or newer is needed, found ${version}`
    : undefined;
}

/** Where Debian's and everybody's packages put etcd. */
export function installedEtcd(): string | undefined {
  return ["/usr/bin/etcd", "/usr/local/bin/etcd"].find((path) => existsSync(path));
}

/** Can a real API server run on this machine, if need be after its build? `why` is one line for the user. */
export function realKubernetesAvailable(): Availability {
  if (process.platform !== "linux") return { ok: false, why: `this is ${process.platform}, not Linux` };
  const go = goProblem();
  if (go !== undefined) return { ok: false, why: go };
  if (installedEtcd() === undefined && !(has("apt-get", "--version") && has("dpkg-deb", "--version")))
    return {
      ok: false,
      why: "etcd is not installed (Debian, Ubuntu: apt-get install etcd-server), and this system has no apt to fetch it",
    };
  return { ok: true };
}
