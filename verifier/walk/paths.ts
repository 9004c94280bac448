import type { Balancer, BalancerService } from "../read/balancers";
import type { Workload } from "../read/workload";
import { Crowd } from "./crowd";
import { egressStep, forwardStep, ingressStep, leaveSteps, ufwStep, vxlanStep, wayOut } from "./filters";
import { Ports } from "./ports";
import { serversBehind } from "./proxies";
import { ANYWHERE, contains, type Range } from "../read/range";
import {
  blocked,
  cloudCovers,
  noPodNetwork,
  passed,
  podAnswers,
  serviceStep,
  type PodSource,
  type Protocol,
  type Step,
  type Trail,
} from "./steps";
import type { Host } from "../read/hosts";
import type { World } from "../read/world";

/** Follows packets through the emitted estate: source and destination as each filter sees them. */
export class Paths {
  /** What answers on the machines' ports. */
  readonly ports: Ports;
  /** Where pods may be, as sources of their packets: alike are nodes that pass those on with their own address. */
  readonly nodes: Crowd<Host>;

  constructor(readonly world: World) {
    this.ports = new Ports(world);
    const { network } = world.cluster;
    this.nodes = new Crowd(
      world.nodes,
      (node) => network !== undefined && leaveSteps(node, network, "").at(-1)?.ok === true,
    );
  }

  /** A process on a machine, or a balancer, calls a machine over the private network. */
  machineToHost(from: Host | Balancer, to: Host, port: number, protocol: Protocol): Trail {
    const steps: Step[] = [];
    if (from.kind === "host" && !opensConnections(from)) {
      const { output } = from.ufw.policies;
      steps.push(
        blocked(`UFW of ${from.name}`, "DEFAULT_OUTPUT_POLICY=ACCEPT", output, "let the host open connections"),
      );
    }
    steps.push(...this.ports.arrive(to, from.address, from.addressText, port, protocol));
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
    steps.push(ufwStep(to, rule, from.text, port, protocol));
    steps.push(...this.ports.answers(to, port, protocol));
    return { label: `${label} -> ${to.name}:${port}/${protocol}`, steps };
  }

  /** A pod on `node` calls a machine of the private network. */
  podToHost(from: PodSource, node: Host, to: Host, port: number, protocol: Protocol): Trail {
    const steps: Step[] = [];
    const label = `${from.label} on ${node.name} -> ${to.name}:${port}/${protocol}`;
    steps.push(
      egressStep(
        this.world,
        from,
        { first: to.address, last: to.address, text: to.addressText },
        to.name,
        port,
        protocol,
      ),
    );
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
          ufwStep(
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
      steps.push(...this.ports.answers(to, port, protocol));
      return { label, steps };
    }
    steps.push(...leaveSteps(node, network, to.addressText));
    if (steps.at(-1)?.ok === true) {
      steps.push(...this.ports.arrive(to, node.address, node.addressText, port, protocol));
    }
    return { label, steps };
  }

  /** A pod on `node` calls a balancer's private address. */
  podToBalancer(from: PodSource, node: Host, to: Balancer, port: number): Trail {
    const steps: Step[] = [];
    steps.push(
      egressStep(this.world, from, { first: to.address, last: to.address, text: to.addressText }, to.name, port, "tcp"),
    );
    const network = this.world.cluster.network;
    if (network === undefined) steps.push(noPodNetwork());
    else steps.push(...leaveSteps(node, network, to.addressText));
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
    const listener = this.ports.listenerAt(host, port, "tcp");
    const servers = listener === undefined ? undefined : serversBehind(host, listener);
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

  /** A pod calls a pod. */
  podToPod(from: PodSource, fromNode: Host, to: Workload, toNode: Host, port: number, protocol: Protocol): Trail {
    const steps: Step[] = [];
    const label = `${from.label} on ${fromNode.name} -> ${to.label} on ${toNode.name}:${port}/${protocol}`;
    steps.push(egressStep(this.world, from, to, to.label, port, protocol));
    const network = this.world.cluster.network;
    if (network === undefined) return { label, steps: [...steps, noPodNetwork()] };
    steps.push(forwardStep(fromNode, network.workloadPool, network.workloadPool));
    if (fromNode !== toNode) {
      steps.push(vxlanStep(fromNode, toNode));
      steps.push(forwardStep(toNode, network.workloadPool, network.workloadPool));
    }
    steps.push(ingressStep(this.world, to, from.subject, from.label, port, protocol));
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
      steps.push(vxlanStep(from, toNode));
      steps.push(forwardStep(toNode, network.tunnelPool, network.workloadPool));
      steps.push(ingressStep(this.world, to, network.tunnelPool, `${from.name} by its tunnel address`, port, protocol));
    }
    steps.push(...podAnswers(to, port, protocol));
    return { label, steps };
  }

  /** A pod calls something outside of the estate. */
  podToOutside(from: PodSource, node: Host, port: number, protocol: Protocol): Trail {
    const steps: Step[] = [];
    steps.push(egressStep(this.world, from, ANYWHERE, "the internet", port, protocol));
    const { network } = this.world.cluster;
    if (network === undefined) steps.push(noPodNetwork());
    else {
      steps.push(...leaveSteps(node, network, "the internet"));
      if (steps.at(-1)?.ok === true) steps.push(...wayOut(this.world, node));
    }
    return { label: `${from.label} on ${node.name} -> the internet:${port}/${protocol}`, steps };
  }
}

/** Nothing on the machine itself stops what it sends. */
export function opensConnections(from: Host | Balancer): boolean {
  return from.kind === "balancer" || from.ufw.off !== undefined || from.ufw.policies.output === "ACCEPT";
}
