import { spawnSync } from "node:child_process";
import { parse } from "yaml";
import { failoverBudgetSeconds, patroniTimings } from "../../../../components/data/postgres/patroniTimings";
import { maxConnections, postgresSizing } from "../../../../components/data/postgres/postgresSizing";
import { poolSize } from "../../../../components/data/postgres/pgbouncerConfig";
import { referencedSecrets } from "../../../../components/secrets/secretRef";
import { partyKey } from "../../../../components/topology/party";
import { CHATWOOT, WORKER, dataTier, fileOf, first, readable } from "../support/dataTier";

const request = {
  name: "chatwoot",
  extensions: ["pg_trgm", "pgcrypto"],
  via: "leader",
  purpose: "migrations",
} as const;

interface PatroniFile {
  readonly etcd3?: { readonly hosts: readonly string[] };
  readonly raft?: { readonly self_addr: string; readonly partner_addrs: readonly string[] };
  readonly bootstrap: { readonly dcs: Readonly<Record<string, unknown>> };
  readonly postgresql: { readonly pg_hba: readonly string[]; readonly parameters: Readonly<Record<string, unknown>> };
}

function patroni(options: Parameters<typeof dataTier>[0] = {}, index = 0): PatroniFile {
  const { postgres } = dataTier(options);
  const host = postgres.hosts.hosts[index] ?? first(postgres.hosts);
  return parse(fileOf(postgres.fragment(host), "/etc/patroni/config.yml")) as PatroniFile;
}

describe("asking for a database", () => {
  it("gives the leader's address behind the load balancer and records the flow", () => {
    const { postgres, topology } = dataTier();
    const access = postgres.database(CHATWOOT, request);
    expect(access).toMatchObject({
      host: "10.0.0.10",
      port: 5432,
      database: "chatwoot",
      username: "chatwoot",
      sslMode: "require",
    });
    const flows = topology.flows.filter(({ from }) => from === CHATWOOT);
    expect(flows.map(({ to, purpose }) => [to.id, purpose])).toEqual([["postgres/leader", "migrations"]]);
  });

  it("gives the three paths their own ports, and one password", () => {
    const { postgres } = dataTier();
    const paths = (["leader", "pooled", "replicas"] as const).map((via) =>
      postgres.database(CHATWOOT, { ...request, via }),
    );
    expect(paths.map(({ port }) => port)).toEqual([5432, 6432, 5433]);
    expect(new Set(paths.map(({ password }) => password)).size).toBe(1);
  });

  it("keeps the password out of the URL until it is resolved", () => {
    const access = dataTier().postgres.database(CHATWOOT, request);
    expect(access.url("postgres", { pool: "5" })).toBe(
      "postgres://chatwoot:<<secret:postgres/chatwoot>>@10.0.0.10:5432/chatwoot?sslmode=require&pool=5",
    );
  });

  it("merges what several pods of one application ask for", () => {
    const { postgres } = dataTier();
    postgres.database(CHATWOOT, request);
    postgres.database(WORKER, { name: "chatwoot", extensions: ["pg_stat_statements"], via: "pooled", purpose: "jobs" });
    expect(postgres.databases).toEqual([
      { name: "chatwoot", owner: "chatwoot", extensions: ["pg_stat_statements", "pg_trgm", "pgcrypto"], pooled: true },
    ]);
  });

  it("refuses a second owner, and names that are not safe", () => {
    const { postgres } = dataTier();
    postgres.database(CHATWOOT, request);
    expect(() => postgres.database(WORKER, { ...request, owner: "other" })).toThrow(
      /owner: found "other"; allowed: "chatwoot"/,
    );
    expect(() =>
      postgres.database(WORKER, { ...request, name: "Bad'; --", owner: "postgres", extensions: ["a b"] }),
    ).toThrow(/has 3 mistakes/);
  });
});

describe("flows and rules", () => {
  it("opens members to each other and to HAProxy, and nothing to anybody else", () => {
    const { topology } = dataTier();
    const inward = topology.flows.filter(({ to }) => partyKey(to.provider) === "hosts/postgres");
    expect(inward.map(({ from, to }) => `${partyKey(from)} -> ${to.port}`).sort()).toEqual([
      "hosts/haproxy -> 5432",
      "hosts/haproxy -> 8008",
      "hosts/postgres -> 2378",
      "hosts/postgres -> 2379",
      "hosts/postgres -> 2380",
      "hosts/postgres -> 5432",
      "hosts/postgres -> 8008",
    ]);
  });

  it("has no etcd port with Raft", () => {
    const { topology } = dataTier({ postgres: { dcs: "raft" } });
    expect(topology.endpoints.map(({ port }) => port)).toContain(2222);
    expect(topology.endpoints.map(({ port }) => port)).not.toContain(2379);
  });
});

