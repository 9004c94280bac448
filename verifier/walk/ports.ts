import type { AddressSet } from "../read/addressSet";
import { selected } from "../read/cluster";
import { placesFor } from "../read/nodePlaces";
import { containerPort, podSpec, type Service, type Workload } from "../read/workload";
import { ufwStep } from "./filters";
import type { Listener } from "../read/listeners";
import { blocked, passed, type Protocol, type Step } from "./steps";
import type { Host } from "../read/hosts";
import type { World } from "../read/world";

/** What answers on the machines' ports, and how a packet gets to it: NodePorts, daemons, pods on the nodes' own network. */
export class Ports {
  readonly #nodePorts = new Map<string, Service["ports"][number] & { readonly service: Service }>();
  /** What pods on the nodes' own network listen on. */
  readonly #hostPods: readonly { readonly workload: Workload; readonly port: number; readonly protocol: string }[];
  readonly #places = new Map<Workload, ReadonlySet<string>>();

  constructor(readonly world: World) {
    for (const service of world.cluster.services) {
      if (service.type !== "NodePort" && service.type !== "LoadBalancer") continue;
      for (const port of service.ports) {
        if (port.nodePort !== undefined) this.#nodePorts.set(`${port.protocol} ${port.nodePort}`, { ...port, service });
      }
    }
    this.#hostPods = world.cluster.workloads
      .filter(({ hostNetwork }) => hostNetwork)
      .flatMap((workload) => workload.ports.map(({ port, protocol }) => ({ workload, port, protocol })));
  }

  /** The listener that answers on a host's port at its private address. */
  listenerAt(host: Host, port: number, protocol: Protocol): Listener | undefined {
    return host.listeners.find(
      (one) =>
        one.port === port &&
        one.protocol === protocol &&
        one.addresses.some((address) => address === "*" || address === host.addressText),
    );
  }

  /** Where a packet for a node's port really ends: NodePorts are translated before the node's own filter. */
  translate(host: Host, port: number, protocol: Protocol): number {
    const nodePort = host.isNode ? this.#nodePorts.get(`${protocol} ${port}`) : undefined;
    if (nodePort === undefined) return port;
    const [workload] = selected(this.world.cluster, nodePort.service.namespace, nodePort.service.selector);
    return workload?.hostNetwork === true ? (containerPort(workload, nodePort.targetPort) ?? port) : port;
  }

  /** Every source that a machine's own filter lets in to a port. */
  admitted(to: Host, port: number, protocol: Protocol): AddressSet {
    return to.ufw.admitted(this.translate(to, port, protocol), protocol);
  }

  /** Ports that something answers on, whoever may reach them. */
  portsOf(host: Host): readonly { readonly port: number; readonly protocol: Protocol; readonly daemon: string }[] {
    const own = host.listeners
      .filter(({ addresses }) => addresses.some((address) => address === "*" || address === host.addressText))
      .map(({ port, protocol, daemon }) => ({ port, protocol, daemon: daemon }));
    if (!host.isNode) return own;
    return [
      ...own,
      ...this.#onNode(host).map(({ workload, port, protocol }) => ({
        port,
        protocol: protocol === "udp" ? ("udp" as const) : ("tcp" as const),
        daemon: workload.label,
      })),
    ];
  }

  /** At the machine: NodePort, its own filter, and whether anything listens. */
  arrive(to: Host, source: number, sourceText: string, port: number, protocol: Protocol): readonly Step[] {
    const steps: Step[] = [];
    const nodePort = to.isNode ? this.#nodePorts.get(`${protocol} ${port}`) : undefined;
    if (nodePort === undefined) {
      steps.push(ufwStep(to, to.ufw.admits(source, port, protocol), sourceText, port, protocol));
      steps.push(...this.answers(to, port, protocol));
      return steps;
    }
    const { service } = nodePort;
    const name = `Service ${service.namespace}/${service.name}`;
    const [workload] = selected(this.world.cluster, service.namespace, service.selector);
    const inner = workload === undefined ? undefined : containerPort(workload, nodePort.targetPort);
    if (workload?.hostNetwork !== true || inner === undefined) {
      const value =
        workload === undefined
          ? "its selector selects no pods"
          : "its pods are not on the nodes' own network, or have no such port";
      steps.push(
        blocked(
          name,
          `pods on ${to.name} behind NodePort ${port}`,
          value,
          "let the Service select the ingress controller's pods",
        ),
      );
      return steps;
    }
    if (service.externalTrafficPolicy === "Local" && !this.#runsOn(workload, to)) {
      steps.push(
        blocked(
          name,
          `a pod of ${workload.label} on ${to.name}`,
          "externalTrafficPolicy Local: where no pod of it runs, nothing answers, and none may run there",
          "let its pods run on every target of the balancer, or take the node out of them",
        ),
      );
      return steps;
    }
    steps.push(passed(name, `NodePort ${port} becomes ${inner} before UFW sees it`, `${sourceText} -> ${port}`));
    steps.push(ufwStep(to, to.ufw.admits(source, inner, protocol), sourceText, inner, protocol));
    if (service.externalTrafficPolicy !== "Local") {
      // kube-proxy also sends it to other nodes, with this node's address as the source.
      const other = this.world.nodes.find(
        (node) => node !== to && node.ufw.admits(to.address, inner, protocol) === undefined,
      );
      if (other !== undefined) {
        steps.push(
          blocked(
            `UFW of ${other.name}`,
            `allow ${protocol} ${inner} from ${to.addressText}`,
            `externalTrafficPolicy ${service.externalTrafficPolicy}: ${to.name} passes it on with its own address`,
            `set externalTrafficPolicy: Local on ${name}`,
          ),
        );
      }
    }
    return steps;
  }

  #onNode(host: Host): readonly { readonly workload: Workload; readonly port: number; readonly protocol: string }[] {
    return this.#hostPods.filter(({ workload }) => this.#runsOn(workload, host));
  }

  /** May pods of a workload run on a node? Of pods that are not emitted it is believed. */
  #runsOn(workload: Workload, { name }: Host): boolean {
    if (workload.resource === undefined) return true;
    let known = this.#places.get(workload);
    if (known === undefined) {
      known = new Set(placesFor(podSpec(workload), this.world.places).map((place) => place.name));
      this.#places.set(workload, known);
    }
    return known.has(name);
  }

  /** Does anything listen there, at the private address? */
  answers(host: Host, port: number, protocol: Protocol): readonly Step[] {
    const found = this.portsOf(host).find((one) => one.port === port && one.protocol === protocol);
    if (found !== undefined) return [passed(host.name, `${found.daemon} listens`, `${port}/${protocol}`)];
    const elsewhere = host.listeners.find((one) => one.port === port && one.protocol === protocol);
    const value =
      elsewhere === undefined
        ? `nothing that is understood listens on ${port}/${protocol}`
        : `${elsewhere.daemon} listens on ${elsewhere.addresses.join(", ")} only`;
    return [
      blocked(
        host.name,
        `a daemon on ${host.addressText}:${port}`,
        value,
        "put the daemon's configuration on the host, or teach listeners.ts to read it",
      ),
    ];
  }
}
