import { containerPort, selected, type Service, type Workload } from "./cluster";
import type { Listener } from "./listeners";
import type { PodSubject } from "./policies";
import {
  blocked,
  cloudCovers,
  masquerades,
  noPodNetwork,
  passed,
  podAnswers,
  proxysqlServers,
  serviceStep,
  type PodSource,
  type Protocol,
  type Step,
  type Trail,
} from "./steps";
import { addressNumber, ANYWHERE, contains, type Range } from "./range";
import type { Balancer, BalancerService } from "./balancers";
import type { Host, World } from "./world";

/** Follows packets through the emitted estate: source and destination as each filter sees them. */
export class Paths {
  readonly #nodePorts = new Map<string, Service["ports"][number] & { readonly service: Service }>();
  /** What pods on the nodes' own network listen on. */
  readonly #hostPods: readonly { readonly workload: Workload; readonly port: number; readonly protocol: string }[];

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

  /** A process on a machine, or a balancer, calls a machine over the private network. */
  machineToHost(from: Host | Balancer, to: Host, port: number, protocol: Protocol): Trail {
    const steps: Step[] = [];
    if (from.kind === "host" && from.ufw.off === undefined && from.ufw.policies.output !== "ACCEPT") {
      steps.push(
        blocked(
          `UFW of ${from.name}`,
          "DEFAULT_OUTPUT_POLICY=ACCEPT",
          from.ufw.policies.output,
          "let the host open connections",
        ),
      );
    }
    this.#arrive(steps, to, from.address, from.addressText, port, protocol);
    return { label: `${from.name} -> ${to.name}:${port}/${protocol}`, steps };
  }

