import { refuse, shown, type Mistake } from "../../mistakes";
import type { HostConfigPart } from "../../machines/hostConfig";
import type { SecretLedger } from "../../secrets/secretLedger";
import type { AddressPlan } from "../../topology/addressPlan";
import { nthAddress } from "../../topology/addresses";
import type { HealthCheck } from "../../topology/healthCheck";
import type { HostRef, Hosts } from "../../topology/party";
import type { Address, Endpoint, Topology } from "../../topology/topology";
import { clusterFlows } from "./clusterFlows";
import {
  AUTHORITY_LABEL,
  longToken,
  programAuthority,
  type AuthorityMaker,
  type ProgramAuthority,
} from "./k3sAuthority";
import type { K3sClusterSettings, SnapshotStore, WorkerDuty } from "./k3sConfig";
import { agentHostConfig, serverHostConfig } from "./k3sHostConfig";
import { RELEASE_LABEL, releaseMistakes, releaseToLabel, type K3sRelease } from "./k3sRelease";

/** Of the Kubernetes API, on every server and on its load balancer. */
export const API_PORT = 6443;
/** CoreDNS' Service is the tenth address of serviceCidr, K3s' own default. */
const CLUSTER_DNS_INDEX = 10;

export interface K3sAgentHost extends HostRef {
  readonly duty: WorkerDuty;
}

export interface K3sServiceArgs {
  readonly topology: Topology;
  readonly secrets: SecretLedger;
  readonly addresses: AddressPlan;
  /** An odd number; the first may initialise the cluster, once. */
  readonly servers: readonly HostRef[];
  readonly agents: readonly K3sAgentHost[];
  readonly release: K3sRelease;
  /** Where etcd snapshots go besides the servers' own disks. Default: nowhere. */
  readonly snapshots?: SnapshotStore;
  /** Who makes the authorities; constant in a cluster's life. Default "k3s". */
  readonly authority?: AuthorityMaker;
}

/**
 * The plan of the Kubernetes cluster's machines: endpoints, flows, and what must be on each server and agent.
 *
 * @example
 * const k3s = new K3sService({ topology, secrets, addresses, servers, agents, release });
 * k3s.publishAt(haproxy.publish({ backend: k3s.apiBackend, healthCheck: k3s.apiHealthCheck, port: API_PORT }));
 * const part = k3s.fragment(host);
 */
export class K3sService {
  readonly servers: Hosts;
  /** Empty when there are no workers: then servers run everything. */
  readonly agents: Hosts;
  /** Servers and agents. */
  readonly nodes: Hosts;
  /** The API on the servers themselves; consumers outside the cluster get the balancer in front of it. */
  readonly apiBackend: Endpoint;
  /** K3s answers /ping with "pong" on the API's port, without credentials, as soon as it can let others join. */
  readonly apiHealthCheck: HealthCheck = {
    kind: "http",
    port: API_PORT,
    path: "/ping",
    statuses: [200],
    tls: true,
    intervalSeconds: 3,
    timeoutSeconds: 2,
    retries: 3,
  };
  /** Undefined: K3s makes its own, when it makes the cluster. */
  readonly authority: ProgramAuthority | undefined;
  readonly #args: K3sServiceArgs;
  readonly #tokens: { readonly server: string; readonly agent: string };
  #published: Address | undefined;