describe("Patroni", () => {
  it("never acknowledges a commit that is on one machine only", () => {
    expect(patroni().bootstrap.dcs).toMatchObject({
      synchronous_mode: true,
      synchronous_mode_strict: true,
      check_timeline: true,
    });
  });

  it("does not wait for a replica that a single member never has", () => {
    expect(patroni({ members: 1 }).bootstrap.dcs).toMatchObject({
      synchronous_mode: false,
      synchronous_mode_strict: false,
    });
  });

  it("keeps Patroni's rule between its timings, in both series", () => {
    for (const series of ["3.0", "3.2+"] as const) {
      const { ttl, loopWait, retryTimeout } = patroniTimings(series);
      expect(loopWait + 2 * retryTimeout).toBeLessThanOrEqual(ttl);
    }
    expect(patroniTimings("3.2+").ttl).toBeGreaterThanOrEqual(20);
    expect(failoverBudgetSeconds(patroniTimings("3.0"))).toBeLessThanOrEqual(15);
  });

  it("lets in only TLS: pods and machines with a password, the superuser with a member's certificate", () => {
    const { pg_hba: rules } = patroni().postgresql;
    expect(rules).toContain("hostssl all all 10.0.0.0/16 scram-sha-256");
    expect(rules).toContain("hostssl all all 10.233.64.0/18 scram-sha-256");
    expect(rules.filter((rule) => /^host(nossl)? /.test(rule))).toEqual([
      "host all postgres,replicator,rewinder all reject",
    ]);
    expect(rules.filter((rule) => /\b(trust|password|md5)\b/.test(rule))).toEqual([]);
    const reject = rules.indexOf("host all postgres,replicator,rewinder all reject");
    expect(rules.findIndex((rule) => rule.startsWith("hostssl all all"))).toBeGreaterThan(reject);
  });

  it("finds the other members in etcd, or by Raft", () => {
    expect(patroni().etcd3?.hosts).toEqual(["10.0.0.120:2379", "10.0.0.121:2379", "10.0.0.122:2379"]);
    const raft = patroni({ postgres: { dcs: "raft" } }, 1);
    expect(raft.etcd3).toBeUndefined();
    expect(raft.raft).toMatchObject({
      self_addr: "10.0.0.121:2222",
      partner_addrs: ["10.0.0.120:2222", "10.0.0.122:2222"],
    });
  });

  it("takes its packages from PGDG, but Debian's own where the version is the same", () => {
    const packages = (image: "ubuntu-22.04" | "debian-12", version: 15 | 16) => {
      const { postgres } = dataTier({ postgres: { image, version } });
      return [postgres.fragment(first(postgres.hosts)).aptRepositories?.[0]?.suites[0], postgres.poolMode];
    };
    expect(packages("ubuntu-22.04", 16)).toEqual(["jammy-pgdg", "transaction"]);
    expect(packages("debian-12", 16)).toEqual(["bookworm-pgdg", "transaction"]);
    expect(packages("debian-12", 15)).toEqual([undefined, "session"]);
  });

  it("reads as expected", () => {
    const { postgres } = dataTier();
    expect(readable(postgres.fragment(first(postgres.hosts)))).toMatchSnapshot();
  });
});

describe("memory", () => {
  it("follows the machine", () => {
    expect(postgresSizing({ memoryGb: 16, cores: 4 })).toMatchObject({
      shared_buffers: "4096MB",
      max_parallel_workers: 4,
    });
    expect(postgresSizing({ memoryGb: 2, cores: 2 })).toMatchObject({ shared_buffers: "512MB", work_mem: "4MB" });
  });

  it.each([
    [2, 250],
    [10, 250],
    [12, 300],
    [16, 400],
    [20, 500],
    [64, 500],
  ])("gives %i GiB %i connections", (memoryGb, connections) => {
    expect(maxConnections({ memoryGb, cores: 2 })).toBe(connections);
  });

  it("never promises PgBouncer more connections than there are", () => {
    const size = poolSize({ maxConnections: 400, reserved: 20, hosts: 2, databases: 3, mode: "session" });
    expect(size * 2 * 3).toBeLessThanOrEqual(400 - 20);
  });
});

describe("PgBouncer", () => {
  it("runs beside HAProxy, pools only what was asked for, and holds no consumer's password", () => {
    const { postgres, haproxy } = dataTier();
    postgres.database(CHATWOOT, { ...request, via: "pooled" });
    postgres.database(WORKER, { ...request, name: "direct" });
    const part = postgres.fragment(first(haproxy.hosts));
    const config = fileOf(part, "/etc/pgbouncer/pgbouncer.ini");
    expect(config).toMatchSnapshot();
    expect(config).not.toContain("direct =");
    expect(referencedSecrets(readable(part)).filter((id) => id === "postgres/chatwoot")).toEqual([]);
  });

  it("says which hosts have a part in PostgreSQL", () => {
    expect(() => dataTier().postgres.fragment({ name: "stranger", address: "10.0.0.99" })).toThrow(
      /"stranger" has no part in PostgreSQL; allowed: postgres-01/,
    );
  });
});

describe("the databases' script", () => {
  const script = (): string => {
    const { postgres } = dataTier();
    postgres.database(CHATWOOT, request);
    postgres.database(CHATWOOT, { ...request, via: "pooled" });
    return postgres.clusterJob().script;
  };

  it("is bash, and reads as expected", () => {
    const text = script();
    expect(spawnSync("bash", ["-n"], { input: text }).stderr.toString()).toBe("");
    expect(text).toMatchSnapshot();
  });
});
