import { databaseRequestProblems } from "../../data/postgres/postgresDatabase";
import { duplicates, shown, type Mistake } from "../../mistakes";
import { nearestFix } from "../../nearest";
import { vaultFileMistakes } from "../../apps/vaultAgent";
import { PROVIDED_BY, type ServiceName } from "../workloadContext";
import { portOf } from "./entryProcesses";
import { databaseOf, placed, servicePorts } from "./appLayout";
import type { JudgedAmong } from "./judgedAmong";
import { hostMistakes } from "./judgePlace";
import { askedMistakes, routeMistakes } from "./judgeRoutes";
import type { AppEntry } from "./appEntry";
import type { ServiceKind } from "./appNeeds";
import { placeholdersIn, referenceMistakes } from "./fillTexts";
import type { OwnedKind } from "./ownedNames";
import { USUAL_VARIABLES, variablesOf } from "./planNeeds";

const SERVICES: Readonly<Record<Exclude<ServiceKind, "llm" | "app">, ServiceName>> = {
  postgres: "postgres",
  mariadb: "mariadb",
  redis: "redis",
  rabbitmq: "rabbit",
  bucket: "buckets",
  vectors: "vectors",
};

/** Its user has the same name. */
const MARIADB_NAME_MAX = 32;

/** Every mistake that an application's needs would stumble over, or that would give it what is another's; paths are within it. */
export function judgeEntry(entry: AppEntry, among: JudgedAmong): readonly Mistake[] {
  return [
    ...serviceMistakes(entry, among),
    ...ownedMistakes(entry, among),
    ...variableMistakes(entry),
    ...appMistakes(entry, among),
    ...processMistakes(entry),
    ...hostMistakes(entry, among),
    ...routeMistakes(entry, among),
    ...placeholderMistakes(entry),
    ...vaultFileMistakes("needs.vault.files", entry.needs?.vault?.files ?? []),
  ];
}

/** Placeholders are the plan's own: in a text of an entry one would stand for a secret of somebody else. */
function placeholderMistakes({ pullSecret: _given, ...entry }: AppEntry): readonly Mistake[] {
  return placeholdersIn(entry).map((path) => ({
    path,
    found: "a secret's placeholder",
    allowed: "texts without one: it would give away a secret, whosever it is",
    fix: 'name the secret in configuredSecrets, or refer to a variable: "{{DATABASE_URL}}"',
  }));
}

function serviceMistakes({ name, needs = {} }: AppEntry, { context, llm }: JudgedAmong): readonly Mistake[] {
  const lacking = (path: string, provider: string): Mistake => ({
    path,
    found: "nothing of that kind in this environment",
    allowed: `what the environment runs: ${provider}`,
    fix: `add ${provider}, or take the need from ${name}`,
  });
  return [
    ...(Object.keys(SERVICES) as (keyof typeof SERVICES)[])
      .filter((kind) => needs[kind] !== undefined && context[SERVICES[kind]] === undefined)
      .map((kind) => lacking(`needs.${kind}`, PROVIDED_BY[SERVICES[kind]])),
    ...(needs.llm !== undefined && llm === "off" ? [lacking("needs.llm", "workloads.liteLlm")] : []),
    ...(needs.vault !== undefined && context.vault === undefined ? [lacking("needs.vault", PROVIDED_BY.vault)] : []),
    ...(needs.bucket?.publish === true && context.files === undefined
      ? [lacking("needs.bucket.publish", PROVIDED_BY.files)]
      : []),
  ];
}

function ownedMistakes(entry: AppEntry, { names, owner }: JudgedAmong): readonly Mistake[] {
  const { postgres, mariadb, redis, rabbitmq, bucket } = entry.needs ?? {};
  const database = postgres?.database ?? databaseOf(entry);
  const wanted: readonly (readonly [path: string, kind: OwnedKind, name: string])[] = [
    ...(postgres === undefined
      ? []
      : ([
          ["needs.postgres.database", "PostgreSQL database", database],
          // Without a role of another name the database says it all.
          ...(postgres.owner === undefined
            ? []
            : ([["needs.postgres.owner", "PostgreSQL role", postgres.owner]] as const)),
        ] as const)),
    ...(mariadb === undefined
      ? []
      : ([["needs.mariadb.database", "MariaDB database", mariadb.database ?? databaseOf(entry)]] as const)),
    ...(redis === undefined ? [] : ([["needs.redis.index", "Redis database", String(redis.index)]] as const)),
    ...(rabbitmq === undefined
      ? []
      : ([["needs.rabbitmq.vhost", "RabbitMQ vhost", rabbitmq.vhost ?? entry.name]] as const)),
    ...(bucket === undefined ? [] : ([["needs.bucket.name", "bucket", bucket.name ?? entry.name]] as const)),
  ];
  const badNames =
    postgres === undefined
      ? []
      : databaseRequestProblems({ ...postgres, name: database, via: "leader", purpose: "" }).map((one) => ({
          ...one,
          path: `needs.postgres.${one.path.endsWith(".name") ? "database" : (one.path.split(".").at(-1) ?? "")}`,
        }));
  const mariadbName = mariadb?.database ?? databaseOf(entry);
  return [
    ...badNames,
    ...(mariadb === undefined || mariadbName.length <= MARIADB_NAME_MAX
      ? []
      : [
          {
            path: "needs.mariadb.database",
            found: `${shown(mariadbName)}, ${mariadbName.length} characters`,
            allowed: `up to ${MARIADB_NAME_MAX}`,
            fix: "name a shorter one",
          },
        ]),
    ...wanted.flatMap(([path, kind, name]): readonly Mistake[] => {
      const other = names.claim(kind, name, owner);
      if (other === owner) return [];
      return [
        {
          path,
          found: `${shown(name)}, the ${kind} of ${other}`,
          allowed: "one of its own: with the name would come the other's login and data",
          fix: "choose another",
        },
      ];
    }),
  ];
}

