import type { AppArgs } from "../../apps/appArgs";
import type { AppPlan } from "../../apps/appPlan";
import { processPods } from "../../apps/labels";
import { patchMistakes } from "../../apps/patchObjects";
import { planApp } from "../../apps/planApp";
import { renderPlain } from "../../apps/renderApp";
import { serviceEndpoint } from "../../apps/serviceEndpoint";
import { Mistakes, type Mistake } from "../../mistakes";
import type { SecretLedger } from "../../secrets/secretLedger";
import { placeholder } from "../../secrets/secretRef";
import type { Endpoint } from "../../topology/topology";
import type { WorkloadContext } from "../workloadContext";
import type { AppEntry } from "./appEntry";
import { migrationOf, namespaceOf, placed, podsOf, servicePorts, type PlacedProcess } from "./appLayout";
import { crons, lastingProcesses, USUAL_RESOURCES } from "./entryProcesses";
import { exposeEntry, secretVariables } from "./exposeEntry";
import { fillTexts } from "./fillTexts";
import type { JudgedAmong } from "./judgedAmong";
import { judgeEntry, variableSources } from "./judgeEntry";
import { placeMistakes } from "./judgePlace";
import { owning } from "./ownedNames";
import { planNeeds, type PlannedNeeds } from "./planNeeds";

export interface AppEntriesGiven extends Pick<JudgedAmong, "names" | "reservedNamespaces" | "llm" | "zones"> {
  /** LiteLLM's, where it is on and sound. */
  readonly llmEndpoint: Endpoint | undefined;
  /** Of the cluster: so many pods has a daemon. */
  readonly nodes: number;
}

export interface PlannedEntry {
  readonly app: AppPlan;
  readonly endpoints: readonly Endpoint[];
}

const RUNTIME: AppArgs["runtime"] = { uid: 1000, rootFilesystem: "readOnly" };
const MIGRATION_SECONDS = 600;

/** What judgeEntry has told in the entry's own words: names twice, checks of ports that are not there. */
const JUDGED = /^[^.]+\.processes$|\.probes\.\w+\.port$/;

/**
 * Plans the applications of an environment's `apps`. One with mistakes is left out, and all of its mistakes are added,
 * with their places in the environment.
 */
export function planAppEntries(
  entries: readonly AppEntry[],
  given: AppEntriesGiven,
  context: WorkloadContext,
  mistakes: Mistakes,
): readonly PlannedEntry[] {
  const judged = entries.map((entry, i) => {
    const owner = `workloads.apps[${i}]`;
    const among = { ...given, context, owner, entries };
    const misplaced = placeMistakes(entry, among);
    return { entry, owner, misplaced, found: [...misplaced, ...judgeEntry(entry, among)] };
  });
  // Endpoints first: applications may use each other.
  const endpoints = new Map<AppEntry, ReadonlyMap<string, Endpoint>>();
  for (const { entry, misplaced } of judged) if (misplaced.length === 0) endpoints.set(entry, declare(entry, context));
  const app = (name: string, process: string, port: string): Endpoint | undefined => {
    const named = entries.find((entry) => entry.name === name);
    return named === undefined ? undefined : endpoints.get(named)?.get(`${process}/${port}`);
  };

  return judged.flatMap(({ entry, owner, found }): readonly PlannedEntry[] => {
    const own = new Mistakes();
    own.add(...found);
    const declared = endpoints.get(entry);
    const mistaken = (place: string): boolean => mistakes.concerns(`${owner}.${place}`);
    if (declared !== undefined) exposeEntry(entry, declared, app, context, mistaken);
    const consumers = {
      // What is open for a process is open for another version of it.
      processes: placed(entry).map((one) => ({ key: one.canaryOf ?? one.key, pods: podsOf(entry, one) })),
      migration: entry.migration === undefined ? undefined : processPods(namespaceOf(entry), migrationOf(entry)),
    };
    const mine = owning(context, owner, given.names);
    const asked =
      found.length > 0
        ? undefined
        : own.attempt(() => planNeeds(entry, consumers, { llm: given.llmEndpoint, app }, mine));
    const needs = asked ?? unasked(entry);
    const parts = own.attempt(() => planApp(appArgs(entry, needs, context.secrets, given.nodes), context.secrets, own));
    if (parts?.patch !== undefined && own.none) own.add(...patchMistakes(renderPlain(parts), parts.patch));
    const told = own.all.filter(({ path }) => found.length === 0 || !JUDGED.test(path));
    // Where something is told already, what stands there now is only what may have been meant.
    const here = told
      .map((one) => ({ ...one, path: placeInEntry(entry, one.path) }))
      .filter(({ path }) => !mistaken(path));
    mistakes.add(...here.map((one) => ({ ...one, path: `${owner}.${one.path}` })));
    if (declared === undefined || parts === undefined || !own.none) return [];
    return [{ app: parts, endpoints: [...declared.values()] }];
  });
}

