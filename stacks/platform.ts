import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { ClusterNamespaces } from "../components/cluster/pods/clusterNamespaces";
import { INGRESS_NAMESPACE } from "../components/cluster/pods/namespaces";
import { GatewayEntry } from "../components/cluster/ingress/gatewayEntry";
import { IngressNginx } from "../components/cluster/ingress/ingressNginx";
import { K3sCluster } from "../components/cluster/k3s/k3sCluster";
import { OperatorAccess } from "../components/cluster/k3s/operatorAccess";
import { NetworkPolicies } from "../components/cluster/pods/networkPolicies";
import { DeployKey } from "../components/machines/deployKey";
import { Host } from "../components/machines/host";
import type { HostGroupName, HostPlan } from "../components/machines/hostPlan";
import type { MachineContext } from "../components/machines/machineContext";
import type { Resizing } from "../components/machines/resizing";
import { Certificates, type CertificateSource } from "../components/network/certificates";
import { Monitoring } from "../components/monitoring/monitoring";
import { recordSet } from "../components/network/dnsRecords";
import { DnsZone } from "../components/network/dnsZone";
import { LoadBalancer } from "../components/network/loadBalancer";
import { PrivateNetwork } from "../components/network/privateNetwork";
import { PublicFirewall } from "../components/network/publicFirewall";
import { SecretStore } from "../components/secrets/secretStore";
import { nthAddress } from "../components/topology/addresses";
import type { Endpoint } from "../components/topology/topology";
import { PullSecrets } from "../components/apps/pullSecrets";
import { VAULT_NAMESPACE } from "../components/workloads/vault/vault";
import { VaultCluster } from "../components/workloads/vault/vaultCluster";
import { administratorOutputs, type Administrators } from "./administratorOutputs";
import { DataTier } from "./dataTier";
import { declaration } from "./declaration";
import type { Declaration } from "../verifier/declaration";
import { estateLabels, networkName } from "./estateLabels";
import { kubeconfigOutputs } from "./kubeconfigOutputs";
import type { EstatePlan } from "./plan";
import { SSH_USER } from "./planHosts";
import { registerApps } from "./registerApps";
import { registerObjects } from "./registerObjects";
import { webZones, zoneOf } from "./webZones";

export interface PlatformArgs {
  readonly plan: EstatePlan;
  /** Values of the configured secrets, by key. */
  readonly configured: Readonly<Record<string, pulumi.Input<string>>>;
  /** Servers whose type changes in this run. Default: none. */
  readonly resizing?: Resizing | undefined;
}

/**
 * The estate, registered from its plan. What is here is wiring: who waits for whom, and nothing that could be
 * decided without Pulumi.
 */
export class Platform extends pulumi.ComponentResource {
  /** Public host names, and the addresses of the web load balancers behind them. */
  readonly web: pulumi.Output<{ readonly hosts: readonly string[]; readonly addresses: readonly string[] }>;
  readonly bastion: pulumi.Output<{ readonly address: string; readonly hostKey: string; readonly user: string }>;
  /** Ways into the cluster, as the stack's outputs name them. */
  readonly access: ReturnType<typeof kubeconfigOutputs>;
  /** Who was made the first account of each application. */
  readonly administrators: pulumi.Output<Administrators>;
  /**
   * What must be open, how patient, and which risks are accepted: for the verifier. An output, so that what it says
   * of a change to a resource is no second change in a preview.
   */
  readonly declaration: Declaration;
  readonly #plan: EstatePlan;
  readonly #labels: Readonly<Record<string, string>>;

