import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CloudView } from "../../scenario/support/cloudView";
import { LineClient } from "./lineClient";

const AMQP_CLIENT = readFileSync(join(__dirname, "amqpClient.py"), "utf8");
const PATIENCE_MS = 10_000;

/** What an application asks a data service, and what it must be told. */
export interface Question {
  readonly name: string;
  /** One line. */
  readonly ask: string;
  readonly answer: string;
  readonly client: () => LineClient;
}

/** Settings that the program has given its applications in Kubernetes: by namespace/name of the Secret, then by key. */
export async function applicationSecrets(view: CloudView): Promise<(secret: string, key: string) => string> {
  const all = (await view.kubernetes("Secret")) as readonly {
    readonly metadata: { readonly name: string; readonly namespace?: string };
    readonly data?: Readonly<Record<string, string>>;
  }[];
  return (secret, key) => {
    const found = all.find(({ metadata: { name, namespace } }) => `${namespace ?? ""}/${name}` === secret)?.data?.[key];
    if (found === undefined) throw new Error(`no Secret ${secret} with ${key}`);
    return Buffer.from(found, "base64").toString();
  };
}

/**
 * One question to each data service that has real machines, with the very settings of an application, at the load
 * balancers' addresses. @param place name of what is made for it.
 */
export async function questions(
  view: CloudView,
  inside: { readonly namespace: string; readonly image: string },
  place: string,
): Promise<readonly Question[]> {
  const secretOf = await applicationSecrets(view);
  const url = (key: string, secret = "keybuzz/keybuzz-api-secrets"): URL => new URL(secretOf(secret, key));
  const run = (command: readonly string[], env: Readonly<Record<string, string>>): LineClient =>
    new LineClient(inside.namespace, inside.image, command, env);

  const direct = url("DATABASE_URL", "ai/llm-proxy-secrets");
  const pooled = url("DATABASE_URL");
  const psql = (database: URL, port: string) => (): LineClient =>
    run(["/usr/lib/postgresql/15/bin/psql", "-qAtX", "-v", "ON_ERROR_STOP=1"], {
      PGHOST: database.hostname,
      PGPORT: port,
      PGDATABASE: database.pathname.slice(1),
      PGUSER: database.username,
      PGPASSWORD: database.password,
      PGSSLMODE: database.searchParams.get("sslmode") ?? "require",
      PGCONNECT_TIMEOUT: "3",
    });
  const made = `CREATE TABLE IF NOT EXISTS ${place} (n int); INSERT INTO ${place} VALUES (42);`;
  const redis = url("REDIS_URL");
  const rabbit = url("RABBITMQ_URL");
  const site = JSON.parse(
    secretOf("erpnext/erpnext-secret-files", "home-frappe-frappe-bench-sites-erp.keybuzz.test-site_config.json"),
  ) as Readonly<Record<"db_name" | "db_password", string>>;
  const common = JSON.parse(
    secretOf("erpnext/erpnext-secret-files", "home-frappe-frappe-bench-sites-common_site_config.json"),
  ) as { readonly db_host: string; readonly db_port: number };

  return [
    {
      name: `PostgreSQL's leader at ${direct.host}`,
      ask: `${made} SELECT max(n) || ' ' || pg_is_in_recovery() FROM ${place};`,
      answer: "42 false",
      client: psql(direct, direct.port),
    },
    {
      name: `a PostgreSQL replica at ${direct.hostname}:5433`,
      ask: `SELECT max(n) || ' ' || pg_is_in_recovery() FROM ${place};`,
      answer: "42 true",
      client: psql(direct, "5433"),
    },
    {
      name: `PgBouncer at ${pooled.host}`,
      ask: `${made} SELECT max(n) || ' ' || pg_is_in_recovery() FROM ${place};`,
      answer: "42 false",
      client: psql(pooled, pooled.port),
    },
    {
      name: `Redis' primary at ${redis.host}`,
      // An account's keys begin with its name.
      ask: `SET ${redis.username}:${place} 42`,
      answer: "OK",
      client: () =>
        run(
          [
            ...["/usr/bin/redis-cli", "--no-auth-warning", "--user", redis.username],
            ...["-h", redis.hostname, "-p", redis.port, "-n", redis.pathname.slice(1)],
          ],
          { REDISCLI_AUTH: redis.password },
        ),
    },
    {
      name: `RabbitMQ at ${rabbit.host}`,
      ask: `publish ${place} 42`,
      answer: "42",
      client: () => {
        const client = run(["/usr/bin/python3", "-c", AMQP_CLIENT], {
          AMQP_HOST: rabbit.hostname,
          AMQP_VHOST: rabbit.pathname.slice(1),
          AMQP_USER: rabbit.username,
          AMQP_PASSWORD: rabbit.password,
        });
        // Published to a queue that is there; the answer to it comes first.
        void client.ask(`declare ${place}`, PATIENCE_MS).catch(() => undefined);
        return client;
      },
    },
    {
      name: `MariaDB at ${common.db_host}:${common.db_port}`,
      ask: `CREATE TABLE IF NOT EXISTS ${place} (n INT PRIMARY KEY); REPLACE INTO ${place} VALUES (42); SELECT n FROM ${place};`,
      answer: "42",
      client: () => {
        const { db_name: name, db_password: password } = site;
        const where = ["-h", common.db_host, "-P", String(common.db_port), "-u", name];
        return run(["/usr/bin/mariadb", ...where, "-N", "-B", "-n", "--connect-timeout=3", name], {
          MYSQL_PWD: password,
        });
      },
    },
  ];
}

/** Undefined when the answer is right. */
export async function objection({ name, ask, answer, client }: Question): Promise<string | undefined> {
  const asked = client();
  try {
    const said = await asked.ask(ask, PATIENCE_MS);
    return said === answer ? undefined : `${name} says ${said}`;
  } catch (error) {
    return `${name}: ${(error as Error).message}`;
  } finally {
    asked.close();
  }
}
