import { JOB_CONNECTIONS } from "../data/postgres/connectionBudget";
import { stringify } from "yaml";
import type { ImageRuntime, PullSecret } from "../apps/appArgs";
import type { Placement } from "../apps/processArgs";
import { planHttpService, type PlannedHttpService } from "./httpService";
import { processPods } from "../apps/labels";
import { allowOutbound } from "../topology/outbound";
import { LITELLM_TABLES } from "./liteLlmTables";
import { requireServices, type WorkloadContext } from "./workloadContext";

export interface LiteLlmArgs {
  readonly image: string;
  readonly replicas: number;
  /** Public host name. Default: reached only from inside the cluster. */
  readonly host?: string;
  /** Default: away from the workers kept for a duty. */
  readonly placement?: Placement;
  /** Default: none, the image is public. */
  readonly pullSecret?: PullSecret;
}

export const LITELLM_PORT = 4000;

const NAMESPACE = "ai";
const CONNECTIONS = 10;
const NAME = "llm-proxy";
const CONFIG_FILE = "/etc/litellm/config.yaml";
const TABLES_FILE = "/etc/litellm/tables.py";
/** Models take minutes over long answers. */
const REQUEST_TIMEOUT_SECONDS = 600;
/** Tokens come steadily once they come; the first may take long, when a model thinks. */
const TOKEN_SILENCE_SECONDS = 15;
const FIRST_TOKEN_SECONDS = 120;
/** Images travel inside requests. */
const MAX_BODY_MB = 50;
const MIGRATION_TIMEOUT_SECONDS = 900;

const RUNTIME: ImageRuntime = {
  // "nobody", the user of the image's non-root variant.
  uid: 65534,
  rootFilesystem: { writableBecause: "Prisma's client unpacks its query engine beside the application" },
  writableDirectories: ["/tmp"],
};

/**
 * LiteLLM, the one door to all language models: http://llm-proxy.ai.svc.cluster.local:4000.
 *
 * Models and virtual keys are kept in its database and added through its API, not by a roll-out. The salt key
 * encrypts them there: it can never be changed (do not rotate "litellm/salt-key").
 *
 * The migration has no way to the internet. Prisma's command and engines are in the image (docker/Dockerfile.non_root);
 * PRISMA_OFFLINE_MODE has them used from there instead of being fetched (litellm#18851; litellm_proxy_extras/utils.py).
 */
export function planLiteLlm(args: LiteLlmArgs, context: WorkloadContext): PlannedHttpService {
  const services = requireServices(context, "liteLlm", ["postgres"]);
  const pods = processPods(NAMESPACE, NAME);
  const migrate = processPods(NAMESPACE, `${NAME}-migrate`);
  const database = services.postgres.database(pods, {
    name: "litellm",
    via: "leader",
    connections: CONNECTIONS,
    purpose: "LiteLLM's keys, models and spending",
  });
  // The same address as the proxy's: asking records the migration's own flow.
  services.postgres.database(migrate, {
    name: "litellm",
    via: "leader",
    connections: JOB_CONNECTIONS,
    purpose: "LiteLLM's migrations",
  });
  allowOutbound(context.topology, pods, 443, "LiteLLM calls the model providers");
  return planHttpService(
    {
      name: NAME,
      namespace: NAMESPACE,
      image: args.image,
      runtime: RUNTIME,
      port: LITELLM_PORT,
      scale: args.replicas,
      args: ["--config", CONFIG_FILE, "--port", String(LITELLM_PORT)],
      // Never /health: it calls every model, and pays for it.
      readinessPath: "/health/readiness",
      livenessPath: "/health/liveliness",
      startupSeconds: 180,
      longestRequestSeconds: REQUEST_TIMEOUT_SECONDS,
      resources: { cpu: { request: "250m", limit: "2" }, memory: { request: "1Gi", limit: "2Gi" } },
      files: { [CONFIG_FILE]: stringify(PROXY_CONFIG), [TABLES_FILE]: LITELLM_TABLES },
      env: {
        DATABASE_URL: database.url(),
        // LiteLLM takes only master keys that begin with "sk-".
        LITELLM_MASTER_KEY: `sk-${context.secrets.kept("litellm/master-key", {
          owner: NAME,
          loses: "LiteLLM's master key, by which its keys are given out",
        })}`,
        LITELLM_SALT_KEY: `sk-${context.secrets.kept("litellm/salt-key", {
          owner: NAME,
          loses: "the key of the model providers' credentials in LiteLLM's database: nobody can read them any more",
        })}`,
        STORE_MODEL_IN_DB: "True",
        // The schema is the migration's alone.
        DISABLE_SCHEMA_UPDATE: "true",
        PRISMA_OFFLINE_MODE: "true",
      },
      migration: {
        name: migrate.app,
        command: ["sh", "-c", `python litellm/proxy/prisma_migration.py && exec python ${TABLES_FILE}`],
        // It would say that it failed, and end well.
        env: { DISABLE_SCHEMA_UPDATE: "false", ENFORCE_PRISMA_MIGRATION_CHECK: "true" },
        timeoutSeconds: MIGRATION_TIMEOUT_SECONDS,
        resources: { cpu: { request: "250m", limit: "1" }, memory: { request: "512Mi", limit: "1Gi" } },
      },
      ...(args.placement === undefined ? {} : { placement: args.placement }),
      uses: [database.address.endpoint],
      ...(args.pullSecret === undefined ? {} : { pullSecret: args.pullSecret }),
      ...(args.host === undefined
        ? {}
        : {
            expose: {
              host: args.host,
              routes: [
                {
                  kind: "sse",
                  path: "/",
                  heartbeatSeconds: TOKEN_SILENCE_SECONDS,
                  firstByteSeconds: FIRST_TOKEN_SECONDS,
                  maxBodyMb: MAX_BODY_MB,
                },
              ],
            },
          }),
    },
    context,
  );
}

const PROXY_CONFIG = {
  model_list: [],
  litellm_settings: { request_timeout: REQUEST_TIMEOUT_SECONDS, drop_params: true },
  general_settings: {
    master_key: "os.environ/LITELLM_MASTER_KEY",
    database_url: "os.environ/DATABASE_URL",
    // Of each pod, which has one worker. Its own default was 100 for long.
    database_connection_pool_limit: CONNECTIONS,
  },
};