  constructor(name: string, { plan, configured, resizing }: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:stacks:Platform", name, {}, opts);
    this.declaration = declaration({
      topology: plan.topology,
      routes: plan.services.ingress.routes(),
      apps: plan.apps,
      environment: plan.environment,
    });
    this.#plan = plan;
    this.#labels = estateLabels(plan.environment.name);

    const own = { parent: this };
    const labels = this.#labels;
    const key = { labels, rotation: plan.deployKeyRotation };
    const deployKey = new DeployKey(`keybuzz-${plan.environment.name}`, key, own);
    const asked = { specs: plan.secrets, configured, deployKey: deployKey.publicKey, isProtected: plan.isProtected };
    const secrets = new SecretStore("secrets", asked, own);
    const network = this.#network();
    const entry = this.#bastion({ network, secrets, deployKey, ...(resizing === undefined ? {} : { resizing }) });
    const machines: MachineContext = { ...entry.context, bastion: entry.host };
    const data = new DataTier("data", { plan, machines, labels }, own);
    const address = publicAddress(entry.host);
    const cluster = new K3sCluster(
      "kubernetes",
      {
        service: plan.services.k3s,
        servers: this.#hosts("k3sServers"),
        agents: this.#hosts("k3sAgents"),
        machines,
        clusterIdentifier: `keybuzz-${plan.environment.name}`,
        apiServerUrl: pulumi.interpolate`https://${address}:${plan.settings.bastionKubernetesPort}`,
        networkMtu: plan.environment.network.mtu,
        after: data.balancing,
      },
      own,
    );
    const balancers = this.#web(network, cluster, secrets, entry.host);
    const operators = this.#workloads(cluster, secrets, data);
    this.web = pulumi.output({ hosts: [...plan.publicHosts], addresses: balancers.map((balancer) => balancer.ipv4) });
    this.bastion = pulumi.output({ address, hostKey: entry.host.hostKey, user: SSH_USER });
    this.access = kubeconfigOutputs(cluster.credential, operators.credentials);
    this.administrators = administratorOutputs(plan, secrets);
    this.registerOutputs({ web: this.web, bastion: this.bastion, ...this.access, declaration: this.declaration });
  }

  #hosts = (group: HostGroupName): readonly HostPlan[] => this.#plan.hosts.filter((host) => host.group === group);