/** What an application with mistakes has instead of answers, so that its variables are judged as they would be. */
function unasked(entry: AppEntry): PlannedNeeds {
  const variables = variableSources(entry).flatMap(([path, names]) => (path.startsWith("needs.") ? names : []));
  return {
    env: made(
      variables.map((name) => [name, "unasked"]),
      placeholder,
    ),
    migrationEnv: {},
    uses: [],
  };
}

/** The Services of its web processes, by process and port. */
function declare(entry: AppEntry, { topology }: WorkloadContext): ReadonlyMap<string, Endpoint> {
  return new Map(
    placed(entry).flatMap((one): readonly (readonly [string, Endpoint])[] => {
      if (one.process.kind !== "web") return [];
      const pods = podsOf(entry, one);
      return Object.entries(servicePorts(one.process)).map(([port, number]) => {
        const id = `${pods.namespace}/${pods.app}${port === "http" ? "" : `/${port}`}`;
        return [`${one.key}/${port}`, serviceEndpoint(topology, id, pods, number)];
      });
    }),
  );
}

function appArgs(entry: AppEntry, needs: PlannedNeeds, secrets: SecretLedger, nodes: number): AppArgs {
  const { name, image, runtime = RUNTIME, env = {}, files, sharedFiles, pullSecret, migration } = entry;
  const all = placed(entry);
  const given = { ...secretVariables(entry, { secrets }), ...needs.env };
  const variables = { ...fillTexts(env, given), ...given };
  return {
    name,
    namespace: namespaceOf(entry),
    image,
    runtime,
    config: { env: variables, ...(files === undefined ? {} : { files: fillTexts(files, variables) }) },
    processes: lastingProcesses(all, nodes),
    crons: crons(all),
    uses: needs.uses,
    ...(entry.patch === undefined ? {} : { patch: entry.patch }),
    ...(entry.needs?.vault === undefined ? {} : { vaultFiles: entry.needs.vault.files }),
    ...(migration === undefined ? {} : { migration: migrationArgs(entry, migration, needs) }),
    ...(sharedFiles === undefined ? {} : { volume: volumeArgs(name, sharedFiles) }),
    ...(pullSecret === undefined ? {} : { pullSecret }),
  };
}

function migrationArgs(
  entry: AppEntry,
  { command, env = {}, timeoutSeconds = MIGRATION_SECONDS, retries, resources }: NonNullable<AppEntry["migration"]>,
  { migrationEnv }: PlannedNeeds,
): NonNullable<AppArgs["migration"]> {
  return {
    name: migrationOf(entry),
    command,
    env: { ...migrationEnv, ...env },
    timeoutSeconds,
    ...(retries === undefined ? {} : { retries }),
    resources: resources ?? USUAL_RESOURCES,
  };
}

function volumeArgs(name: string, files: NonNullable<AppEntry["sharedFiles"]>): NonNullable<AppArgs["volume"]> {
  const { path, sizeGb, sharedClass } = files;
  return { name: `${name}-files`, path, sizeGb, ...(sharedClass === undefined ? {} : { storage: { sharedClass } }) };
}

function made(
  from: readonly (readonly [variable: string, name: string])[],
  make: (name: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(from.map(([variable, name]) => [variable, make(name)]));
}

/** Where in the environment stands what a mistake of the plan is about: "shop.processes.shop-worker.scale" is "processes[1].scale". */
function placeInEntry(entry: AppEntry, path: Mistake["path"]): string {
  const inside = path.startsWith(`${entry.name}.`) ? path.slice(entry.name.length + 1) : path;
  const plain = inside
    .replace(/^config\.(?=env|files)/, "")
    .replace(/^volume(?=\.)/, "sharedFiles")
    .replace(/^redis\.owner$/, "name")
    .replace(/^redis(?=\.)/, "needs.redis");
  const process = placed(entry)
    .filter((one: PlacedProcess) => new RegExp(`^(processes|crons)\\.${one.objectName}\\.`).test(plain))
    .map(({ path: at, objectName }) => plain.replace(new RegExp(`^\\w+\\.${objectName}\\.`), `${at}.`));
  return process[0] ?? plain;
}
