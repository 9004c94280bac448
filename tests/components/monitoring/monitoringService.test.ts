import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { allDashboards } from "../../../components/monitoring/dashboards/allDashboards";
import { dashboardJson } from "../../../components/monitoring/dashboards/panel";
import { renderApp } from "../../../components/apps/renderApp";
import { hasSecret } from "../../../components/secrets/secretRef";
import { partyKey } from "../../../components/topology/party";
import { allObjects, expectValid } from "../workloads/renderedFile";
import { watchedEstate } from "./support/watchedEstate";

const { plan, monitoring, apps } = watchedEstate();
const rendered = apps.map((app) => ({ name: app.name, ...renderApp(app) }));
const workloads = rendered.flatMap(({ processes }) => processes.map(({ workload }) => workload));

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
    [
      "age of certificates",
      ["CertificateExpires", "CertificateExpiresNow", "ClusterCredentialExpires", "ClusterCredentialExpiresNow"],
    ],
    ["updates that nobody takes", ["SecurityUpdatesPending", "KeptUpdatesPending", "RebootPending", "UpdatesUnread"]],
    ["disk", ["DiskAlmostFull", "DiskFillsSoon", "InodesAlmostGone"]],
    ["memory", ["MemoryShort", "OutOfMemoryKill"]],
    ["a node that is not ready", ["NodeNotReady", "NodesMissing"]],
    ["a DaemonSet short of a node", ["DaemonSetShort", "IngressPodsMissing"]],
    ["a Redis that HAProxy leads nobody to", ["RedisPrimaryUnnamed"]],
    ["a Vault that is sealed, or short of a member", ["VaultSealed", "VaultMembersMissing"]],
    ["a configuration that Prometheus refuses", ["ConfigurationRefused"]],
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

describe("Prometheus reads its configuration anew", () => {
  const app = apps.find(({ name }) => name === "prometheus");
  if (app === undefined) throw new Error("there is no Prometheus");
  const template = (changed: string) => {
    const directories = app.directories.map((one) =>
      one.name === changed ? { ...one, files: { ...one.files, "new.yml": "groups: []" } } : one,
    );
    return renderApp({ ...app, directories }).processes[0]?.workload.spec.template;
  };

  test.each(["prometheus-config", "prometheus-rules"])("%s: no pod is replaced for it, and it arrives", (name) => {
    expect(template(name)).toEqual(template("nothing"));
    const [container] = template("nothing")?.spec.containers ?? [];
    expect(container?.args).toContain("--enable-feature=auto-reload-config");
    // With a subPath it would stay as it was at the pod's start.
    expect(container?.volumeMounts?.find((mount) => mount.name === name)).not.toHaveProperty("subPath");
  });

  test("what it reads at its start alone replaces it", () => {
    expect(template("prometheus-access")).not.toEqual(template("nothing"));
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
  test("objects fit the Kubernetes schemas", () => expectValid(apps.flatMap(allObjects)));

  test("what can never be changed of a StatefulSet stays as it is: its volume, its Service, the order of its pods", () => {
    const sets = workloads.flatMap((workload) => (workload.kind === "StatefulSet" ? [workload] : []));
    expect(sets.map(({ metadata }) => metadata.name)).toEqual(["alertmanager", "prometheus"]);
    for (const { metadata, spec } of sets) {
      expect(spec.serviceName).toBe(metadata.name);
      expect(spec).not.toHaveProperty("podManagementPolicy");
      expect(spec.volumeClaimTemplates.map((claim) => claim.metadata.name)).toEqual(["data"]);
      expect(spec.selector.matchLabels).toEqual({ "app.kubernetes.io/name": metadata.name });
    }
  });

  test("all but node-exporter are on the worker kept for them", () => {
    const elsewhere = workloads.filter(
      ({ spec }) => spec.template.spec.nodeSelector?.["keybuzz.io/duty"] !== "monitoring",
    );
    expect(elsewhere.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([["DaemonSet", "node-exporter"]]);
  });

  test("pods are replaced when a rule, a dashboard or a target changes", () => {
    const annotations = (name: string, part: (files: string) => string): unknown => {
      const app = apps.find((one) => one.name === name);
      if (app === undefined) throw new Error(name);
      const directories = app.directories.map((directory) => ({
        ...directory,
        files: Object.fromEntries(Object.entries(directory.files).map(([file, text]) => [file, part(text)])),
      }));
      return renderApp({ ...app, directories }).processes[0]?.workload.spec.template.metadata.annotations;
    };
    for (const name of ["prometheus", "alertmanager", "grafana", "blackbox-exporter", "kube-state-metrics"]) {
      expect(annotations(name, (text) => `${text}\n`)).not.toEqual(annotations(name, (text) => text));
    }
  });

  test("pods are non-root, read-only, limited, probed, and pinned", () => {
    for (const { spec } of workloads.map((workload) => workload.spec.template)) {
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
        for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe])
          expect(probe).toHaveProperty("httpGet.path", expect.stringMatching(/^\//));
      }
    }
  });

  test("only node-exporter is on the nodes' network, and its namespace alone allows it", () => {
    const open = workloads.filter(({ spec }) => spec.template.spec.hostNetwork === true);
    expect(open.map(({ metadata }) => metadata.name)).toEqual(["node-exporter"]);
    const enforced = (name: string): string | undefined =>
      plan.namespaces.find((namespace) => namespace.name === name)?.labels["pod-security.kubernetes.io/enforce"];
    expect(enforced("monitoring")).toBe("restricted");
    expect(enforced("node-exporter")).toBe("privileged");
  });

  test("no secret is in a ConfigMap, an argument or a variable; nobody may read Secrets", () => {
    const open = rendered.flatMap(({ configMaps, processes }) => [
      ...configMaps.map(({ data }) => JSON.stringify(data)),
      JSON.stringify(processes),
    ]);
    expect(open.filter(hasSecret)).toEqual([]);
    const readable = apps.flatMap(({ clusterRights }) => clusterRights.flatMap(({ resources = [] }) => resources));
    expect(readable).toContain("pods");
    expect(readable).not.toContain("secrets");
  });

  test("ConfigMaps are below Kubernetes' limit of 1 MiB", () => {
    for (const { data } of rendered.flatMap(({ configMaps }) => configMaps))
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
    const objects = apps.flatMap(allObjects).filter(({ kind }) => kind !== "ConfigMap");
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
    const found = rendered.flatMap(({ configMaps }) => configMaps).find(({ metadata }) => metadata.name === map);
    expectRendered(key, found?.data[key] ?? "");
  });
});