  /** Somebody on the internet calls a machine's public address. */
  outsideToHost(from: Range, label: string, to: Host, port: number, protocol: Protocol): Trail {
    const steps: Step[] = [];
    const value = `${from.text} -> ${port}/${protocol}`;
    if (!to.isPublic) {
      steps.push(
        blocked(to.name, "a public interface", "it has none", "reach it through a load balancer or the bastion"),
      );
    } else if (to.cloud !== undefined) {
      const opening = to.cloud.find((one) => cloudCovers(one, port, protocol) && contains(one.from, from));
      steps.push(
        opening === undefined
          ? blocked(
              `Hetzner firewall of ${to.name}`,
              `in ${protocol} ${port} from ${from.text}`,
              value,
              "declare the flow; the rule is derived from it",
            )
          : passed(`Hetzner firewall of ${to.name}`, opening.text, value),
      );
    }
    const rule = to.ufw.admitsAll(from, port, protocol);
    steps.push(this.#input(to, rule, from.text, port, protocol));
    steps.push(...this.#answers(to, port, protocol));
    return { label: `${label} -> ${to.name}:${port}/${protocol}`, steps };
  }

  /** A pod on `node` calls a machine of the private network. */
  podToHost(from: PodSource, node: Host, to: Host, port: number, protocol: Protocol): Trail {
    const steps: Step[] = [];
    const label = `${from.label} on ${node.name} -> ${to.name}:${port}/${protocol}`;
    this.#egress(steps, from, { first: to.address, last: to.address, text: to.addressText }, to.name, port, protocol);
    const network = this.world.cluster.network;
    if (network === undefined) return { label, steps: [...steps, noPodNetwork()] };
    if (node === to) {
      // Not forwarded and not translated: the node's own filter sees the pod's address, if Calico hands it over.
      const value = `${network.workloadPool.text} -> ${port}/${protocol}`;
      if (network.endpointToHost === "Drop") {
        steps.push(
          blocked(
            `Felix on ${to.name}`,
            "defaultEndpointToHostAction: Return",
            "Drop",
            "hand packets from pods to their node on to UFW",
          ),
        );
      } else if (network.endpointToHost === "Return") {
        steps.push(
          this.#input(
            to,
            to.ufw.admitsAll(network.workloadPool, port, protocol),
            network.workloadPool.text,
            port,
            protocol,
          ),
        );
      } else {
        steps.push(passed(`Felix on ${to.name}`, `defaultEndpointToHostAction: ${network.endpointToHost}`, value));
      }
      steps.push(...this.#answers(to, port, protocol));
      return { label, steps };
    }
    if (this.#leave(steps, node, network, to.addressText)) {
      this.#arrive(steps, to, node.address, node.addressText, port, protocol);
    }
    return { label, steps };
  }

  /** A pod on `node` calls a balancer's private address. */
  podToBalancer(from: PodSource, node: Host, to: Balancer, port: number): Trail {
    const steps: Step[] = [];
    this.#egress(steps, from, { first: to.address, last: to.address, text: to.addressText }, to.name, port, "tcp");
    const network = this.world.cluster.network;
    if (network === undefined) steps.push(noPodNetwork());
    else this.#leave(steps, node, network, to.addressText);
    steps.push(serviceStep(to, port));
    return { label: `${from.label} on ${node.name} -> ${to.name}:${port}/tcp`, steps };
  }

  machineToBalancer(from: Host | Balancer | undefined, label: string, to: Balancer, port: number): Trail {
    const steps: Step[] = [];
    if (from === undefined && !to.isPublic) {
      steps.push(blocked(to.name, "a public interface", "it is switched off", "publish it on a public load balancer"));
    }
    steps.push(serviceStep(to, port));
    return { label: `${label} -> ${to.name}:${port}/tcp`, steps };
  }

  /** What lies behind a balancer's port: every target, and every machine behind a proxy on it. */
  behind(balancer: Balancer, service: BalancerService): readonly Trail[] {
    const targets = balancer.targets.map((target) =>
      this.machineToHost(balancer, target, service.destinationPort, "tcp"),
    );
    const proxied = balancer.targets.flatMap((target) => this.proxied(target, service.destinationPort));
    if (targets.length > 0) return [...targets, ...proxied];
    const none = blocked(
      `${balancer.name}:${service.port}`,
      "a target",
      "it has none",
      "give the load balancer targets",
    );
    return [{ label: `${balancer.name}:${service.port}`, steps: [none] }];
  }

  /** What a proxy on a machine sends a port's connections to. */
  proxied(host: Host, port: number): readonly Trail[] {
    const listener = this.listenerAt(host, port, "tcp");
    const servers = listener === undefined ? undefined : this.serversBehind(host, listener);
    return (servers ?? []).flatMap(({ address, port: to }) => {
      const server = this.world.byAddress.get(address);
      if (server === undefined) {
        const step = blocked(
          `proxy on ${host.name}:${port}`,
          "a machine of the estate",
          `nobody has the address of its server`,
          "correct the proxy's servers",
        );
        return [{ label: `${host.name}:${port}`, steps: [step] }];
      }
      if (server.kind === "balancer") return [this.machineToBalancer(host, host.name, server, to)];
      return server === host ? [] : [this.machineToHost(host, server, to, "tcp")];
    });
  }

  /** The proxy's servers behind a listener; undefined when the listener is no proxy. */
  serversBehind(
    host: Host,
    { daemon, section }: Listener,
  ): readonly { readonly address: number; readonly port: number }[] | undefined {
    if (daemon === "proxysql") return proxysqlServers(host.files["/etc/proxysql.cnf"] ?? "");
    if (section === undefined || section.mode !== "tcp") return undefined;
    const backend =
      section.kind === "listen" || section.defaultBackend === undefined
        ? section
        : host.haproxy?.sections.find(({ kind, name }) => kind === "backend" && name === section.defaultBackend);
    return (backend?.servers ?? []).flatMap(({ address, port }) => {
      const range = addressNumber(address);
      return range === undefined ? [] : [{ address: range, port }];
    });
  }

  /** A pod calls a pod. */
  podToPod(from: PodSource, fromNode: Host, to: Workload, toNode: Host, port: number, protocol: Protocol): Trail {
    const steps: Step[] = [];
    const label = `${from.label} on ${fromNode.name} -> ${to.label} on ${toNode.name}:${port}/${protocol}`;
    this.#egress(steps, from, to, to.label, port, protocol);
    const network = this.world.cluster.network;
    if (network === undefined) return { label, steps: [...steps, noPodNetwork()] };
    this.#forward(steps, fromNode, network.workloadPool, network.workloadPool);
    if (fromNode !== toNode) {
      this.#vxlan(steps, fromNode, toNode);
      this.#forward(steps, toNode, network.workloadPool, network.workloadPool);
    }
    this.#ingress(steps, to, from.subject, from.label, port, protocol);
    steps.push(...podAnswers(to, port, protocol));
    return { label, steps };
  }

  /** A process on a node, such as the ingress controller, calls a pod. */
  nodeToPod(from: Host, to: Workload, toNode: Host, port: number, protocol: Protocol): Trail {
    const steps: Step[] = [];
    const label = `${from.name} -> ${to.label} on ${toNode.name}:${port}/${protocol}`;
    const network = this.world.cluster.network;
    if (network === undefined) return { label, steps: [noPodNetwork()] };
    if (from === toNode) {
      steps.push(
        passed(`Calico on ${toNode.name}`, "a node always reaches its own pods", `${from.addressText} -> ${port}`),
      );
    } else {
      this.#vxlan(steps, from, toNode);
      this.#forward(steps, toNode, network.tunnelPool, network.workloadPool);
      this.#ingress(steps, to, network.tunnelPool, `${from.name} by its tunnel address`, port, protocol);
    }
    steps.push(...podAnswers(to, port, protocol));
    return { label, steps };
  }

  /** A pod calls something outside of the estate. */
  podToOutside(from: PodSource, node: Host, port: number, protocol: Protocol): Trail {
    const steps: Step[] = [];
    this.#egress(steps, from, ANYWHERE, "the internet", port, protocol);
    const { network } = this.world.cluster;
    if (network === undefined) steps.push(noPodNetwork());
    else if (this.#leave(steps, node, network, "the internet")) steps.push(...this.#wayOut(node));
    return { label: `${from.label} on ${node.name} -> the internet:${port}/${protocol}`, steps };
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

  /** Ports that something answers on, whoever may reach them. */
  portsOf(host: Host): readonly { readonly port: number; readonly protocol: Protocol; readonly daemon: string }[] {
    const own = host.listeners
      .filter(({ addresses }) => addresses.some((address) => address === "*" || address === host.addressText))
      .map(({ port, protocol, daemon }) => ({ port, protocol, daemon: daemon }));
    if (!host.isNode) return own;
    return [
      ...own,
      ...this.#hostPods.map(({ workload, port, protocol }) => ({
        port,
        protocol: protocol === "udp" ? ("udp" as const) : ("tcp" as const),
        daemon: workload.label,
      })),
    ];
  }

  /** At the machine: NodePort, its own filter, and whether anything listens. */
  #arrive(steps: Step[], to: Host, source: number, sourceText: string, port: number, protocol: Protocol): void {
    const nodePort = to.isNode ? this.#nodePorts.get(`${protocol} ${port}`) : undefined;
    if (nodePort === undefined) {
      steps.push(this.#input(to, to.ufw.admits(source, port, protocol), sourceText, port, protocol));
      steps.push(...this.#answers(to, port, protocol));
      return;
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
      return;
    }
    steps.push(passed(name, `NodePort ${port} becomes ${inner} before UFW sees it`, `${sourceText} -> ${port}`));
    steps.push(this.#input(to, to.ufw.admits(source, inner, protocol), sourceText, inner, protocol));
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
  }

  #input(host: Host, rule: string | undefined, source: string, port: number, protocol: Protocol): Step {
    const value = `${source} -> ${port}/${protocol}`;
    const { off } = host.ufw;
    if (rule === undefined)
      return blocked(
        `UFW of ${host.name}`,
        `allow ${protocol} ${port} from ${source}`,
        value,
        "declare the flow; the rule is derived from it",
      );
    return passed(`UFW of ${host.name}`, off === undefined ? rule : `filters nothing: ${off}`, value);
  }

  #answers(host: Host, port: number, protocol: Protocol): readonly Step[] {
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

  #egress(
    steps: Step[],
    from: PodSource,
    to: Range | PodSubject,
    label: string,
    port: number,
    protocol: Protocol,
  ): void {
    const rule = this.world.cluster.policies.permits(from.subject, "egress", to, port, protocol);
    const value = `${from.label} -> ${label}:${port}/${protocol}`;
    steps.push(
      rule === undefined
        ? blocked(
            `NetworkPolicies of ${from.label}`,
            `egress to ${label} ${protocol} ${port}`,
            value,
            "declare the flow; the rule is derived from it",
          )
        : passed(`NetworkPolicies of ${from.label}`, rule === "" ? "nothing isolates it" : rule, value),
    );
  }

  #ingress(
    steps: Step[],
    to: Workload,
    from: Range | PodSubject,
    label: string,
    port: number,
    protocol: Protocol,
  ): void {
    const rule = this.world.cluster.policies.permits(to, "ingress", from, port, protocol);
    const value = `${label} -> ${to.label}:${port}/${protocol}`;
    steps.push(
      rule === undefined
        ? blocked(
            `NetworkPolicies of ${to.label}`,
            `ingress from ${label} ${protocol} ${port}`,
            value,
            "declare the flow; the rule is derived from it",
          )
        : passed(`NetworkPolicies of ${to.label}`, rule === "" ? "nothing isolates it" : rule, value),
    );
  }

