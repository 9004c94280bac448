import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeLock } from "@standin/pulumi-engine/lock";
import { stateSummary } from "@standin/pulumi-engine/stateSummary";
import { realMachinesAvailable } from "@standin/machines/real";
import { isRunning } from "@standin/common/processes";
import { configKey, plainSecrets, soundEnvironment } from "../estate";
import { fleetNeeds } from "../fleetNeeds";
import { cloudFile, startLocalCloud, type LocalCloud } from "../localCloud";
import { LocalCloudError } from "../localCloudError";
import type { Options } from "./options";
import { embeddedStateFile, KUBERNETES_CACHE, makeDir, rehearsalDir, ROOT } from "./paths";
import { plainConfig } from "./stackFile";
import { tellCloud } from "./tellCloud";

export { ROOT };

/** With which a run reaches the local cloud, whether it is this process's own or one in the foreground elsewhere. */
export interface Session {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, string>>;
  readonly secretConfigKeys: readonly string[];
  readonly passphrase: string;
  /** Days that the local cloud's clock is ahead. */
  readonly later: number;
  /** The local cloud, where it is this process's own. */
  readonly own: LocalCloud | undefined;
  close(): Promise<void>;
}

/** Real machines where they are wanted and possible; otherwise one line says why not. */
function withPossibleMachines(options: Options, log: (line: string) => void): Options {
  if (options.machines === "simulated") return options;
  const real = realMachinesAvailable();
  if (real.ok) return options;
  log(`Machines are simulated: real ones are not possible here: ${real.why}.`);
  return { ...options, machines: "simulated" };
}

interface Running {
  readonly pid: number;
  readonly kubernetes: "local" | "real";
  readonly env: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, string>>;
  readonly secretConfigKeys: readonly string[];
  readonly later: number;
}

const runningFile = (dir: string): string => join(dir, "cloud.json");

/** The cloud that `rehearse cloud` keeps in another terminal, if there is one. */
function findRunning(dir: string): Running | undefined {
  if (!existsSync(runningFile(dir))) return undefined;
  try {
    const running = JSON.parse(readFileSync(runningFile(dir), "utf8")) as Running;
    if (isRunning(running.pid)) return running;
  } catch {
    // Cut off while it was written: its process is gone.
  }
  rmSync(runningFile(dir), { force: true });
  return undefined;
}

/** The Kubernetes API of the cloud in the foreground; undefined: there is no such cloud. */
export function keptKubernetes(dir: string): "local" | "real" | undefined {
  return findRunning(dir)?.kubernetes;
}

function consentConfig(consent: readonly string[]): Record<string, string> {
  return consent.length === 0 ? {} : { [configKey("consentToDelete")]: JSON.stringify(consent) };
}

/** @throws LocalCloudError when the engine's state speaks of a cloud whose own file is gone. */
function refuseStaleState(stack: string, dir: string): void {
  const state = embeddedStateFile(dir);
  if (!existsSync(state) || existsSync(cloudFile(dir))) return;
  const known = stateSummary(state)?.resources.length ?? 0;
  if (known === 0) return;
  throw new LocalCloudError(
    `${state} knows ${known} resources of ${stack}, but the local cloud that they were in is gone (${cloudFile(dir)}); nothing was changed. Delete ${dir} to begin anew.`,
  );
}

/** Joins the cloud in the foreground, or starts one for this run; with the weather that was asked for. */
export async function openSession(options: Options, log: (line: string) => void): Promise<Session> {
  const session = await joinCloud(options, log);
  if (options.faults.length === 0) return session;
  const tell = (faults: readonly string[]): Promise<void> => tellCloud(session.env, "weather", { faults });
  try {
    await tell(options.faults);
  } catch (error) {
    await session.close();
    throw error;
  }
  log(`Weather in the local cloud: ${options.faults.join(" ")}`);
  // Its own cloud's goes with it.
  if (session.own !== undefined) return session;
  return { ...session, close: once(() => tell([]).then(() => session.close())) };
}

async function joinCloud(wanted: Options, log: (line: string) => void): Promise<Session> {
  const options = withPossibleMachines(wanted, log);
  const dir = rehearsalDir(options.stack, options.machines);
  const running = findRunning(dir);
  if (running !== undefined && options.command === "cloud") {
    throw new LocalCloudError(
      `the local cloud of ${options.stack} is already in the foreground of process ${running.pid}; use that one, or end it with Ctrl-C`,
    );
  }
  if (running !== undefined && options.kubernetes !== undefined && options.kubernetes !== running.kubernetes)
    throw new LocalCloudError(
      `the local cloud of ${options.stack} in the foreground of process ${running.pid} has a ${running.kubernetes} Kubernetes API, not a ${options.kubernetes} one; end it with Ctrl-C, or leave --kubernetes out`,
    );
  const plain = plainConfig(join(ROOT, `Pulumi.${options.stack}.yaml`));
  for (const warning of plainSecrets(options.stack, Object.keys(plain))) log(`warning: ${warning}`);
  if (running !== undefined && options.later !== undefined && options.later !== running.later) {
    throw new LocalCloudError(
      `--later ${options.later}: the local cloud of ${options.stack} in the foreground of process ${running.pid} has its clock ${running.later} days ahead; end it with Ctrl-C first`,
    );
  }
  if (running !== undefined) {
    const consent = consentConfig(options.consent);
    return {
      dir,
      ...running,
      config: { ...running.config, ...plain, ...consent },
      passphrase: running.env["PULUMI_CONFIG_PASSPHRASE"] ?? "",
      own: undefined,
      close: async () => undefined,
    };
  }
  refuseStaleState(options.stack, dir);
  makeDir(dir);
  // One process at a time: two clouds would each believe that the files are theirs.
  const unlock = takeLock(join(dir, "cloud"), log);
  const cloud = await startLocalCloud({
    stack: options.stack,
    dir,
    kubernetes: options.kubernetes ?? "local",
    later: options.later,
    cacheDir: KUBERNETES_CACHE,
    ...(options.machines === "real"
      ? { realMachines: { needs: fleetNeeds(soundEnvironment(options.stack)), cacheDir: join(ROOT, ".cache") } }
      : {}),
    log,
  }).catch((error: unknown) => {
    unlock();
    throw error;
  });
  return {
    dir,
    env: cloud.env,
    config: { ...cloud.config, ...plain, ...consentConfig(options.consent) },
    secretConfigKeys: cloud.secretConfigKeys,
    passphrase: cloud.env["PULUMI_CONFIG_PASSPHRASE"] ?? "",
    later: cloud.later,
    own: cloud,
    close: once(async () => {
      await cloud.close();
      unlock();
    }),
  };
}

/** Runs the work at the first call; later calls wait for the same. */
function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}

/** Lets other runs find this process's cloud until the returned function is called. */
export function announce(session: Session, kubernetes: "local" | "real"): () => void {
  const running: Running = {
    pid: process.pid,
    kubernetes,
    env: session.env,
    config: session.config,
    secretConfigKeys: session.secretConfigKeys,
    later: session.later,
  };
  mkdirSync(session.dir, { recursive: true });
  // Seen whole or not at all.
  const draft = `${runningFile(session.dir)}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(running), { mode: 0o600 });
  renameSync(draft, runningFile(session.dir));
  return () => rmSync(runningFile(session.dir), { force: true });
}
