import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { allDashboards } from "../../../components/monitoring/dashboards/allDashboards";
import { dashboardJson } from "../../../components/monitoring/dashboards/panel";
import { pgbouncerMetricsScript } from "../../../components/monitoring/pgbouncerMetrics";
import { monitoringApps } from "../../../components/monitoring/objects/monitoringApps";
import { hasSecret } from "../../../components/secrets/secretRef";
import { partyKey } from "../../../components/topology/party";
import { watchedEstate } from "./support/watchedEstate";

const { plan, monitoring } = watchedEstate();
const apps = monitoringApps(monitoring);

/** Compares with the file of that name; UPDATE_RENDERED=1 writes it anew, to be read in the diff. */
function expectRendered(name: string, text: string): void {
  const file = join(__dirname, "rendered", name);
  if (process.env.UPDATE_RENDERED === "1") writeFileSync(file, text);
  if (!existsSync(file)) throw new Error(`${file} is missing; write it with UPDATE_RENDERED=1 and read it`);
  expect(text).toBe(readFileSync(file, "utf8"));
}

describe("nothing is left out", () => {
  // Each way in which this estate has failed or can fail (issue C), and who says so.
  test.each<[string, readonly string[]]>([
    ["504s, by host", ["GatewayTimeouts"]],
    ["499s, by host", ["ClientsGiveUp"]],
    ["upstream connect time", ["UpstreamConnectSlow"]],
    ["loss of a leader", ["PostgresNoLeader", "RedisNoPrimary", "GaleraWithoutPrimary", "RabbitPartition"]],
    ["replication lag", ["PostgresReplicationLag", "RedisReplicationLag", "GaleraFlowControl"]],
    ["a quorum at its edge", ["PostgresQuorumAtEdge", "EtcdQuorumAtEdge"]],
    ["age of backups and snapshots", ["BackupTooOld", "BackupMissing", "EtcdSnapshotTooOld"]],
    ["age of certificates", ["CertificateExpires", "CertificateExpiresNow"]],
    ["disk", ["DiskAlmostFull", "DiskFillsSoon", "InodesAlmostGone"]],
    ["memory", ["MemoryShort", "OutOfMemoryKill"]],
    ["a node that is not ready", ["NodeNotReady", "NodesMissing"]],
    ["a DaemonSet short of a node", ["DaemonSetShort", "IngressPodsMissing"]],
  ])("%s", (_what, alerts) => {
    const names = monitoring.rules.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    expect(names).toEqual(expect.arrayContaining([...alerts]));
  });

  test("every quorum of the estate has its edge", () => {
    const names = monitoring.rules.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    expect(names.filter((name) => name.endsWith("QuorumAtEdge")).sort()).toEqual([
      "EtcdQuorumAtEdge",
      "GaleraQuorumAtEdge",
      "PostgresQuorumAtEdge",
      "RabbitQuorumAtEdge",
      "RedisQuorumAtEdge",
    ]);
  });

  test("dashboards: the estate, the ingress, each data cluster, Chatwoot", () => {
    expect(allDashboards(monitoring.args).map(({ title }) => title)).toEqual(
      expect.arrayContaining([
        "Estate",
        "Ingress",
        "PostgreSQL",
        "Redis",
        "RabbitMQ",
        "MariaDB",
        "Object store",
        "Vector store",
        "Chatwoot",
      ]),
    );
  });
});

describe("what is read", () => {
  test("every target is the end of a declared flow of Prometheus or of the prober", () => {
    const allowed = new Set(
      plan.topology.flows
        .filter(({ from }) => /prometheus|blackbox/.test(partyKey(from)))
        .flatMap(({ to }) => {
          const { provider } = to;
          if (provider.kind === "hosts") return provider.hosts.map(({ address }) => `${address}:${to.port}`);
          if (provider.kind === "loadBalancer") return [`https://${provider.address}/`];
          return provider.kind === "pods" ? [`${provider.app}.${provider.namespace}.svc.cluster.local:${to.port}`] : [];
        }),
    );
    const targets = monitoring.jobs.flatMap(({ targets }) => targets.map(({ address }) => address));
    expect(targets.filter((address) => !allowed.has(address))).toEqual(["localhost:9090"]);
    expect(new Set(targets).size).toBeGreaterThan(60);
  });

  test("every machine is read, and asked for every service that must run on it", () => {
    const node = monitoring.jobs.find(({ job }) => job === "node");
    expect(node?.targets.map(({ labels }) => labels["machine"])).toEqual(plan.hosts.map(({ name }) => name));
    const settings = (host: string, exporter = "node-exporter"): string | undefined =>
      plan.hosts
        .find(({ name }) => name === host)
        ?.config.files.find(({ path }) => path === `/etc/default/prometheus-${exporter}`)?.content;
    expect(settings("db-master-01")).toMatch(/[|(]patroni\[\.\]service[|)]/);
    expect(settings("haproxy-01")).toMatch(/[|(]pgbouncer\[\.\]service[|)]/);
    expect(settings("redis-01")).toMatch(/[|(]ufw\[\.\]service[|)]/);
    expect(settings("redis-01", "redis-exporter")).toContain("REDIS_PASSWORD='<<secret:");
    // There the DaemonSet does it.
    expect(settings("k3s-worker-01")).toBeUndefined();
  });

  test("the firewall of a database opens its exporter to pods and nodes, not to other machines", () => {
    const rules = plan.hosts
      .find(({ name }) => name === "db-master-01")
      ?.config.files.find(({ path }) => path === "/etc/ufw/user.rules")?.content;
    const openings = (rules ?? "").split("\n").filter((line) => /--dport 9187 .*ACCEPT/.test(line));
    const nodes = plan.services.k3s.nodes.hosts.map(({ address }) => address);
    expect(openings.map((line) => / -s (\S+)/.exec(line)?.[1]).sort()).toEqual(
      [...nodes, plan.environment.network.podCidr].sort(),
    );
  });
});

