import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { startCloud, type Cloud } from "@standin/hetzner-api/cloud";
import {
  startLocalKubernetes,
  startRealKubernetes,
  type ExtraKind,
  type LocalKubernetes,
} from "@standin/kubernetes-api";
import type { RealMachines } from "@standin/machines/real";
import { hostKeyPair } from "@standin/machines/simulated/hostKeyPair";
import { CERTIFICATE_KEYS, configKey, kubernetesFacts, publicNames, secretsOf, type KubernetesFacts } from "./estate";
import { clockAhead } from "./clock";
import { startFleet } from "./fleet";
import { kubernetesDoor } from "./kubernetesDoor";
import type { FleetNeeds } from "./fleetNeeds";
import { LocalCloudError } from "./localCloudError";
import { standInCertificate, stillGood } from "./standInCertificate";

export { LocalCloudError };

/** Loopback ports of one stack's local cloud. They stand in the stack's configuration, so they must not change. */
export interface Ports {
  readonly hetzner: number;
  readonly ssh: number;
  readonly kubernetes: number;
}

export interface LocalCloudOptions {
  readonly stack: string;
  /** Everything that the local cloud keeps is below this folder. */
  readonly dir: string;
  readonly kubernetes: "local" | "real";
  /** Where real Kubernetes binaries are kept between runs. */
  readonly cacheDir: string;
  /** Real machines, with what they need and where their image is kept. Default: all are simulated. */
  readonly realMachines?: { readonly needs: FleetNeeds; readonly cacheDir: string };
  /** Days that its clock is ahead. Default: as the last run left it. */
  readonly later?: number | undefined;
  readonly log: (line: string) => void;
}

export interface LocalCloud {
  /** With which the program, the real CLI, hcloud and kubectl reach it. */
  readonly env: Readonly<Record<string, string>>;
  /** Stack configuration, full keys. */
  readonly config: Readonly<Record<string, string>>;
  readonly secretConfigKeys: readonly string[];
  /** Days that its clock is ahead of the machine's. */
  readonly later: number;
  readonly cloud: Cloud;
  readonly kubernetes: LocalKubernetes;
  readonly realMachines: RealMachines | undefined;
  close(): Promise<void>;
}

interface Identity {
  readonly ports: Ports;
  readonly token: string;
  readonly passphrase: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** With which somebody called {@link OPERATOR} logs in. */
  readonly operatorKey: { readonly private: string; readonly public: string };
  readonly kubernetes?: KubernetesFacts | undefined;
  readonly later: number;
}

/**
 * What Calico's operator and the Gateway API bring to a cluster: tasks on the first K3s server fetch it, which a
 * rehearsal cannot run.
 */
const FETCHED_KINDS: readonly ExtraKind[] = [
  { group: "operator.tigera.io", version: "v1", kind: "Installation", plural: "installations", namespaced: false },
  {
    group: "crd.projectcalico.org",
    version: "v1",
    kind: "FelixConfiguration",
    plural: "felixconfigurations",
    namespaced: false,
  },
  { group: "gateway.networking.k8s.io", version: "v1", kind: "Gateway", plural: "gateways", namespaced: true },
  { group: "gateway.networking.k8s.io", version: "v1", kind: "HTTPRoute", plural: "httproutes", namespaced: true },
];

/** Who operates a rehearsed estate; the key is beside what the rehearsal keeps, in operator_key. */
const OPERATOR = "rehearsal";

/** What the local Hetzner API keeps. */
export const cloudFile = (dir: string): string => join(dir, "hetzner.db");

