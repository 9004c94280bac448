import { JOB_CONNECTIONS } from "../../data/postgres/connectionBudget";
import { allowOutbound } from "../../topology/outbound";
import type { Pods } from "../../topology/party";
import type { Address, Endpoint } from "../../topology/topology";
import { requireServices, type WorkloadContext } from "../workloadContext";
import type { AppEntry } from "./appEntry";
import type { AppNeeds, PartOf, ServiceKind, Variables } from "./appNeeds";
import { ANSWERS, place, postgresAnswer, type Answer, type SharedKind } from "./serviceAnswers";

/** Variables that an application's needs give it, where it names none. */
export const USUAL_VARIABLES: { readonly [Kind in Exclude<ServiceKind, "app">]: Variables<Kind> } = {
  postgres: { DATABASE_URL: "url" },
  mariadb: { DATABASE_URL: "url" },
  redis: { REDIS_URL: "url" },
  rabbitmq: { RABBITMQ_URL: "url" },
  bucket: {
    MINIO_URL: "url",
    MINIO_BUCKET: "bucket",
    MINIO_REGION: "region",
    MINIO_ACCESS_KEY: "accessKey",
    MINIO_SECRET_KEY: "secretKey",
  },
  vectors: { VECTOR_URL: "url", VECTOR_API_KEY: "apiKey" },
  llm: { LLM_URL: "url" },
};

/** The variables that one of an application's needs gives it. */
export function variablesOf<Kind extends Exclude<ServiceKind, "app">>(kind: Kind, needs: AppNeeds): Variables<Kind> {
  const own = needs[kind]?.variables as Variables<Kind> | undefined;
  const more = kind === "bucket" && needs.bucket?.publish === true ? { MINIO_PUBLIC_URL: "publicUrl" } : {};
  return own ?? { ...USUAL_VARIABLES[kind], ...more };
}

/** The pods of one application. */
export interface Consumers {
  /** By the name of the process within the application; at least one. */
  readonly processes: readonly { readonly key: string; readonly pods: Pods }[];
  readonly migration: Pods | undefined;
}

export interface GivenEndpoints {
  /** LiteLLM's. */
  readonly llm: Endpoint | undefined;
  /** Of another application, by its name, process and port. */
  readonly app: (app: string, process: string, port: string) => Endpoint | undefined;
}

export interface PlannedNeeds {
  readonly env: Readonly<Record<string, string>>;
  /** What the migration has instead. */
  readonly migrationEnv: Readonly<Record<string, string>>;
  readonly uses: readonly Endpoint[];
}

/** Asks for everything that an application needs, for each of its pods: so the flows are declared, and the variables known. */
export function planNeeds(
  entry: AppEntry,
  consumers: Consumers,
  given: GivenEndpoints,
  context: WorkloadContext,
): PlannedNeeds {
  const { processes, migration } = consumers;
  const running = processes.map(({ pods }) => pods);
  const database = postgresNeeds(entry, running, migration, context);
  const shared = (Object.keys(ANSWERS) as SharedKind[]).map((kind) => sharedNeed(kind, entry, consumers, context));
  const { topology } = context;
  const called = [
    ...llmCall(entry, given),
    ...(entry.needs?.apps ?? []).flatMap(({ app, process = "web", port = "http", variables }) => {
      const endpoint = given.app(app, process, port);
      // Told by judgeEntry.
      return endpoint === undefined ? [] : [{ endpoint, variables, why: ` asks ${app}` }];
    }),
  ].map(({ endpoint, variables, why }) => {
    const address = first(running.map((pods) => topology.connect(pods, endpoint, `${pods.app}${why}`)));
    return named<"app">(variables, callParts(address));
  });
  const vault = vaultNeed(entry, [...running, ...(migration === undefined ? [] : [migration])], context);
  for (const { port, purpose, processes: only } of entry.needs?.internet ?? []) {
    for (const { key, pods } of processes)
      if (only?.includes(key) ?? true) allowOutbound(topology, pods, port, `${pods.app} ${purpose}`);
  }
  return {
    env: Object.assign({}, database.env, ...shared.map(({ env }) => env), ...called) as Record<string, string>,
    migrationEnv: database.migrationEnv,
    uses: [...database.uses, ...shared.flatMap(({ uses }) => uses), ...vault],
  };
}

/** Straight to the leader for the migration, whatever way the processes go. */
function postgresNeeds(
  entry: AppEntry,
  running: readonly Pods[],
  migration: Pods | undefined,
  context: WorkloadContext,
): PlannedNeeds {
  const need = entry.needs?.postgres;
  if (need === undefined) return { env: {}, migrationEnv: {}, uses: [] };
  const { via = "leader", replicaVariables } = need;
  const variables = variablesOf("postgres", { postgres: need });
  const way = (consumer: Pods, route: typeof via, asked = need): Answer<"postgres"> =>
    postgresAnswer({ entry, context, consumer }, asked, route);
  const own = first(running.map((pods) => way(pods, via)));
  const replicas = replicaVariables === undefined ? undefined : first(running.map((pods) => way(pods, "replicas")));
  const direct =
    migration === undefined ? undefined : way(migration, "leader", { ...need, connections: JOB_CONNECTIONS });
  return {
    env: {
      ...named<"postgres">(variables, own.parts),
      ...(replicas === undefined || replicaVariables === undefined
        ? {}
        : named<"postgres">(replicaVariables, replicas.parts)),
    },
    migrationEnv: direct === undefined || via === "leader" ? {} : named<"postgres">(variables, direct.parts),
    uses: [own.endpoint],
  };
}

/** The answer is the same for all of an application's pods, its migration's among them; each asks, and so has its flow. */
function sharedNeed<Kind extends SharedKind>(
  kind: Kind,
  entry: AppEntry,
  { processes, migration }: Consumers,
  context: WorkloadContext,
): Pick<PlannedNeeds, "env" | "uses"> {
  const pods = [...processes.map((one) => one.pods), ...(migration === undefined ? [] : [migration])];
  const answer = first(pods.map((consumer) => ANSWERS[kind]({ entry, context, consumer })));
  if (answer === undefined) return { env: {}, uses: [] };
  const variables = variablesOf(kind, entry.needs ?? {});
  return { env: named<Kind>(variables, answer.parts), uses: [answer.endpoint] };
}

function vaultNeed({ name, needs }: AppEntry, pods: readonly Pods[], context: WorkloadContext): readonly Endpoint[] {
  if (needs?.vault === undefined) return [];
  const { vault } = requireServices(context, name, ["vault"]);
  return pods.flatMap((consumer) => vault.reach(consumer) ?? []);
}

function llmCall({ needs }: AppEntry, { llm }: GivenEndpoints) {
  if (needs?.llm === undefined || llm === undefined) return [];
  return [{ endpoint: llm, variables: variablesOf("llm", needs), why: "'s questions to the models" }];
}

function callParts(address: Address): Answer<"app">["parts"] {
  const { host, port } = place(address);
  return { url: `http://${host}:${port}`, host, port };
}

/** The variables with what they hold. */
function named<Kind extends ServiceKind>(
  variables: Variables<Kind>,
  parts: Answer<Kind>["parts"],
): Readonly<Record<string, string>> {
  const entries = Object.entries(variables) as readonly (readonly [string, PartOf<Kind>])[];
  return Object.fromEntries(entries.map(([variable, part]) => [variable, parts[part]]));
}

function first<T>(answers: readonly T[]): T {
  if (answers.length === 0) throw new Error("an application without a process");
  return answers[0] as T;
}