  /** A node passes its pods' packets on. Both filters must: which of Calico's and UFW's chains comes first is nobody's promise. */
  #forward(steps: Step[], node: Host, from: Range, to: Range): boolean {
    const rule = node.ufw.passesOn(from, to);
    const value = `${from.text} -> ${to.text}, forwarded`;
    steps.push(
      rule === undefined
        ? blocked(
            `UFW of ${node.name} (forwarding)`,
            `route allow from ${from.text} to ${to.text}`,
            value,
            "let the nodes pass the pod network's packets on: ufw route allow, from the environment's podCidr",
          )
        : passed(`UFW of ${node.name} (forwarding)`, rule === "" ? "it forwards everything" : rule, value),
    );
    return rule !== undefined;
  }

  #vxlan(steps: Step[], from: Host, to: Host): void {
    const rule = to.ufw.admits(from.address, 4789, "udp");
    steps.push(this.#input(to, rule, from.addressText, 4789, "udp"));
  }

  /** A pod's packet leaves the cluster: passed on by its node, with the node's address. */
  #leave(steps: Step[], node: Host, network: NonNullable<World["cluster"]["network"]>, to: string): boolean {
    if (!this.#forward(steps, node, network.workloadPool, ANYWHERE)) return false;
    if (!network.natOutgoing) {
      steps.push(
        blocked(
          `IPPool ${network.workloadPool.text}`,
          "natOutgoing: Enabled",
          "Disabled: no machine outside of the cluster has a way back to a pod",
          "enable natOutgoing",
        ),
      );
      return false;
    }
    steps.push(
      passed(
        `IPPool ${network.workloadPool.text}`,
        "natOutgoing",
        `the source becomes ${node.addressText} on the way to ${to}`,
      ),
    );
    return true;
  }

  /** From a machine without a public address to the internet. */
  #wayOut(node: Host): readonly Step[] {
    if (node.isPublic) return [passed(node.name, "its own public address", node.addressText)];
    const { gateway } = this.world;
    const at = "way out";
    if (gateway === undefined)
      return [
        blocked(
          at,
          "a network route 0.0.0.0/0 to a machine",
          "there is none",
          "register the NetworkRoute to the NAT gateway",
        ),
      ];
    const name = gateway.name;
    const value = `${node.addressText} through ${name}`;
    if (!gateway.isPublic)
      return [blocked(name, "a public address", "it has none", "give the NAT gateway a public address")];
    if (gateway.sysctl["net.ipv4.ip_forward"] !== "1")
      return [
        blocked(
          name,
          "net.ipv4.ip_forward = 1",
          gateway.sysctl["net.ipv4.ip_forward"] ?? "unset",
          "set it on the NAT gateway",
        ),
      ];
    const route = gateway.ufw.passesOn({ first: node.address, last: node.address, text: node.addressText }, ANYWHERE);
    if (route === undefined)
      return [
        blocked(
          `UFW of ${name} (forwarding)`,
          `route allow from ${node.addressText}`,
          value,
          "let the NAT gateway pass the private network's packets on",
        ),
      ];
    const masquerade = masquerades(gateway.files["/etc/keybuzz/nat.nft"] ?? "", node.address);
    if (masquerade === undefined)
      return [
        blocked(
          `NAT on ${name}`,
          `masquerade ${node.addressText}`,
          value,
          "masquerade the private network on the gateway",
        ),
      ];
    return [passed(`UFW of ${name} (forwarding)`, route, value), passed(`NAT on ${name}`, masquerade, value)];
  }
}
