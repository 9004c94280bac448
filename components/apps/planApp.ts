import type { SecretLedger } from "../secrets/secretLedger";
import { hasSecret } from "../secrets/secretRef";
import type { AppArgs, ConfigDirectory, Migration } from "./appArgs";
import { appMistakes } from "./appMistakes";
import type { AppPlan, MigrationPlan, MountedDirectory, MountedFile } from "./appPlan";
import { planCron } from "./crons";
import { refuse, type Mistakes } from "../mistakes";
import { planProcess } from "./planProcess";

/**
 * Fills in defaults and separates what is secret from what is not.
 *
 * @param mistakes where its mistakes are added; whoever gives it sees to it that nothing is registered then. Default:
 *   a MistakesError with every mistake of the application is thrown.
 */
export function planApp(args: AppArgs, ledger: SecretLedger, mistakes?: Mistakes): AppPlan {
  const processes = args.processes.map(planProcess);
  const crons = (args.crons ?? []).map(planCron);
  const found = appMistakes(args, processes, crons);
  if (mistakes === undefined) refuse(`application "${args.name}"`, found);
  else mistakes.add(...found);

  const { env } = args.config;
  const secret = { name: args.config.secretName ?? `${args.name}-secrets`, entries: pick(env, hasSecret) };
  const files = planFiles(args.config.files ?? {});
  const directories = (args.config.directories ?? []).map(planDirectory);
  const secretive = Object.keys(secret.entries).length > 0 || [...files, ...directories].some((one) => one.secret);
  return {
    name: args.name,
    partOf: args.partOf ?? args.name,
    namespace: args.namespace,
    image: args.image,
    runtime: {
      ...args.runtime,
      gid: args.runtime.gid ?? args.runtime.uid,
      writableDirectories: args.runtime.writableDirectories ?? ["/tmp"],
    },
    apiAccess: args.apiAccess ?? (args.clusterRights ?? []).length > 0,
    clusterRights: args.clusterRights ?? [],
    configMap: {
      name: args.config.configMapName ?? `${args.name}-config`,
      entries: pick(env, (value) => !hasSecret(value)),
    },
    secret,
    files,
    directories,
    checksumKey: secretive ? ledger.generated("workloads/checksum-key") : undefined,
    pullSecret: args.pullSecret,
    migration: args.migration === undefined ? undefined : planMigration(args.migration),
    firstAccount: args.firstAccount === undefined ? undefined : planMigration(args.firstAccount),
    administrator: args.administrator,
    processes,
    crons,
    volume: args.volume,
    vaultFiles: args.vaultFiles ?? [],
    patch: args.patch,
    uses: [...new Map((args.uses ?? []).map((endpoint) => [endpoint.id, endpoint])).values()],
  };
}

function planMigration(args: Migration): MigrationPlan {
  const env = args.env ?? {};
  return {
    ...args,
    env: pick(env, (value) => !hasSecret(value)),
    secret: { name: `${args.name}-secrets`, entries: pick(env, hasSecret) },
    retries: args.retries ?? 2,
  };
}

function planFiles(files: Readonly<Record<string, string>>): readonly MountedFile[] {
  return Object.entries(files)
    .sort(byKey)
    .map(([path, content]) => ({ path, key: path.slice(1).replaceAll("/", "-"), content, secret: hasSecret(content) }));
}

function planDirectory(directory: ConfigDirectory): MountedDirectory {
  return { ...directory, secret: Object.values(directory.files).some(hasSecret) };
}

/** Entries whose value passes, in the order of their names, so that one content always has one form. */
function pick(
  entries: Readonly<Record<string, string>>,
  test: (value: string) => boolean,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(entries)
      .filter(([, value]) => test(value))
      .sort(byKey),
  );
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
