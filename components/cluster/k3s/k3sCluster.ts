import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { HostGroup } from "../../machines/hostGroup";
import type { HostPlan } from "../../machines/hostPlan";
import type { MachineContext } from "../../machines/machineContext";
import { atLeastOne } from "../../machines/atLeastOne";
import { Calico } from "../pods/calico";
import { ownAuthorities, readAuthorities } from "./clusterAuthorities";
import { ClusterDns } from "./clusterDns";
import {
  AGENT_RESTART_SCRIPT,
  AGENT_RESTART_TIMEOUT_SECONDS,
  AGENT_TURN_SCRIPT,
  AGENT_TURN_TIMEOUT_SECONDS,
} from "./k3sAgentTurn";
import { ClusterCredential, type ClientName, type ClusterCredentialArgs } from "./clusterCredential";
import { k3sPowerTurn } from "./k3sPowerTurn";
import { RESTART_SCRIPT, RESTART_TIMEOUT_SECONDS } from "./k3sRestart";
import { RETIRE_SCRIPT, RETIRE_TIMEOUT_SECONDS } from "./k3sRetire";
import type { K3sService } from "./k3sService";

export interface K3sClusterArgs {
  readonly service: K3sService;
  readonly servers: readonly HostPlan[];
  readonly agents: readonly HostPlan[];
  readonly machines: MachineContext;
  /** Identity of the cluster in Pulumi's state: constant for its whole life, e.g. "keybuzz-prod". */
  readonly clusterIdentifier: string;
  /** Where operators and this program reach the API: "https://<bastion>:6443". */
  readonly apiServerUrl: pulumi.Input<string>;
  /** Bytes that the private network carries. */
  readonly networkMtu: number;
  /** What the nodes need to join: the balancers in front of the API. Default: nothing. */
  readonly after?: readonly pulumi.Resource[];
}

/**
 * The Kubernetes cluster: its machines, its pod network, and the way in.
 *
 * All machines boot and are configured in parallel, and no configuration waits for another; on each server the
 * membership guard (k3sMembership.ts) decides whether it initialises, joins or waits, so the order of joining is safe
 * without an order here. Whether they have found each other is asked for once all servers are configured.
 */
export class K3sCluster extends pulumi.ComponentResource {
  readonly servers: HostGroup;
  /** Absent when the servers run everything. */
  readonly agents: HostGroup | undefined;
  /** The program's own, with full rights on the cluster. */
  readonly credential: ClusterCredential;
  /**
   * Applies on the server's side. ConfigMaps and Secrets change in place: their names are given by what runs today,
   * and pods are rolled by a checksum of what they read.
   */
  readonly provider: kubernetes.Provider;
  /**
   * What to wait for before anything is put into the cluster: its servers, the pod network, and every agent that could
   * be had. One is enough: a type that is sold out takes no workload with it (`pulumi up --continue-on-error`).
   */
  readonly ready: pulumi.Output<pulumi.Resource[]>;
  readonly #clients: Omit<ClusterCredentialArgs, keyof ClientName>;
  readonly #name: string;
  readonly #service: K3sService;
  /** Each server runs what it is to run. */
  readonly #serving: readonly pulumi.Resource[];

