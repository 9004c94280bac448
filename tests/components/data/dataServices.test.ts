import { spawnSync } from "node:child_process";
import { REDIS_OLDEST } from "../../../components/data/redis/redisAccounts";
import { OS_IMAGES } from "../../../components/machines/osImage";
import { REDIS_GRANTS } from "../../../components/workloads/redisIndexes";
import { mergeHostConfigs } from "../../../components/machines/mergeHostConfigs";
import { hasSecret } from "../../../components/secrets/secretRef";
import { partyKey } from "../../../components/topology/party";
import { CHATWOOT, WORKER, dataTier, fileOf, first, readable } from "./support/dataTier";

/** Everything asked for once, as prod's consumers do, and what is then on each host. */
function asked() {
  const tier = dataTier();
  tier.postgres.database(CHATWOOT, { name: "chatwoot", via: "pooled", purpose: "data" });
  tier.redis.database(CHATWOOT, { index: 0, owner: "chatwoot", purpose: "jobs" });
  tier.rabbitmq.vhost(CHATWOOT, { name: "api", purpose: "events" });
  tier.proxysql.database(CHATWOOT, { name: "erpnext", purpose: "books" });
  tier.minio.bucket(CHATWOOT, { name: "chatwoot", purpose: "files" });
  tier.qdrant.connect(CHATWOOT, { purpose: "vectors" });
  const { haproxy, postgres, proxysql, data } = tier;
  const fragments = [
    ...haproxy.hosts.hosts.map((host) => ({ host, parts: [haproxy.fragment(host), postgres.fragment(host)] })),
    ...[...data, proxysql].flatMap((service) =>
      service.hosts.hosts.map((host) => ({ host, parts: [service.fragment(host)] })),
    ),
  ];
  return { ...tier, fragments };
}

describe("every cluster of the data tier", () => {
  it("has its own type, name and group of hosts: they are what its resources are known by", () => {
    expect(dataTier().data.map(({ token, name, hosts }) => [token, name, hosts.group])).toEqual([
      ["PostgresCluster", "postgres", "postgres"],
      ["RedisCluster", "redis", "redis"],
      ["RabbitCluster", "rabbitmq", "rabbitmq"],
      ["GaleraCluster", "mariadb", "mariadb"],
      ["MinioObjectStore", "object-store", "minio"],
      ["QdrantVectorStore", "vector-store", "qdrant"],
    ]);
  });
});

describe("every host of the data tier", () => {
  it("has one valid configuration, its parts without conflict", () => {
    for (const { host, parts } of asked().fragments) {
      const modules = parts.map((config, index) => ({ module: `part${index}`, config }));
      expect(() => mergeHostConfigs(host.name, modules)).not.toThrow();
    }
  });

  it("keeps every secret in a file that others cannot read", () => {
    for (const { parts } of asked().fragments) {
      for (const { files = [], units = [], checks = [], joined = [], steps = [], timers = [] } of parts) {
        for (const file of files.filter(({ content }) => hasSecret(content))) {
          const isCertificate = /\.(crt|pem)$/.test(file.path);
          expect([file.path, file.secret === true || isCertificate]).toEqual([file.path, true]);
        }
        for (const step of steps.filter(({ run }) => run.some(hasSecret))) expect(step.secret).toBe(true);
        expect(hasSecret(JSON.stringify([units, checks, joined, timers]))).toBe(false);
      }
    }
  });

  it("names only secrets that the ledger knows", () => {
    const { fragments, secrets, data } = asked();
    const known = new Set(secrets.specs.map(({ id }) => id));
    const scripts = data.flatMap((service) => service.clusterJob()?.script ?? []);
    const text = [...fragments.flatMap(({ parts }) => parts.map(readable)), ...scripts].join("\n");
    const used = [...text.matchAll(/<<secret:([^>]+)>>/g)].map((match) => match[1] ?? "");
    expect(used.filter((id) => !known.has(id))).toEqual([]);
    expect(used.length).toBeGreaterThan(20);
  });

  it("is bash wherever it says so", () => {
    const { fragments, data } = asked();
    const files = fragments
      .flatMap(({ parts }) => parts.flatMap(({ files = [] }) => files))
      .filter(({ content }) => content.startsWith("#!/bin/bash"));
    const steps = fragments.flatMap(({ parts }) =>
      parts.flatMap(({ steps: all = [] }) => all.map(({ run }) => run.join("\n"))),
    );
    const scripts = data.flatMap((service) => service.clusterJob()?.script ?? []);
    for (const input of [...files.map(({ content }) => content), ...steps, ...scripts]) {
      expect(spawnSync("bash", ["-n"], { input }).stderr.toString()).toBe("");
    }
    expect(files.length).toBeGreaterThanOrEqual(6);
  });
});