/** Starts the local cloud of one stack: Hetzner's API, machines that answer SSH, and a Kubernetes API. */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const identity = await loadIdentity(options);
  await assertFree(identity.ports, options.dir);
  const started: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const part of started.reverse()) await part.close();
  };
  try {
    const { names = [], ...cidrs } = identity.kubernetes ?? {};
    const door = await kubernetesDoor(identity.ports.kubernetes);
    started.push(door);
    const common = { extraSans: names, ...cidrs, extraKinds: FETCHED_KINDS };
    const kubernetes =
      options.kubernetes === "real"
        ? await startRealKubernetes({
            ...common,
            cacheDir: options.cacheDir,
            stateDir: join(options.dir, "kubernetes-real"),
            log: options.log,
          }).catch((error: unknown) => {
            // What it needs of this machine, not a defect: told without a stack trace.
            throw new LocalCloudError(`--kubernetes real: ${(error as Error).message}`, { cause: error });
          })
        : await startLocalKubernetes({
            ...common,
            stateFile: join(options.dir, "kubernetes.db"),
            now: clockAhead(identity.later),
          });
    started.push(kubernetes);
    const fleet = await startFleet({
      dir: options.dir,
      cacheDir: options.realMachines?.cacheDir ?? options.cacheDir,
      entryPort: identity.ports.ssh,
      kubernetes,
      real: options.realMachines?.needs,
      log: options.log,
    });
    started.push(fleet.machines);
    const cloud = await startCloud({
      stateFile: cloudFile(options.dir),
      machines: fleet.machines,
      ...(fleet.targetHealth === undefined ? {} : { targetHealth: fleet.targetHealth }),
      port: identity.ports.hetzner,
      token: identity.token,
    });
    started.push(cloud);
    fleet.follow(cloud);
    door.leadTo(kubernetes.url, (kinds) => cloud.snapshot(kinds));
    return {
      env: {
        HCLOUD_ENDPOINT: cloud.endpoint,
        HCLOUD_TOKEN: identity.token,
        HCLOUD_POLL_INTERVAL: "50ms",
        PULUMI_CONFIG_PASSPHRASE: identity.passphrase,
      },
      config: configuration(identity),
      secretConfigKeys: Object.keys(identity.secrets).map(configKey),
      later: identity.later,
      cloud,
      kubernetes,
      realMachines: fleet.real,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function configuration(identity: Identity): Record<string, string> {
  return {
    // From where everything comes here: addresses of loopback stand for networks of the internet.
    [configKey("operatorCidrs")]: JSON.stringify(["127.0.0.1/32"]),
    [configKey("operators")]: JSON.stringify([{ name: OPERATOR, publicKeys: [identity.operatorKey.public.trim()] }]),
    [configKey("bastionSshPort")]: String(identity.ports.ssh),
    [configKey("bastionKubernetesPort")]: String(identity.ports.kubernetes),
    ...Object.fromEntries(Object.entries(identity.secrets).map(([key, value]) => [configKey(key), value])),
  };
}

/** Ports, token and made-up secrets of this stack's local cloud, the same in every run; what its API last was. */
async function loadIdentity(options: LocalCloudOptions): Promise<Identity> {
  const file = join(options.dir, "identity.json");
  const known = existsSync(file) ? parseIdentity(file) : {};
  const [hetzner, ssh, kubernetes] = await freePorts(3);
  const identity: Identity = {
    ports: known.ports ?? { hetzner: hetzner ?? 0, ssh: ssh ?? 0, kubernetes: kubernetes ?? 0 },
    token: known.token ?? randomBytes(32).toString("hex"),
    passphrase: known.passphrase ?? randomBytes(24).toString("base64url"),
    operatorKey: known.operatorKey ?? hostKeyPair(OPERATOR),
    secrets: {
      ...Object.fromEntries(
        secretsOf(options.stack).map((key) => [
          key,
          known.secrets?.[key] ?? `rehearsal${randomBytes(12).toString("hex")}`,
        ]),
      ),
      ...(await certificateSecrets(publicNames(options.stack), known.secrets ?? {})),
    },
    // A stack whose file is in error can be destroyed all the same.
    kubernetes: kubernetesFacts(options.stack) ?? known.kubernetes,
    later: options.later ?? known.later ?? 0,
  };
  if (identity.later < (known.later ?? 0))
    throw new LocalCloudError(
      `--later ${identity.later}: this rehearsal's clock is ${known.later} days ahead already, and goes forward only; nothing was changed. Give a larger number, or delete ${options.dir} to begin anew.`,
    );
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
  writeFileSync(join(options.dir, "operator_key"), identity.operatorKey.private, { mode: 0o600 });
  return identity;
}

/** What would be uploaded for the public names: the one of an earlier run while it does. */
async function certificateSecrets(
  hosts: readonly string[],
  known: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  if (stillGood(known[CERTIFICATE_KEYS.certificate], hosts)) return {};
  const { certificate, privateKey } = await standInCertificate(hosts);
  return { [CERTIFICATE_KEYS.certificate]: certificate, [CERTIFICATE_KEYS.privateKey]: privateKey };
}

const identityFile = z
  .object({
    ports: z.object({ hetzner: port(), ssh: port(), kubernetes: port() }),
    token: z.string().length(64),
    passphrase: z.string().min(1),
    operatorKey: z.object({ private: z.string(), public: z.string() }),
    secrets: z.record(z.string(), z.string()),
    kubernetes: z.object({ names: z.array(z.string()), podCidr: z.string(), serviceCidr: z.string() }),
    later: z.number().int().min(0),
  })
  .partial();

function port(): z.ZodNumber {
  return z.number().int().min(1).max(65_535);
}

function parseIdentity(file: string): z.infer<typeof identityFile> {
  const remedy = "Mend it, or delete its folder to begin this stack's rehearsal anew; nothing was changed.";
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new LocalCloudError(`${file} cannot be read as JSON. ${remedy}`);
  }
  const result = identityFile.safeParse(content);
  if (result.success) return result.data;
  const mistakes = result.error.issues.map(({ path, message }) => `${file}: ${path.join(".")}: ${message}`);
  throw new LocalCloudError(`${mistakes.join("\n")}\n${remedy}`);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** @throws LocalCloudError naming every port of the local cloud that another program holds. */
async function assertFree(ports: Ports, dir: string): Promise<void> {
  const taken: string[] = [];
  for (const [service, port] of Object.entries(ports) as [string, number][]) {
    const error = await tryPort(port);
    if (error !== undefined) taken.push(`port ${port} of 127.0.0.1 (${service}) cannot be used (${error})`);
  }
  if (taken.length === 0) return;
  throw new LocalCloudError(
    `${taken.join("\n")}\nStop the program that holds it, or write another port into ${join(dir, "identity.json")}; nothing was changed.`,
  );
}

/** Undefined: it is free. Otherwise the system's code for why not, e.g. EADDRINUSE. */
function tryPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(undefined)));
  });
}
