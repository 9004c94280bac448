import { refuse, type Mistake } from "../../mistakes";
import type { HealthCheck } from "../../topology/healthCheck";
import { INTERNET, partyKey, type Hosts, type LoadBalancer, type Pods } from "../../topology/party";
import type { Endpoint, Topology } from "../../topology/topology";
import { CONTROLLER_HEALTH, CONTROLLER_HEALTH_HOST } from "./controllerHealth";
import type { ExposeArgs, ExposedRoute } from "./exposedRoute";
import { needsPattern } from "./ingressPatterns";
import { lackingInGateway, togetherMistakes } from "./optionMistakes";
import { routeMistakes } from "./routeMistakes";
import type { Guard } from "./routeOptions";
import { isAnswered, type Route } from "./routes";

/** Port of the controller's pods, which are on the nodes' own network. */
const CONTROLLER_PORT = 80;
const NODE_PORTS = { first: 30000, last: 32767 } as const;

export interface IngressServiceArgs {
  readonly topology: Topology;
  /** All nodes: each runs one controller. */
  readonly nodes: Hosts;
  readonly webLoadBalancers: readonly LoadBalancer[];
  /** 30000-32767; the same on every node. */
  readonly nodePort: number;
  /** Seconds without a byte until the web load balancers close a connection. */
  readonly idleTimeoutSeconds: number;
  /** Networks of the route's audience "operators". Default: none, no route may have it. */
  readonly operatorCidrs?: readonly string[];
  /** What the controller reads: an HTTPRoute has no word for some of what routes ask for. Default "ingress". */
  readonly form?: "ingress" | "gateway";
  /** Host names that the load balancers have a certificate for; "*.keybuzz.io" covers one label. */
  readonly certificateHosts: readonly string[];
}

/**
 * The way from the internet to pods: web load balancers, NodePort, controller, pods.
 *
 * @example
 * ingress.expose(chatwootWeb, {
 *   host: "support.keybuzz.io",
 *   routes: [
 *     { kind: "http", path: "/", responseTimeoutSeconds: 60 },
 *     { kind: "websocket", path: "/cable", heartbeatSeconds: 3 },
 *   ],
 * });
 */
export class IngressService {
  /** The controller on each node, as the load balancers see it. */
  readonly entry: Endpoint;
  /**
   * Through the NodePort, as requests come. ingress-nginx is asked by a name for which it says that it stops before it does;
   * another controller answers for any host name.
   */
  readonly healthCheck: HealthCheck;
  readonly webLoadBalancers: readonly LoadBalancer[];
  /** The nodes, whose controllers ask an application whether a client may come in. */
  readonly asks: Hosts;
  /** How many nodes run a controller. */
  readonly nodes: number;
  readonly nodePort: number;
  readonly idleTimeoutSeconds: number;
  readonly #args: IngressServiceArgs;
  readonly #routes: ExposedRoute[] = [];
  readonly #mistakes: Mistake[] = [];

  constructor(args: IngressServiceArgs) {
    const { topology, nodes, nodePort, webLoadBalancers, idleTimeoutSeconds } = args;
    if (!Number.isInteger(nodePort) || nodePort < NODE_PORTS.first || nodePort > NODE_PORTS.last) {
      const allowed = `${NODE_PORTS.first}-${NODE_PORTS.last}, Kubernetes' range`;
      refuse("the ingress", [{ path: "nodePort", found: String(nodePort), allowed, fix: "choose a port in it" }]);
    }
    this.#args = args;
    this.webLoadBalancers = webLoadBalancers;
    this.asks = nodes;
    this.nodes = nodes.hosts.length;
    this.nodePort = nodePort;
    this.idleTimeoutSeconds = idleTimeoutSeconds;
    // kube-proxy translates the NodePort before the node's own filter sees the packet.
    this.entry = topology.endpoint({
      id: "ingress/http",
      provider: nodes,
      port: nodePort,
      localPort: CONTROLLER_PORT,
      protocol: "tcp",
    });
    this.healthCheck = {
      kind: "http",
      port: nodePort,
      path: CONTROLLER_HEALTH.path,
      ...(args.form === "gateway" ? {} : { host: CONTROLLER_HEALTH_HOST }),
      statuses: [200],
      intervalSeconds: 3,
      timeoutSeconds: 2,
      retries: 2,
    };
    for (const balancer of webLoadBalancers) this.#listen(balancer);
  }

