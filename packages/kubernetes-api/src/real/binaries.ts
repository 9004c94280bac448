import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { unfinished } from "@standin/common/unfinished";
import { kubernetesVersion } from "../nodeObject";
import { installedEtcd } from "./available";
import { run } from "./run";

export interface Binaries {
  readonly apiServer: string;
  readonly controllerManager: string;
  readonly scheduler: string;
  readonly kwok: string;
  readonly etcd: string;
}

const kubePackages = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];

function modulesHash(): string {
  const hash = createHash("sha256");
  for (const module of ["kube", "kwok"])
    for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(__dirname, "go", module, file)));
  return hash.digest("hex").slice(0, 12);
}

const binariesIn = (cacheDir: string): string => join(cacheDir, `kubernetes-${kubernetesVersion}-${modulesHash()}`);
const etcdIn = (cacheDir: string): string => join(cacheDir, "etcd-server", "usr/bin/etcd");

/** Is all that `startRealKubernetes` starts there already? Then it starts in seconds, and needs no Go. */
export function realKubernetesBuilt(cacheDir: string): boolean {
  return existsSync(binariesIn(cacheDir)) && (installedEtcd() !== undefined || existsSync(etcdIn(cacheDir)));
}

async function goBuild(module: string, packages: readonly string[], ldflags: string, into: string): Promise<void> {
  const args = [
    "go",
    "build",
    "-trimpath",
    "-mod=readonly",
    "-buildvcs=false",
    "-ldflags",
    ldflags,
    "-o",
    `${into}/`,
    ...packages,
  ];
  // The machine stays usable while it builds.
  await run("nice", ["-n", "10", ...args], {
    cwd: join(__dirname, "go", module),
    env: { GOWORK: "off", CGO_ENABLED: "0" },
  });
}

async function build(directory: string, log: (line: string) => void): Promise<void> {
  const started = Date.now();
  log(
    `Building Kubernetes ${kubernetesVersion} and kwok from Go modules, once; this takes 3 minutes on 2 idle cores, 11 on busy ones, more on a slow network ...`,
  );
  mkdirSync(dirname(directory), { recursive: true });
  const temporary = unfinished(directory);
  mkdirSync(temporary);
  try {
    const [major = "", minor = ""] = kubernetesVersion.slice(1).split(".");
    const version = "k8s.io/component-base/version";
    const flags = `-s -w -X ${version}.gitVersion=${kubernetesVersion} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`;
    await goBuild(
      "kube",
      kubePackages.map((name) => `k8s.io/kubernetes/cmd/${name}`),
      flags,
      temporary,
    );
    await goBuild("kwok", ["sigs.k8s.io/kwok/cmd/kwok"], "-s -w", temporary);
    // Whole or not at all: an interrupted build leaves no half of it behind.
    if (!existsSync(directory)) renameSync(temporary, directory);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  log(`Built in ${Math.round((Date.now() - started) / 1000)} s; kept in ${directory}`);
}

/** etcd as installed, else from Debian's or Ubuntu's package, unpacked into the cache: nothing is installed, no service starts. */
async function findEtcd(cacheDir: string, log: (line: string) => void): Promise<string> {
  const installed = installedEtcd();
  if (installed !== undefined) return installed;
  return unpackEtcd(cacheDir, log);
}

export async function unpackEtcd(cacheDir: string, log: (line: string) => void): Promise<string> {
  const directory = join(cacheDir, "etcd-server");
  const binary = etcdIn(cacheDir);
  if (existsSync(binary)) return binary;
  log("Fetching Debian's etcd-server with apt-get download (unpacked into the cache, not installed) ...");
  mkdirSync(cacheDir, { recursive: true });
  const temporary = unfinished(directory);
  mkdirSync(temporary, { recursive: true });
  const download = (): Promise<string> => run("apt-get", ["download", "etcd-server"], { cwd: temporary });
  try {
    await download().catch(async (error: unknown) => {
      // A fresh image has no package lists; only root may fetch them.
      if (process.getuid?.() !== 0) throw error;
      await run("apt-get", ["update"]);
      return download();
    });
    const deb = readdirSync(temporary).find((name) => name.endsWith(".deb"));
    if (deb === undefined) throw new Error("apt-get download left no package");
    await run("dpkg-deb", ["-x", join(temporary, deb), temporary]);
    if (!existsSync(directory)) renameSync(temporary, directory);
  } catch (error) {
    throw new Error(
      "etcd is missing and could not be fetched; install it yourself (Debian, Ubuntu: apt-get install etcd-server)",
      { cause: error },
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return binary;
}

/** The binaries, built on the first call (minutes) and then from the cache. @throws when Go or etcd fail, with their words. */
export async function loadBinaries(cacheDir: string, log: (line: string) => void): Promise<Binaries> {
  const directory = binariesIn(cacheDir);
  const etcd = await findEtcd(cacheDir, log);
  if (!existsSync(directory)) await build(directory, log);
  return {
    apiServer: join(directory, "kube-apiserver"),
    controllerManager: join(directory, "kube-controller-manager"),
    scheduler: join(directory, "kube-scheduler"),
    kwok: join(directory, "kwok"),
    etcd,
  };
}
