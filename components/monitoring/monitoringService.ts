import { MONITOR_USER } from "../data/mariadb/galeraConfig";
import type { PostgresService } from "../data/postgres/postgresService";
import type { HostConfigPart } from "../machines/hostConfig";
import type { SecretLedger } from "../secrets/secretLedger";
import type { HostRef, Hosts } from "../topology/party";
import type { Endpoint } from "../topology/topology";
import { allowOutbound } from "../topology/outbound";
import { serviceEndpoint } from "../apps/serviceEndpoint";
import type { AlertReceiver } from "./alertmanagerConfig";
import type { RuleGroup } from "./alertRule";
import {
  joinParts,
  mariadbExporterPart,
  nodeExporterPart,
  postgresExporterPart,
  redisExporterPart,
} from "./hostExporters";
import { EXPORTER_PORTS, MONITORING_PODS, MONITORING_PORTS } from "./monitoringParts";
import { NODE_TEXTFILES, pendingUpdatesPart } from "./pendingUpdates";
import { pgbouncerMetricsPart } from "./pgbouncerMetrics";
import { allRules } from "./rules/allRules";
import type { RuleFacts } from "./rules/ruleFacts";
import { clusterJobs } from "./scrape/clusterJobs";
import { dataJobs } from "./scrape/dataJobs";
import { probeJobs } from "./scrape/probeJobs";
import { endpointAt, hostTargets, type ScrapeJob } from "./scrapeJob";
import type { Watched } from "./watched";

export interface MonitoringServiceArgs extends Watched {
  readonly secrets: SecretLedger;
  /** Name of the stack: a label on every alert. */
  readonly estate: string;
  /** Are the web certificates signed by an authority that everybody knows? */
  readonly verifyCertificates: boolean;
  readonly alerts: AlertReceiver;
  /** Days that figures are kept. */
  readonly retentionDays: number;
  /** GB of the volume for them, on the monitoring worker's own disk. */
  readonly storageGb: number;
}

/**
 * Everything that is watched, by whom and how. Each reading is a declared flow: firewalls and NetworkPolicies
 * follow from it, and what is not declared cannot be read.
 */
export class MonitoringService {
  readonly jobs: readonly ScrapeJob[];
  readonly rules: readonly RuleGroup[];
  /** Host and port of Alertmanager's and Prometheus' Services. */
  readonly alertmanager: string;
  readonly prometheus: string;
  readonly args: MonitoringServiceArgs;
  /** Placeholders: of Grafana's administrator, and of the webhook that alerts go to. */
  readonly grafanaPassword: string;
  readonly alertUrl: string | undefined;
  /** Placeholder of the certificate that PostgreSQL's members are verified with. */
  readonly postgresAuthority: string | undefined;
  /** Placeholder of the key that reads Qdrant's figures. */
  readonly vectorStoreKey: string | undefined;
  readonly #accounts: { readonly postgres: ReturnType<PostgresService["monitor"]> | undefined };

  constructor(args: MonitoringServiceArgs) {
    const { topology, secrets, postgres } = args;
    this.args = args;
    this.grafanaPassword = secrets.generated("monitoring/grafana-admin");
    this.alertUrl = args.alerts === "none" ? undefined : secrets.configured("alertWebhookUrl");
    this.#accounts = { postgres: postgres?.monitor() };
    this.postgresAuthority = this.#accounts.postgres?.authority;

    this.vectorStoreKey = args.vectorStore?.readOnlyKey;

    const { prometheus, alertmanager, grafana, kubeStateMetrics, blackboxExporter } = MONITORING_PODS;
    const service = (pods: typeof prometheus, port: number): Endpoint =>
      serviceEndpoint(topology, `monitoring/${pods.app}`, pods, port);
    const read = (endpoint: Endpoint, purpose: string): string => {
      const { host, port } = topology.connect(prometheus, endpoint, purpose);
      return `${host}:${port}`;
    };
    const store = service(prometheus, MONITORING_PORTS.prometheus);
    const shown = topology.connect(grafana, store, "Grafana shows Prometheus' figures");
    this.prometheus = `${shown.host}:${shown.port}`;
    this.alertmanager = read(service(alertmanager, MONITORING_PORTS.alertmanager), "Prometheus sends alerts");
    if (this.alertUrl !== undefined) allowOutbound(topology, alertmanager, 443, "alerts go to the operators' chat");

    const machines = endpointAt(topology, {
      id: "monitoring/node-exporter",
      provider: args.machines,
      port: EXPORTER_PORTS.node,
    });
    const own = (job: string, address: string): ScrapeJob => ({ job, targets: [{ address, labels: {} }] });
    this.jobs = [
      own("prometheus", `localhost:${MONITORING_PORTS.prometheus}`),
      own("alertmanager", this.alertmanager),
      own("grafana", read(service(grafana, MONITORING_PORTS.grafana), "Prometheus reads Grafana's own figures")),
      own(
        "kube-state",
        read(service(kubeStateMetrics, MONITORING_PORTS.kubeStateMetrics), "Prometheus reads the state of objects"),
      ),
      { job: "node", targets: hostTargets(topology, prometheus, machines, "Prometheus reads every machine") },
      ...clusterJobs(args),
      ...dataJobs(args),
      ...probeJobs(
        args,
        read(service(blackboxExporter, MONITORING_PORTS.blackboxExporter), "Prometheus asks for probes"),
      ),
    ];
    this.rules = allRules(this.#facts);
  }

  get #facts(): RuleFacts {
    const { nodes, api, postgres, redis, rabbitmq, mariadb, objectStore, backups, ingressNginx, vaultMembers } =
      this.args;
    const servers = api.provider.kind === "hosts" ? api.provider.hosts.length : 0;
    const members = <Name extends string>(name: Name, service: { readonly hosts: Hosts } | undefined) =>
      (service === undefined ? {} : { [name]: service.hosts.hosts.length }) as { readonly [K in Name]?: number };
    return {
      nodes: nodes.hosts.length,
      servers,
      backups,
      ingressNginx,
      ...members("postgres", postgres),
      ...members("redis", redis),
      ...members("rabbitmq", rabbitmq),
      ...members("mariadb", mariadb),
      ...members("objectStore", objectStore),
      ...(vaultMembers === undefined ? {} : { vault: vaultMembers }),
    };
  }

  /**
   * What watches a machine from within. Nodes have the figures of their updates alone: a DaemonSet reads the rest there.
   *
   * @param units systemd units that must run on it
   */
  fragment(host: HostRef, units: readonly string[]): HostConfigPart {
    const { nodes, haproxy, postgres, redis, mariadb } = this.args;
    const among = (hosts: Hosts | undefined): boolean => hosts?.hosts.some(({ name }) => name === host.name) ?? false;
    if (among(nodes)) return joinParts([NODE_TEXTFILES, pendingUpdatesPart()]);
    const account = this.#accounts.postgres;
    return joinParts([
      nodeExporterPart(host, units),
      pendingUpdatesPart(),
      ...(account !== undefined && among(postgres?.hosts) ? [postgresExporterPart(host, account)] : []),
      ...(account !== undefined && among(haproxy.hosts) ? [pgbouncerMetricsPart(account)] : []),
      ...(redis !== undefined && among(redis.hosts) ? [redisExporterPart(host, redis.watcher)] : []),
      ...(mariadb !== undefined && among(mariadb.hosts)
        ? [mariadbExporterPart(host, { user: MONITOR_USER, password: mariadb.monitorPassword })]
        : []),
    ]);
  }
}
