import type { Origin } from "./origin";

/** What a fleet's network has of the internet. */
export interface Surroundings {
  /** Addresses of the name servers. */
  readonly nameServers: readonly string[];
  readonly origin?: Origin;
}

/** A place that TCP connections come from or go to: inside the fleet's namespace, or a Unix socket. */
export type Side = { readonly path: string } | { readonly host: string; readonly port: number };

/** What arrives at `from` is passed on to `to`. */
export interface Tunnel {
  readonly from: Side;
  readonly to: Side;
}

export interface BalancerCheck {
  readonly kind: "tcp" | "http";
  readonly port: number;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly retries: number;
  /** For http. */
  readonly path: string;
  /** For http: header Host. Default: the target's address. */
  readonly host?: string;
  /** For http: "200", "2??". */
  readonly statuses: readonly string[];
  readonly tls: boolean;
}

/** One TCP service of a load balancer. */
export interface BalancerService {
  /** Address of the balancer, which is also the source of its connections. */
  readonly address: string;
  readonly port: number;
  readonly targetPort: number;
  readonly targets: readonly { readonly server: number; readonly address: string }[];
  readonly algorithm: "round_robin" | "least_connections";
  readonly check: BalancerCheck;
}

/** What must not outlive the program: see leftovers.ts. */
export interface Leftovers {
  readonly namespace: string;
  readonly cgroups: readonly string[];
  readonly mounts: readonly string[];
  /** Folders of sockets. */
  readonly folders: readonly string[];
}

/** To the warden. Lists are whole: what is not in them any more ends. */
export type Order =
  | { readonly kind: "tunnels"; readonly tunnels: readonly Tunnel[] }
  | { readonly kind: "balancers"; readonly services: readonly BalancerService[] }
  | { readonly kind: "guard"; readonly leftovers: Leftovers }
  | { readonly kind: "end" };

/** From the warden. */
export type Report =
  | { readonly kind: "ready" }
  | { readonly kind: "trouble"; readonly message: string }
  | {
      readonly kind: "health";
      readonly address: string;
      readonly port: number;
      readonly server: number;
      readonly healthy: boolean;
    };