describe("what runs in the cluster", () => {
  const pods = apps.map(({ workload }) => workload.manifest.spec.template);

  test("pods are non-root, read-only, limited, probed, and pinned", () => {
    for (const { spec } of pods) {
      expect(spec.securityContext.runAsNonRoot).toBe(true);
      for (const container of spec.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(container.image).toMatch(/:v?\d+\.\d+\.\d+$/);
        expect(Object.keys(container.resources.limits)).toEqual(["cpu", "memory"]);
        expect(container.livenessProbe.httpGet.path).toMatch(/^\//);
      }
    }
  });

  test("only node-exporter is on the nodes' network, and its namespace alone allows it", () => {
    const open = apps.filter(({ workload }) => workload.manifest.spec.template.spec.hostNetwork === true);
    expect(open.map(({ name }) => name)).toEqual(["node-exporter"]);
    const enforced = (name: string): string | undefined =>
      plan.namespaces.find((namespace) => namespace.name === name)?.labels["pod-security.kubernetes.io/enforce"];
    expect(enforced("monitoring")).toBe("restricted");
    expect(enforced("node-exporter")).toBe("privileged");
  });

  test("no secret is in a ConfigMap, an argument or a variable; nobody may read Secrets", () => {
    const open = apps.flatMap(({ configMaps, workload }) => [
      ...configMaps.map(({ data }) => JSON.stringify(data)),
      JSON.stringify(workload.manifest),
    ]);
    expect(open.filter(hasSecret)).toEqual([]);
    expect(apps.flatMap(({ clusterRules }) => clusterRules.flatMap(({ resources = [] }) => resources))).not.toContain(
      "secrets",
    );
  });

  test("ConfigMaps are below Kubernetes' limit of 1 MiB", () => {
    for (const { data } of apps.flatMap(({ configMaps }) => configMaps))
      expect(JSON.stringify(data).length).toBeLessThan(500_000);
  });

  test("dashboards are JSON, with addresses of their own, and no two panels overlap", () => {
    const dashboards = allDashboards(monitoring.args);
    expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
    for (const dashboard of dashboards) {
      const { panels } = JSON.parse(dashboardJson(dashboard)) as {
        panels: { gridPos: { x: number; y: number; w: number; h: number } }[];
      };
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
    }
  });
});

describe("rendered, to be read", () => {
  test("objects", () => {
    const objects = apps.flatMap(({ account, secrets, workload, service, clusterRules, name }) => [
      { kind: "ServiceAccount", ...account },
      ...(clusterRules.length === 0 ? [] : [{ kind: "ClusterRole", name, rules: clusterRules }]),
      ...secrets.map((secret) => ({ kind: "Secret", ...secret })),
      { kind: workload.kind, ...workload.manifest },
      ...(service === undefined ? [] : [{ kind: "Service", ...service }]),
    ]);
    // What is mounted has files of its own; its checksum would change this one with every word of a runbook.
    const text = objects
      .map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }))
      .join("---\n");
    expectRendered("objects.yaml", text.replaceAll(/(config-checksum: )\S+/g, "$1(of its content)"));
  });

  test.each([
    ["prometheus-config", "prometheus.yml"],
    ["alertmanager-config", "alertmanager.yml"],
    ["blackbox-exporter-config", "blackbox.yml"],
  ])("%s", (map, key) => {
    const found = apps.flatMap(({ configMaps }) => configMaps).find(({ metadata }) => metadata.name === map);
    expectRendered(key, found?.data[key] ?? "");
  });

  test("PgBouncer's figures", () => expectRendered("pgbouncer-metrics.sh", pgbouncerMetricsScript("keybuzz_monitor")));
});