describe("flows", () => {
  it("puts no port of Galera's own on any load balancer", () => {
    const { topology } = asked();
    const onBalancers = topology.endpoints
      .filter(({ provider }) => provider.kind === "loadBalancer")
      .map(({ port }) => port);
    expect(onBalancers.filter((port) => [4444, 4567, 4568].includes(port))).toEqual([]);
    const galera = topology.flows.filter(({ to }) => [4444, 4567, 4568].includes(to.port));
    expect(new Set(galera.map(({ from, to }) => `${partyKey(from)} -> ${partyKey(to.provider)}`))).toEqual(
      new Set(["hosts/mariadb -> hosts/mariadb"]),
    );
  });

  it("opens each load balancer port to those who asked, and to nobody else", () => {
    const { topology } = asked();
    const inward = topology.flows
      .filter(({ to }) => to.provider.kind === "loadBalancer")
      .map(({ from, to }) => `${partyKey(from)} -> ${to.id}`);
    expect(inward.sort()).toEqual(
      ["mariadb/entry", "postgres/pooler", "rabbitmq/amqp", "redis/primary"].map(
        (id) => `pods/chatwoot/chatwoot-web -> ${id}`,
      ),
    );
  });

  it("opens nothing to pods on machines but the object store and the vector store", () => {
    const { topology } = asked();
    const direct = topology.flows.filter(({ from, to }) => from.kind === "pods" && to.provider.kind === "hosts");
    expect(direct.map(({ to }) => to.id).sort()).toEqual(["minio/api", "qdrant/http"]);
  });
});