  constructor(name: string, args: K3sClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:cluster:K3sCluster", name, {}, opts);
    const { machines, after = [] } = args;
    this.servers = new HostGroup(
      `${name}-servers`,
      { hosts: args.servers, machines, joinAfter: after, turn: ({ name }) => k3sPowerTurn(name, false) },
      { parent: this },
    );
    // An agent joins whatever others do, and with the token of before or the new one: after the servers' restarts.
    const serving = this.#restarts(name);
    this.#name = name;
    this.#service = args.service;
    this.#serving = serving;
    this.agents =
      args.agents.length === 0
        ? undefined
        : new HostGroup(
            `${name}-agents`,
            {
              hosts: args.agents,
              machines,
              waitForEachOther: false,
              joinAfter: serving,
              turn: ({ name }) => k3sPowerTurn(name, args.service.hasCompanion(name)),
              turnBy: this.servers.first,
            },
            { parent: this },
          );

    const { authority } = args.service;
    this.#clients = {
      authorities:
        authority === undefined
          ? readAuthorities(name, this.servers.first, serving)
          : ownAuthorities(authority, machines.secrets),
      // Servers of a cluster with another authority stop the run, and nobody gets a credential that opens nothing.
      dependsOn: serving,
      context: args.clusterIdentifier,
      serverUrl: args.apiServerUrl,
      tlsServerName: args.service.api.host,
    };
    // Above all role bindings: it makes the first of them.
    const program = { user: "keybuzz:program", group: "system:masters" };
    this.credential = this.client(`${name}-program`, program, { parent: this });
    this.provider = new kubernetes.Provider(
      name,
      {
        kubeconfig: this.credential.kubeconfig,
        // Without it a kubeconfig that is not yet known plans the replacement of every object.
        clusterIdentifier: args.clusterIdentifier,
        enableServerSideApply: true,
        enableConfigMapMutable: true,
        enableSecretMutable: true,
      },
      { parent: this },
    );
    this.#retirements();
    const calico = new Calico(
      `${name}-calico`,
      {
        addresses: args.service.networks,
        networkMtu: args.networkMtu,
        provider: this.provider,
        server: this.servers.first,
        dependsOn: serving,
      },
      { parent: this },
    );
    this.ready = atLeastOne([...(this.agents?.joined.values() ?? [])]).apply((agents) => [
      ...serving,
      ...calico.ready,
      ...agents,
    ]);
    new ClusterDns(`${name}-dns`, { provider: this.provider, dependsOn: this.ready }, { parent: this });
    this.registerOutputs({ kubeconfig: this.credential.kubeconfig });
  }

  /** A client of the API, by its name and the group whose rights it has. */
  client(name: string, who: ClientName, opts: pulumi.ComponentResourceOptions): ClusterCredential {
    return new ClusterCredential(name, { ...this.#clients, ...who }, opts);
  }

  /**
   * Workers take their turns: one after the other, once all servers have had theirs. One that becomes of another release is
   * emptied before and taken back afterwards, where another worker of its duty can have its pods. In a run that makes the
   * machines there is nothing to do for anybody.
   *
   * @param after all workloads: what leaves a worker must be able to start elsewhere, and a drain that waits for pods that
   * a later step would mend never ends.
   * @returns what to wait for until the last one has had its turn.
   */
  restartAgents(after: readonly pulumi.Resource[]): readonly pulumi.Resource[] {
    const first = this.servers.first;
    const timeoutSeconds = AGENT_TURN_TIMEOUT_SECONDS;
    const version = this.#service.release.version;
    let before: readonly pulumi.Resource[] = [...this.#serving, ...after];
    for (const [name, agent] of this.agents?.hosts ?? []) {
      const step = (what: "drain" | "resume", dependsOn: readonly pulumi.Resource[]): readonly pulumi.Resource[] => {
        if (!this.#service.hasCompanion(name)) return dependsOn;
        const script = `exec ${AGENT_TURN_SCRIPT} ${what} ${name} ${version} </dev/null\n`;
        return [first.task(`${this.#name}-${what}-${name}`, { script, timeoutSeconds, dependsOn })];
      };
      const drained = step("drain", [...before, agent.applied]);
      const restarted = agent.followUp(`${this.#name}-turn-${name}`, {
        script: `exec ${AGENT_RESTART_SCRIPT} </dev/null\n`,
        timeoutSeconds: AGENT_RESTART_TIMEOUT_SECONDS,
        dependsOn: drained,
      });
      before = step("resume", [restarted]);
    }
    return before;
  }

  /**
   * A worker that leaves: no pod comes to it any more, and those that are on it start elsewhere. It stays a Node until its
   * machine goes. Where its pods do not leave, the run fails, and it is in service as before.
   *
   * @param after all turns: whoever comes back from his own is in service again.
   */
  empty(agent: string, after: readonly pulumi.Resource[]): void {
    const { leave, timeoutSeconds } = k3sPowerTurn(agent, true);
    this.servers.first.task(`${agent}-empty`, {
      script: leave,
      timeoutSeconds,
      dependsOn: [...after, ...(this.agents?.applied ?? [])],
    });
  }

  /**
   * A server restarts where its K3s is older than its files, one after the other: the script takes turns with restarts
   * that are not ours, too. @returns what to wait for before the cluster is used.
   */
  #restarts(name: string): readonly pulumi.Resource[] {
    let before = this.servers.ready;
    for (const [host, server] of this.servers.hosts) {
      const script = `exec ${RESTART_SCRIPT} </dev/null\n`;
      const timeoutSeconds = RESTART_TIMEOUT_SECONDS;
      before = [server.followUp(`${name}-turn-${host}`, { script, timeoutSeconds, dependsOn: before })];
    }
    return [...this.servers.ready, ...before];
  }

  /** A machine that goes is drained and its Node deleted first, by a server that stays. */
  #retirements(): void {
    const [first, second] = this.servers.hosts.values();
    for (const host of [...this.servers.hosts.values(), ...(this.agents?.hosts.values() ?? [])]) {
      const by = host === first ? second : first;
      // The only server has nobody to be retired by.
      if (by === undefined) continue;
      const { name } = host.plan;
      by.atEnd(`${name}-retire`, {
        of: host,
        command: `${RETIRE_SCRIPT} ${name}`,
        timeoutSeconds: RETIRE_TIMEOUT_SECONDS,
      });
    }
  }
}