  /** Makes an application's endpoint reachable at `host`. Its mistakes are collected in `mistakes`. */
  expose(backend: Endpoint, { host, routes, canary, guard }: ExposeArgs): void {
    const { topology, nodes } = this.#args;
    const pods = backend.provider;
    if (pods.kind !== "pods") {
      this.#mistakes.push({
        path: host,
        found: `endpoint "${backend.id}" of ${partyKey(pods)}`,
        allowed: "pods of the cluster",
        fix: "expose their Service's endpoint",
      });
      return;
    }
    if (!this.#hasCertificate(host)) {
      this.#mistakes.push({
        path: `${host} (${pods.app})`,
        found: "no certificate that covers it",
        allowed: this.#args.certificateHosts.join(", "),
        fix: "add the host to the web load balancers' certificates",
      });
    }
    if (routes.length === 0)
      this.#mistakes.push({
        path: `${host} (${pods.app})`,
        found: "no routes",
        allowed: "at least one",
        fix: 'declare it, e.g. { kind: "http", path: "/" }',
      });
    for (const route of routes) {
      const at = `${host}${route.path} (${pods.app}, ${route.kind})`;
      const mistakes = routeMistakes(route, this.idleTimeoutSeconds);
      this.#mistakes.push(...mistakes.map((mistake) => ({ ...mistake, path: `${at}.${mistake.path}` })));
      const other = this.#routes.find((known) => known.host === host && samePath(known.route, route));
      if (other !== undefined) {
        this.#mistakes.push({
          path: at,
          found: `the same host and path as ${other.pods.app}'s`,
          allowed: "each host and path once",
          fix: "give one of them another path or host",
        });
      }
      if (this.#args.form === "gateway")
        this.#mistakes.push(
          ...lackingInGateway(route).map((mistake) => ({ ...mistake, path: `${at}.${mistake.path}` })),
        );
      const audience = this.#audience(at, route);
      const asked = this.#guard(at, route, guard);
      this.#routes.push({
        pods,
        servicePort: backend.port,
        host,
        route,
        ...(audience === undefined ? {} : { audience }),
        ...(asked === undefined ? {} : { guard: asked }),
        ...(canary === undefined || isAnswered(route) ? {} : { canary }),
      });
    }
    topology.allow(nodes, backend, `the ingress passes ${host} on to ${pods.app}`);
    if (canary !== undefined)
      topology.allow(
        nodes,
        canary.endpoint,
        `the ingress passes ${canary.percent} % of ${host} on to ${canary.endpoint.id}`,
      );
  }

  #audience(at: string, route: Route): readonly string[] | undefined {
    if (isAnswered(route)) return undefined;
    const { audience = "public" } = route;
    if (audience === "public") return undefined;
    const { operatorCidrs = [], form } = this.#args;
    const networks = audience === "operators" ? operatorCidrs : audience;
    if (networks.length === 0 && form !== "gateway")
      this.#mistakes.push({
        path: `${at}.audience`,
        found: typeof audience === "string" ? `"${audience}"` : audience.join(", "),
        allowed: "networks: an empty audience would let everybody in",
        fix: "name one, or do not expose the route",
      });
    return [...networks].sort();
  }

  #guard(at: string, route: Route, make: ExposeArgs["guard"]): Guard | undefined {
    if (isAnswered(route) || route.authentication === undefined) return undefined;
    if (make !== undefined) return make(route.authentication);
    this.#mistakes.push({
      path: `${at}.authentication`,
      found: `"${route.authentication.kind}"`,
      allowed: "authentication in front of the entries of workloads.apps",
      fix: "take it away, or describe the application as such an entry",
    });
    return undefined;
  }

  /** Those of every `expose` so far. */
  get mistakes(): readonly Mistake[] {
    return [...this.#mistakes, ...togetherMistakes(this.#routes)];
  }

  /**
   * All routes, or those of one application. This is the only way to them, so no route gets out unchecked.
   *
   * @throws MistakesError with every mistake of every `expose`.
   */
  routes(pods?: Pods): readonly ExposedRoute[] {
    refuse("the ingress", this.mistakes);
    const patterned = new Set(this.#routes.filter(({ route }) => needsPattern(route)).map(({ host }) => host));
    return this.#routes
      .filter((known) => pods === undefined || partyKey(known.pods) === partyKey(pods))
      .map((known) => (patterned.has(known.host) ? { ...known, byPattern: true } : known));
  }

  /** The routes of one application, by its endpoints: several ports of the same pods have the same ones. */
  routesOf(endpoints: readonly Endpoint[]): readonly ExposedRoute[] {
    const parties = new Map(endpoints.map(({ provider }) => [partyKey(provider), provider]));
    return [...parties.values()].flatMap((party) => (party.kind === "pods" ? this.routes(party) : []));
  }

  /** Every public host name, each once, sorted: what needs a DNS record and a certificate. */
  get hosts(): readonly string[] {
    return [...new Set(this.#routes.map(({ host }) => host))].sort();
  }

  #listen(balancer: LoadBalancer): void {
    const { topology, idleTimeoutSeconds } = this.#args;
    const https = topology.listen({
      id: `web/${balancer.name}/https`,
      on: balancer,
      port: 443,
      backend: this.entry,
      healthCheck: this.healthCheck,
      mode: "https",
      idleTimeoutSeconds,
    });
    topology.allow(INTERNET, https, "the public web");
    // No listener of its own: Hetzner's https service answers it with a redirect.
    const http = topology.endpoint({
      id: `web/${balancer.name}/redirect`,
      provider: balancer,
      port: 80,
      protocol: "tcp",
    });
    topology.allow(INTERNET, http, "redirect to HTTPS");
  }

  #hasCertificate(host: string): boolean {
    const [, ...parent] = host.split(".");
    return this.#args.certificateHosts.some((covered) => covered === host || covered === `*.${parent.join(".")}`);
  }
}

function samePath(a: Route, b: Route): boolean {
  return trimmed(a.path) === trimmed(b.path) && (a.match ?? "prefix") === (b.match ?? "prefix");
}

/** "/api" and "/api/" are the same prefix to Kubernetes. */
function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}