describe("Redis", () => {
  it("reads as expected, and remembers across restarts only whom it follows", () => {
    const { redis } = dataTier();
    const part = redis.fragment(first(redis.hosts));
    expect(readable(part)).toMatchSnapshot();
    expect(part.units?.[0]?.dropIns?.keybuzz).toContain("--include /etc/redis/keybuzz.conf");
  });

  it("gives an index to one application, whichever of its pods asks", () => {
    const { redis } = dataTier();
    expect(redis.database(CHATWOOT, { index: 0, owner: "chatwoot", purpose: "jobs" }).url).toBe(
      "redis://chatwoot:<<secret:redis/chatwoot>>@10.0.0.10:6379/0",
    );
    redis.database(WORKER, { index: 0, owner: "chatwoot", purpose: "jobs" });
    expect(() => redis.database(WORKER, { index: 0, owner: "n8n", purpose: "queue" })).toThrow(
      /redis\.databases\[0\]: found "n8n"; allowed: "chatwoot"/,
    );
    expect(() => redis.database(WORKER, { index: 16, owner: "n8n", purpose: "queue" })).toThrow(
      /found index 16.*allowed: 0-15/,
    );
  });

  it("gives each application an account of its own, with its keys and without what rules Redis", () => {
    const { redis } = dataTier();
    redis.database(CHATWOOT, { index: 0, owner: "chatwoot", grants: REDIS_GRANTS.chatwoot, purpose: "jobs" });
    redis.database(WORKER, { index: 2, owner: "n8n", grants: REDIS_GRANTS.n8n, purpose: "queue" });
    redis.database(WORKER, { index: 1, owner: "shop", purpose: "cache" });
    const lines = fileOf(redis.fragment(first(redis.hosts)), "/etc/redis/keybuzz-passwords.conf").split("\n");
    expect(lines.filter((line) => line.startsWith("user ")).map((line) => line.split(" ")[1])).toEqual([
      "haproxy",
      "chatwoot",
      "n8n",
      "shop",
    ]);
    const rights =
      "-@all +@read +@write +@keyspace +@blocking +@pubsub +@transaction +@scripting +@connection -@admin -@dangerous -function -script|flush -script|kill +info";
    expect(lines).toContain(`user shop on ><<secret:redis/shop>> resetkeys ~shop:* resetchannels &shop:* ${rights}`);
    expect(lines.filter((line) => line.includes("~*") || line.includes("&*") || line.includes("+@all"))).toEqual([]);
  });

  it("refuses keys that another application has, and an account of Redis' own", () => {
    const { redis } = dataTier();
    redis.database(CHATWOOT, { index: 0, owner: "chatwoot", grants: REDIS_GRANTS.chatwoot, purpose: "jobs" });
    const other = (owner: string, keys: readonly string[]) => () =>
      redis.database(WORKER, { index: 5, owner, grants: { keys, channels: [] }, purpose: "x" });
    expect(other("jobs", ["queue:urgent"])).toThrow(/redis\.keys: found "queue:urgent", which is chatwoot's too/);
    expect(other("jobs", ["q*"])).toThrow(/which is chatwoot's too; .*let one of them put another prefix/);
    expect(other("jobs", ["*"])).toThrow(/redis\.keys: found "\*"; allowed: a name/);
    expect(other("default", ["d:*"])).toThrow(/redis\.owner: found "default"/);
  });

  it("installs one that knows such accounts, wherever it comes from", () => {
    const { redis } = dataTier();
    const part = redis.fragment(first(redis.hosts));
    expect(part.packages).toContainEqual({ name: "redis-server", version: "6:7.4.*" });
    expect(part.aptRepositories?.map(({ uri, suites }) => `${uri} ${suites.join()}`)).toEqual([
      "https://packages.redis.io/deb jammy",
    ]);
    expect(Object.values(OS_IMAGES).filter((facts) => Number(facts.redis.series) < REDIS_OLDEST)).toEqual([]);
  });

  it("refuses writes without a replica only where there are replicas", () => {
    const config = (members: number) => {
      const { redis } = dataTier({ members });
      return fileOf(redis.fragment(first(redis.hosts)), "/etc/redis/keybuzz.conf");
    };
    expect(config(3)).toContain("min-replicas-to-write 1");
    expect(config(1)).not.toContain("min-replicas-to-write");
  });

  it("tells a Sentinel client where the Sentinels are, and opens the way to them", () => {
    const { redis, topology } = dataTier();
    const access = redis.sentinels(CHATWOOT, { index: 1, owner: "chatwoot", purpose: "jobs" });
    expect(access).toMatchObject({ masterName: "keybuzz", sentinels: [{ host: "10.0.0.130", port: 26379 }, {}, {}] });
    expect(topology.flows.filter(({ from }) => from === CHATWOOT).map(({ to }) => to.id)).toEqual([
      "redis/sentinel",
      "redis/member",
    ]);
  });
});

describe("RabbitMQ", () => {
  it("installs one that knows a default queue type, wherever it comes from", () => {
    const { rabbitmq } = dataTier();
    const part = rabbitmq.fragment(first(rabbitmq.hosts));
    expect(part.packages).toContainEqual({ name: "rabbitmq-server", version: "3.13.*" });
    expect(part.packages).toContainEqual({ name: "erlang-base", version: "1:26.2.*" });
    expect(part.aptRepositories?.map(({ uri, suites }) => `${uri} ${suites.join()}`)).toEqual([
      "https://deb1.rabbitmq.com/rabbitmq-server/ubuntu/jammy jammy",
      "https://deb1.rabbitmq.com/rabbitmq-erlang/ubuntu/jammy jammy",
    ]);
  });

  it("reads as expected", () => {
    const { rabbitmq } = dataTier();
    expect(readable(rabbitmq.fragment(first(rabbitmq.hosts)))).toMatchSnapshot();
  });

  it("gives each application a virtual host and a user", () => {
    const { rabbitmq } = dataTier();
    expect(rabbitmq.vhost(CHATWOOT, { name: "api", purpose: "events" }).url).toBe(
      "amqp://api:<<secret:rabbitmq/api>>@10.0.0.10:5672/api",
    );
    expect(rabbitmq.clusterJob().script).toContain("vhosts=('api api <<secret:rabbitmq/api>>')");
    expect(() => rabbitmq.vhost(CHATWOOT, { name: "a b", purpose: "events" })).toThrow(/found "a b"; allowed/);
  });
});

describe("MariaDB", () => {
  it("reads as expected, members and ProxySQL", () => {
    const { mariadb, proxysql } = asked();
    expect(readable(mariadb.fragment(first(mariadb.hosts)))).toMatchSnapshot("member");
    expect(readable(proxysql.fragment(first(proxysql.hosts)))).toMatchSnapshot("proxysql");
  });

  it("lets only the first member begin a new cluster", () => {
    const { mariadb } = dataTier();
    const starts = mariadb.hosts.hosts.map((host) =>
      fileOf(mariadb.fragment(host), "/usr/local/sbin/keybuzz-galera-start"),
    );
    expect(starts.map((text) => /^rank=(\d)$/m.exec(text)?.[1])).toEqual(["0", "1", "2"]);
    for (const text of starts) expect(text).toContain("anyData == 0 && rank > 0)); then mayBegin=0");
  });

  it("lets nobody begin a cluster beside members that have data", () => {
    const { mariadb } = dataTier();
    const start = fileOf(mariadb.fragment(first(mariadb.hosts)), "/usr/local/sbin/keybuzz-galera-start");
    expect(start).toContain("has data of a cluster: it begins, this member joins");
    const units = mariadb.fragment(first(mariadb.hosts)).units ?? [];
    // Asked before the daemon runs.
    expect(units.find(({ name }) => name === "mariadb.service")?.after).toEqual(["keybuzz-wsrep-state.socket"]);
  });
});

describe("MinIO and Qdrant", () => {
  it("read as expected", () => {
    const { minio, qdrant } = asked();
    expect(readable(minio.fragment(first(minio.hosts)))).toMatchSnapshot("minio");
    expect(minio.clusterJob().script).toMatchSnapshot("buckets");
    expect(readable(qdrant.fragment(first(qdrant.hosts)))).toMatchSnapshot("qdrant");
  });

  it("becomes distributed by the number of hosts", () => {
    const { minio } = dataTier({ minioMembers: 4 });
    expect(fileOf(minio.fragment(first(minio.hosts)), "/etc/default/minio")).toContain(
      'MINIO_VOLUMES="http://10.0.0.190:9000/var/lib/minio/data http://10.0.0.191:9000/var/lib/minio/data',
    );
  });
});