  /** @throws MistakesError with every mistake at once. */
  constructor(args: K3sServiceArgs) {
    refuse("the Kubernetes cluster", argumentMistakes(args));
    this.#args = args;
    this.servers = { kind: "hosts", group: "k3sServers", hosts: args.servers };
    this.agents = { kind: "hosts", group: "k3sAgents", hosts: args.agents };
    this.nodes = { kind: "hosts", group: "nodes", hosts: [...args.servers, ...args.agents] };
    this.authority = args.authority === "program" ? programAuthority(args.secrets) : undefined;
    const token = (user: "server" | "node", secret: string): string =>
      this.authority === undefined ? secret : longToken(this.authority, user, secret);
    this.#tokens = {
      server: token(
        "server",
        args.secrets.kept(
          "kubernetes/server-token",
          {
            owner: "kubernetes",
            loses: "the token that the cluster's authorities, and each snapshot of etcd, are encrypted with",
          },
          48,
        ),
      ),
      agent: token(
        "node",
        args.secrets.kept(
          "kubernetes/agent-token",
          { owner: "kubernetes", loses: "the token that workers join with" },
          48,
        ),
      ),
    };
    this.apiBackend = clusterFlows(args.topology, this.servers, this.nodes, API_PORT).api;
  }

  /** Says where the API is published; nodes join there. Once, before `fragment`. */
  publishAt(endpoint: Endpoint): void {
    if (this.#published !== undefined) {
      throw new Error(
        `the Kubernetes API is published twice: at "${this.#published.endpoint.id}" and "${endpoint.id}"`,
      );
    }
    this.#published = this.#args.topology.connect(this.nodes, endpoint, "nodes join the cluster and reach its API");
  }

  /** Address, behind the load balancer, that the API's certificate is valid for. */
  get api(): Address {
    if (this.#published === undefined) {
      throw new Error(
        "the Kubernetes API is not published yet; call publishAt with the endpoint of its load balancer first",
      );
    }
    return this.#published;
  }

  get clusterDns(): string {
    return nthAddress(this.#args.addresses.serviceCidr, CLUSTER_DNS_INDEX);
  }

  get settings(): K3sClusterSettings {
    const { addresses, servers, agents } = this.#args;
    return {
      podCidr: addresses.podCidr,
      serviceCidr: addresses.serviceCidr,
      clusterDns: this.clusterDns,
      tlsSans: [this.api.host, ...servers.flatMap(({ name, address }) => [name, address])],
      taintServers: agents.length > 0,
    };
  }

  get networks(): AddressPlan {
    return this.#args.addresses;
  }

  get release(): K3sRelease {
    return this.#args.release;
  }

  /**
   * Of the servers at Hetzner that are nodes: what can be read before anything is changed (stacks/k3sReleaseRules.ts,
   * stacks/clusterAuthority.ts).
   */
  get labels(): Readonly<Record<string, string>> {
    return {
      [RELEASE_LABEL]: releaseToLabel(this.release.version),
      ...(this.authority === undefined ? {} : { [AUTHORITY_LABEL]: "program" satisfies AuthorityMaker }),
    };
  }

  /** Is there another worker of the same duty, which can have the pods of this one? */
  hasCompanion(agent: string): boolean {
    const { agents } = this.#args;
    const duty = agents.find(({ name }) => name === agent)?.duty;
    return agents.some((other) => other.name !== agent && other.duty === duty);
  }

  /** What must be on that machine; nothing for a host that is no node. */
  fragment(host: HostRef): HostConfigPart {
    const { servers, agents, release, snapshots } = this.#args;
    const joinUrl = `https://${this.api.host}:${this.api.port}`;
    const authority = this.authority === undefined ? {} : { authority: this.authority };
    if (servers.some(({ name }) => name === host.name)) {
      return serverHostConfig({
        host,
        servers,
        cluster: this.settings,
        release,
        joinUrl,
        tokens: { ...this.#tokens, node: this.#nodePassword(host) },
        ...authority,
        ...(snapshots === undefined ? {} : { snapshots }),
      });
    }
    const agent = agents.find(({ name }) => name === host.name);
    if (agent === undefined) return {};
    return agentHostConfig({
      host,
      duty: agent.duty,
      release,
      joinUrl,
      tokens: { agent: this.#tokens.agent, node: this.#nodePassword(host) },
      ...authority,
    });
  }

  #nodePassword(host: HostRef): string {
    return this.#args.secrets.hex(`kubernetes/node-password/${host.name}`, 32);
  }
}

function argumentMistakes({ servers, agents, release }: K3sServiceArgs): readonly Mistake[] {
  const mistakes = [...releaseMistakes(release)];
  if (servers.length % 2 === 0) {
    mistakes.push({
      path: "servers",
      found: `${servers.length} of them`,
      allowed: `an odd number: etcd's majority of ${servers.length} tolerates no more losses than that of ${servers.length - 1}`,
      fix: "use 1, 3 or 5",
    });
  }
  const names = [...servers, ...agents].map(({ name }) => name);
  for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index))) {
    mistakes.push({
      path: "servers, agents",
      found: `${shown(name)} twice`,
      allowed: "each host once",
      fix: "give it one role",
    });
  }
  return mistakes;
}