/** Where each of an application's variables comes from. */
export function variableSources(entry: AppEntry): readonly (readonly [path: string, variables: readonly string[]])[] {
  const { needs = {}, env = {}, configuredSecrets = {}, generatedSecrets = [] } = entry;
  const usual = Object.keys(USUAL_VARIABLES) as (keyof typeof USUAL_VARIABLES)[];
  return [
    ["env", Object.keys(env)],
    ["configuredSecrets", Object.keys(configuredSecrets)],
    ["generatedSecrets", generatedSecrets],
    ...usual.flatMap((kind) =>
      needs[kind] === undefined ? [] : [[`needs.${kind}.variables`, Object.keys(variablesOf(kind, needs))] as const],
    ),
    ["needs.postgres.replicaVariables", Object.keys(needs.postgres?.replicaVariables ?? {})],
    ...(needs.apps ?? []).map(({ variables }, i) => [`needs.apps[${i}].variables`, Object.keys(variables)] as const),
  ];
}

/** The public address of a bucket that is not public. */
function unpublished({ needs: { bucket } = {} }: AppEntry): readonly Mistake[] {
  if (bucket === undefined || bucket.publish === true) return [];
  return Object.entries(bucket.variables ?? {})
    .filter(([, part]) => part === "publicUrl")
    .map(([variable]) => ({
      path: `needs.bucket.variables.${variable}`,
      found: '"publicUrl" of a bucket that is not published',
      allowed: "its other parts",
      fix: "set needs.bucket.publish to true, or remove the variable",
    }));
}

function variableMistakes(entry: AppEntry): readonly Mistake[] {
  const sources = variableSources(entry);
  const all = sources.flatMap(([path, variables]) => variables.map((variable) => ({ path, variable })));
  const known = all.map(({ variable }) => variable);
  // What stands in `env` may not refer to `env`: one step, and no circles.
  const given = all.filter(({ path }) => path !== "env").map(({ variable }) => variable);
  return [
    ...duplicates(
      all,
      ({ variable }) => variable,
      ({ path, variable }, first) => ({
        path: `${path}.${variable}`,
        found: `a variable that ${first.path} gives, too`,
        allowed: "each variable from one place",
        fix: "remove one of them, or rename it (a need's `variables`)",
      }),
    ),
    ...unpublished(entry),
    ...referenceMistakes("env", entry.env ?? {}, given),
    ...referenceMistakes("files", entry.files ?? {}, known),
  ];
}

function appMistakes(entry: AppEntry, { entries }: JudgedAmong): readonly Mistake[] {
  const others = entries.filter(({ name }) => name !== entry.name);
  return (entry.needs?.apps ?? []).flatMap((need, i) => askedMistakes(`needs.apps[${i}]`, need, others));
}

function processMistakes(entry: AppEntry): readonly Mistake[] {
  const own = placed(entry).filter(({ canaryOf }) => canaryOf === undefined);
  const keys = own.map(({ key }) => key);
  const outbound = (entry.needs?.internet ?? []).flatMap(({ processes = [] }, i) =>
    processes
      .filter((name) => !keys.includes(name))
      .map((name) => ({
        path: `needs.internet[${i}].processes`,
        found: shown(name),
        allowed: keys.join(", "),
        fix: nearestFix(name, keys),
      })),
  );
  const each = own.flatMap(({ process, path }): readonly Mistake[] => {
    if (process.kind === "cron") return [];
    const { health } = process;
    if (process.kind !== "web") {
      return (health.kind === "http" || health.kind === "tcp") && health.port === undefined
        ? [{ path: `${path}.health.port`, found: "nothing", allowed: "the port that it answers at", fix: "add it" }]
        : [];
    }
    const autoscaled = process.ownVolume !== undefined && typeof process.scale !== "number";
    const ports = Object.values(servicePorts(process));
    const asked = portOf(health);
    return [
      ...(asked === undefined || ports.includes(asked)
        ? []
        : [
            {
              path: `${path}.health.port`,
              found: String(asked),
              allowed: `a port of the process: ${ports.join(", ")}`,
              fix: `add it to ${path}.ports, or leave it out`,
            },
          ]),
      ...(autoscaled
        ? [
            {
              path: `${path}.scale`,
              found: "an autoscaler for pods with a volume each",
              allowed: "a number: a volume stays where it is when its pod goes",
              fix: "choose a number of pods, or take ownVolume away",
            },
          ]
        : []),
    ];
  });
  return [...outbound, ...each];
}
