import { X509Certificate } from "node:crypto";
import type { PostgresService } from "../../../components/data/postgres/postgresService";
import type { Bench } from "./bench";
import type { PostgresBench } from "./postgresSuite";
import { certificatesRotate, rotates } from "./rotation";

function service({ plan }: Bench): PostgresService {
  if (plan.services.postgres === undefined) throw new Error("no PostgreSQL");
  return plan.services.postgres;
}

/** A consumer's password: its second login takes over, and what either makes belongs to the same owner. */
export async function passwordRotates({ bench, cluster }: PostgresBench): Promise<PostgresBench> {
  await cluster.query("CREATE TABLE kept (n bigint); SELECT 'made';");
  const next = await rotates(bench, cluster, {
    name: "PostgreSQL, password rotated",
    ids: [cluster.secretId],
    accounts: (changed) => service(changed).clusterJob().script,
    retire: (changed) => service(changed).retireScript(),
  });
  expect(await cluster.query("SELECT session_user <> current_user;")).toBe("t");
  expect(await cluster.query("DROP TABLE kept; CREATE TABLE made_after (n bigint); SELECT 'made';")).toBe("made");
  expect(await cluster.query("SELECT count(DISTINCT tableowner) FROM pg_tables WHERE schemaname = 'public';")).toBe(
    "1",
  );
  return { bench: next, cluster };
}

/** Those of PostgreSQL, Patroni, etcd and PgBouncer, on all machines in the same moment. */
export async function certificateRotates({ bench, cluster }: PostgresBench): Promise<PostgresBench> {
  const hosts = [...bench.group("postgres"), ...bench.group("haproxy")];
  const next = await certificatesRotate(bench, cluster, {
    name: "PostgreSQL, certificates rotated",
    ids: hosts.map(({ name }) => `postgres/${name}`),
  });
  for (const { name, address, group } of hosts) {
    const wanted = serial(next.secrets.get(`postgres/${name}.cert`) ?? "");
    expect(wanted).not.toBe(serial(bench.secrets.get(`postgres/${name}.cert`) ?? ""));
    const ports = group === "postgres" ? ["5432 -starttls postgres", "8008", "2379"] : ["6432 -starttls postgres"];
    for (const port of ports) {
      const said = await next.run(name, `openssl s_client -connect ${address}:${port} </dev/null 2>/dev/null || true`);
      expect(`${name} ${port}: ${serial(said)}`).toBe(`${name} ${port}: ${wanted}`);
    }
  }
  return { bench: next, cluster };
}

function serial(text: string): string {
  const [pem = ""] = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/.exec(text) ?? [];
  return pem === "" ? "none" : new X509Certificate(pem).serialNumber;
}
