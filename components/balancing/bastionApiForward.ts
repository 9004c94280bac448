import type { HostConfigPart } from "../machines/hostConfig";
import type { Address } from "../topology/topology";
import { globalSection } from "./haproxyConfig";
import { haproxyHost } from "./haproxyFragment";

export interface BastionApiForwardArgs {
  /** Port on the bastion, reached by the operators only: the flow and its firewall rule are declared with the endpoint. */
  readonly port: number;
  /** What the bastion got from `topology.connect`: the Kubernetes API behind its load balancer. */
  readonly target: Pick<Address, "host" | "port">;
  /** Seconds without a byte until the connection is closed. Default 3600: `kubectl logs -f` may be silent for long. */
  readonly idleTimeoutSeconds?: number;
}

/** Two people with a few watches each need some dozens. */
const MAX_CONNECTIONS = 500;

/**
 * A plain TCP passthrough on the bastion: operators reach the Kubernetes API through it. TLS stays end to end
 * between kubectl and the API server, so the bastion neither sees nor holds any credential.
 */
export function bastionApiForward(args: BastionApiForwardArgs): HostConfigPart {
  const idle = args.idleTimeoutSeconds ?? 3600;
  const content = [
    ...globalSection(MAX_CONNECTIONS),
    "# Operators -> the Kubernetes API. Every address, because the public one is not known beforehand.",
    "listen kubernetes-api",
    `    bind *:${args.port}`,
    "    option tcplog",
    `    timeout client ${idle}s`,
    `    timeout server ${idle}s`,
    `    server api ${args.target.host}:${args.target.port}`,
    "",
  ].join("\n");
  return haproxyHost(content, [], { host: "127.0.0.1", port: args.port });
}
