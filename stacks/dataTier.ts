import * as pulumi from "@pulumi/pulumi";
import { HaproxyPair } from "../components/balancing/haproxyPair";
import { ProxySqlPair } from "../components/data/mariadb/proxySqlPair";
import type { DataCluster } from "../components/data/dataCluster";
import { GaleraCluster } from "../components/data/mariadb/galeraCluster";
import { MinioObjectStore } from "../components/data/minio/minioObjectStore";
import { PostgresCluster } from "../components/data/postgres/postgresCluster";
import { QdrantVectorStore } from "../components/data/qdrant/qdrantVectorStore";
import { RabbitCluster } from "../components/data/rabbit/rabbitCluster";
import { RedisCluster } from "../components/data/redis/redisCluster";
import type { HostGroupName, HostPlan } from "../components/machines/hostPlan";
import type { MachineContext } from "../components/machines/machineContext";
import { LoadBalancer, type LoadBalancerArgs } from "../components/network/loadBalancer";
import { partyKey, type LoadBalancer as LoadBalancerParty } from "../components/topology/party";
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
  /** What ends logins of before a rotation, given all consumers. */
  readonly #retirements: ((consumers: readonly pulumi.Resource[]) => void)[] = [];

  constructor(name: string, args: DataTierArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:stacks:DataTier", name, {}, opts);
    this.#args = args;
    const { plan, machines } = args;
    const { postgres, redis, rabbitmq, objectStore, vectorStore, mariadb, proxysql } = plan.services;
    const shared = (group: HostGroupName) => ({ hosts: this.#hosts(group), machines });
    const own = { parent: this };

    const haproxy = new HaproxyPair("haproxy", shared("haproxy"), own);
    const dataLb = this.#balancer(plan.parties.dataLb, plan.environment.dataLoadBalancer, haproxy.group.servers);
    this.balancing = [...haproxy.ready, ...dataLb.ready];
    this.#serves(plan.parties.dataLb, this.balancing);

    if (postgres !== undefined) {
      const cluster = new PostgresCluster("postgres", { service: postgres, ...shared("postgres") }, own);
      this.#runs(postgres, cluster);
    }
    if (redis !== undefined) {
      const clusterScript = redis.usePasswordScript();
      const cluster = new RedisCluster(
        "redis",
        {
          ...shared("redis"),
          ...(clusterScript === undefined ? {} : { clusterScript }),
          rolling: () => redis.rolling,
        },
        own,
      );
      this.#runs(redis, cluster);
    }
    if (rabbitmq !== undefined) {
      const cluster = new RabbitCluster(
        "rabbitmq",
        { ...shared("rabbitmq"), clusterScript: rabbitmq.vhostsScript(), rolling: () => rabbitmq.rolling },
        own,
      );
      this.#runs(rabbitmq, cluster);
    }
    if (objectStore !== undefined) {
      const cluster = new MinioObjectStore(
        "object-store",
        { ...shared("minio"), clusterScript: objectStore.bucketsScript() },
        own,
      );
      this.#runs(objectStore, cluster);
    }
    if (vectorStore !== undefined) {
      this.#serves(vectorStore.hosts, new QdrantVectorStore("vector-store", shared("qdrant"), own).ready);
    }
    const { mariadbLb } = plan.parties;
    const spec = plan.environment.mariadbLoadBalancer;
    if (mariadb !== undefined && proxysql !== undefined && mariadbLb !== undefined && spec !== undefined) {
      const galera = new GaleraCluster(
        "mariadb",
        {
          ...shared("mariadb"),
          clusterScript: mariadb.databasesScript(proxysql.databases),
          rolling: () => mariadb.rolling,
        },
        own,
      );
      this.#serves(mariadb.hosts, galera.ready);
      const pair = new ProxySqlPair("proxysql", shared("proxysql"), own);
      this.#serves(mariadbLb, [...pair.ready, ...this.#balancer(mariadbLb, spec, pair.group.servers).ready]);
    }
    this.registerOutputs();
  }

  /** Everything on the way to an endpoint: balancers, proxies, and the cluster behind them. */
  readyFor(endpoint: Endpoint): readonly pulumi.Resource[] {
    const { topology } = this.#args.plan;
    const ready = new Set<pulumi.Resource>();
    for (let hop: Endpoint | undefined = endpoint; hop !== undefined;) {
      for (const resource of this.#ready.get(partyKey(hop.provider)) ?? []) ready.add(resource);
      const { id }: Endpoint = hop;
      hop = topology.listeners.find((listener) => listener.endpoint.id === id)?.backend;
    }
    return [...ready];
  }

  /** Once every consumer has the new login, the one before a rotation ends. Nothing where none was rotated. */
  retire(consumers: readonly pulumi.Resource[]): void {
    for (const retirement of this.#retirements) retirement(consumers);
  }

  /** A cluster serves what its service provides, and knows how to end logins of before a rotation. */
  #runs(
    service: { readonly hosts: Endpoint["provider"]; retireScript(): string | undefined },
    cluster: DataCluster,
  ): void {
    this.#serves(service.hosts, cluster.ready);
    this.#retirements.push((consumers) => cluster.retire(service.retireScript(), consumers));
  }

  #serves(party: Endpoint["provider"], ready: readonly pulumi.Resource[]): void {
    this.#ready.set(partyKey(party), ready);
  }

  #hosts(group: HostGroupName): readonly HostPlan[] {
    return this.#args.plan.hosts.filter((host) => host.group === group);
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