  #network(): PrivateNetwork {
    const { environment, parties } = this.#plan;
    const { networkCidr, subnetCidr } = environment.network;
    const natGateway = parties.hosts("bastion").hosts[0]?.address ?? "";
    const name = networkName(environment.name);
    return new PrivateNetwork(
      name,
      {
        networkCidr,
        subnetCidr,
        networkZone: environment.networkZone,
        natGateway,
        labels: this.#labels,
        protect: this.#plan.isProtected(name),
      },
      { parent: this },
    );
  }

  #bastion(shared: Pick<MachineContext, "network" | "secrets" | "deployKey" | "resizing">): {
    host: Host;
    context: MachineContext;
  } {
    const { environment, settings, cloudRules } = this.#plan;
    const own = { parent: this };
    const firewall = new PublicFirewall("bastion", { rules: cloudRules, labels: this.#labels }, own);
    const context: MachineContext = {
      ...shared,
      sshUser: SSH_USER,
      bastionSshPort: settings.bastionSshPort,
      publicFirewallId: firewall.firewallId,
      labels: this.#labels,
      isProtected: (host) => this.#plan.isProtected(host),
      gateway: nthAddress(environment.network.networkCidr, 1),
      networkCidr: environment.network.networkCidr,
    };
    const [plan] = this.#hosts("bastion");
    if (plan === undefined) throw new Error("the environment has no bastion");
    return { host: new Host(plan.name, { plan, machines: context }, own), context };
  }

  #web(network: PrivateNetwork, cluster: K3sCluster, secrets: SecretStore, bastion: Host): readonly LoadBalancer[] {
    const { environment, parties, publicHosts, topology } = this.#plan;
    const { web } = environment;
    const own = { parent: this };
    const zones = webZones(environment).map(({ zone, manageZone, records = [] }) => {
      const protect = this.#plan.isProtected(zone);
      const args = { zone, manageZone, ttlSeconds: web.dnsTtlSeconds, protect, labels: this.#labels };
      return { zone, records, dns: new DnsZone(zone === web.zone ? "dns" : `dns-${zone}`, args, own) };
    });
    const created = zones.flatMap(({ dns }) => dns.created);
    const certificates = new Certificates(
      "certificates",
      { source: this.#certificateSource(secrets), hosts: publicHosts, labels: this.#labels, dependsOn: created },
      own,
    );
    const leaving = new Set(environment.hosts.flatMap((host) => (host.leaving === true ? [host.name] : [])));
    const nodes = [...cluster.servers.servers, ...(cluster.agents?.servers ?? [])];
    const targets = new Map(nodes.filter(([host]) => !leaving.has(host)));
    const balancers = web.loadBalancers.map((spec, i) => {
      const party = parties.webLbs[i];
      if (party === undefined) throw new Error(`${spec.name} is no party of the topology`);
      return new LoadBalancer(
        spec.name,
        {
          address: spec.address,
          type: spec.type,
          location: environment.location,
          public: true,
          listeners: topology.listenersOn(party),
          targets,
          certificateIds: certificates.ids,
          network,
          labels: this.#labels,
          protect: this.#plan.isProtected(spec.name),
        },
        own,
      );
    });
    const addresses = balancers.map((balancer) => balancer.ipv4);
    for (const { zone, dns, records } of zones) {
      for (const host of publicHosts) if (zoneOf(host, environment) === zone) dns.addressRecord(host, addresses);
      for (const record of records) dns.record(recordSet(record, web.dnsTtlSeconds));
      if (zone === web.zone) this.#reverseNames(dns, balancers, bastion);
    }
    return balancers;
  }

  /** Names for the public addresses, there and back. */
  #reverseNames(zone: DnsZone, balancers: readonly LoadBalancer[], bastion: Host): void {
    const { environment } = this.#plan;
    balancers.forEach((balancer, i) => {
      const name = `${environment.web.loadBalancers[i]?.name ?? i}.${environment.web.zone}`;
      zone.addressRecord(name, [balancer.ipv4]);
      new hcloud.Rdns(
        `rdns-${name}`,
        { loadBalancerId: balancer.loadBalancer.id.apply(Number), ipAddress: balancer.ipv4, dnsPtr: name },
        { parent: this },
      );
    });
    const { publicIp } = bastion;
    if (publicIp === undefined) return;
    const name = `${bastion.plan.name}.${environment.web.zone}`;
    zone.addressRecord(name, [publicIp.ipAddress]);
    new hcloud.Rdns(
      `rdns-${name}`,
      { primaryIpId: publicIp.id.apply(Number), ipAddress: publicIp.ipAddress, dnsPtr: name },
      { parent: this },
    );
  }

  #certificateSource(secrets: SecretStore): CertificateSource {
    const { uploadedCertificate, managedCertificates } = this.#plan;
    if (managedCertificates !== undefined) return { kind: "managed", plan: managedCertificates };
    if (uploadedCertificate === undefined) return { kind: "selfSigned" };
    return {
      kind: "uploaded",
      certificate: secrets.resolve(uploadedCertificate.certificate),
      privateKey: secrets.resolve(uploadedCertificate.privateKey),
    };
  }

  #workloads(cluster: K3sCluster, secrets: SecretStore, data: DataTier): OperatorAccess {
    const { services, apps, vault, monitoring, namespaces, networkPolicies, isProtected } = this.#plan;
    const { provider } = cluster;
    const own = { parent: this };
    const kept = { namespaces, isProtected, provider, dependsOn: cluster.ready };
    const made = new ClusterNamespaces("namespaces", kept, own);
    const people = { ...this.#plan.operators, cluster, dependsOn: made.ready };
    const operators = new OperatorAccess("operators", people, own);
    const policies = new NetworkPolicies(
      "policies",
      { policies: networkPolicies, provider, namespaces: made.namespaces, dependsOn: cluster.ready },
      own,
    );
    const choice = this.#plan.environment.kubernetes.ingress ?? { kind: "nginx" };
    const entry = { service: services.ingress, provider, dependsOn: policies.readyIn(INGRESS_NAMESPACE) };
    const ingress =
      choice.kind === "nginx"
        ? new IngressNginx("ingress-nginx", entry, own)
        : new GatewayEntry("gateway", { ...entry, className: choice.className, server: cluster.servers.first }, own);
    const form = choice.kind === "nginx" ? "ingress" : "gateway";
    const running: pulumi.Resource[] = [...ingress.ready];
    if (monitoring !== undefined) {
      const dependsOn = [...policies.readyIn(...monitoring.apps.map(({ namespace }) => namespace))];
      running.push(new Monitoring("monitoring", { apps: monitoring.apps, provider, secrets }, { ...own, dependsOn }));
    }
    const held: pulumi.Resource[] = [];
    if (vault !== undefined) {
      const dependsOn = [...policies.readyIn(VAULT_NAMESPACE)];
      held.push(new VaultCluster("vault", { plan: vault, provider, secrets }, { ...own, dependsOn }));
    }
    const pull = new PullSecrets(
      "pull-secrets",
      { plans: apps.map(({ app }) => app), provider, secrets },
      { ...own, dependsOn: [...made.ready] },
    );
    const after = { provider, secrets, policies, pull, ingress: ingress.ready, form } as const;
    const readyFor = (use: Endpoint) => (use === vault?.endpoint ? held : data.readyFor(use));
    const consumers = registerApps(this.#plan, { ...after, readyFor }, own);
    running.push(...registerObjects(this.#plan, after, own));
    data.retire(consumers);
    const turned = cluster.restartAgents([...running, ...held, ...consumers]);
    for (const { name, leaving } of this.#plan.environment.hosts) if (leaving === true) cluster.empty(name, turned);
    return operators;
  }
}

function publicAddress(bastion: Host): pulumi.Output<string> {
  if (bastion.publicIp === undefined) throw new Error(`bastion ${bastion.plan.name} has no public address`);
  return bastion.publicIp.ipAddress;
}
