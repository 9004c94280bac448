import * as pulumi from "@pulumi/pulumi";
import { HaproxyPair } from "../components/balancing/haproxyPair";
import { ProxySqlPair } from "../components/data/mariadb/proxySqlPair";
import { DataCluster } from "../components/data/dataCluster";
import type { MachineContext } from "../components/machines/machineContext";
import { LoadBalancer, type LoadBalancerArgs } from "../components/network/loadBalancer";
import { partyKey, type Hosts, type LoadBalancer as LoadBalancerParty } from "../components/topology/party";
import type { Endpoint } from "../components/topology/topology";
import type { LoadBalancerSpec } from "./environment";
import type { EstatePlan } from "./plan";

export interface DataTierArgs {
  readonly plan: EstatePlan;
  readonly machines: MachineContext;
  readonly labels: Readonly<Record<string, string>>;
}

/** The clusters that keep the data, HAProxy and ProxySQL in front of them, and the two private load balancers. */
export class DataTier extends pulumi.ComponentResource {
  /** What leads to the Kubernetes API: nodes join through it. */
  readonly balancing: readonly pulumi.Resource[];
  /** Resources to wait for, by the party that provides an endpoint. */
  readonly #ready = new Map<string, readonly pulumi.Resource[]>();
  readonly #args: DataTierArgs;
  readonly #clusters: readonly DataCluster[];

  constructor(name: string, args: DataTierArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:stacks:DataTier", name, {}, opts);
    this.#args = args;
    const { plan, machines } = args;
    const shared = ({ group }: Hosts) => ({ hosts: plan.hosts.filter((host) => host.group === group), machines });
    const own = { parent: this };

    const haproxy = new HaproxyPair("haproxy", shared(plan.parties.hosts("haproxy")), own);
    const dataLb = this.#balancer(plan.parties.dataLb, plan.environment.dataLoadBalancer, haproxy.group.servers);
    this.balancing = [...haproxy.ready, ...dataLb.ready];
    this.#serves(plan.parties.dataLb, this.balancing);

    this.#clusters = plan.services.data.map((service) => {
      const cluster = new DataCluster(service, shared(service.hosts), own);
      this.#serves(service.hosts, cluster.ready);
      return cluster;
    });
    const { mariadbLb } = plan.parties;
    const spec = plan.environment.mariadbLoadBalancer;
    if (plan.services.proxysql !== undefined && mariadbLb !== undefined && spec !== undefined) {
      const pair = new ProxySqlPair("proxysql", shared(plan.parties.hosts("proxysql")), own);
      this.#serves(mariadbLb, [...pair.ready, ...this.#balancer(mariadbLb, spec, pair.group.servers).ready]);
    }
    this.registerOutputs();
  }

  /** Everything on the way to an endpoint: balancers, proxies, and the cluster behind them. */
  readyFor(endpoint: Endpoint): readonly pulumi.Resource[] {
    const { plan } = this.#args;
    const { topology } = plan;
    const ready = new Set<pulumi.Resource>();
    for (let hop: Endpoint | undefined = endpoint; hop !== undefined;) {
      for (const resource of this.#ready.get(partyKey(hop.provider)) ?? []) ready.add(resource);
      const { id }: Endpoint = hop;
      hop = topology.listeners.find((listener) => listener.endpoint.id === id)?.backend;
    }
    const pooled = plan.services.postgres?.pooled;
    // PgBouncer is beside HAProxy, and serves nothing before the databases and its own account are there.
    if (pooled?.pool.id === endpoint.id) return [...new Set([...ready, ...this.readyFor(pooled.leader)])];
    return [...ready];
  }

  /** Once every consumer has the new login, the one before a rotation ends. Nothing where none was rotated. */
  retire(consumers: readonly pulumi.Resource[]): void {
    for (const cluster of this.#clusters) cluster.retire(consumers);
  }

  #serves(party: Endpoint["provider"], ready: readonly pulumi.Resource[]): void {
    this.#ready.set(partyKey(party), ready);
  }

  #balancer(party: LoadBalancerParty, spec: LoadBalancerSpec, targets: LoadBalancerArgs["targets"]): LoadBalancer {
    const { plan, machines, labels } = this.#args;
    return new LoadBalancer(
      spec.name,
      {
        address: spec.address,
        type: spec.type,
        location: plan.environment.location,
        public: false,
        listeners: plan.topology.listenersOn(party),
        targets,
        network: machines.network,
        labels,
        protect: plan.isProtected(spec.name),
      },
      { parent: this },
    );
  }
}
