import { z } from "zod";
import type { CloudSnapshot } from "../machines";
import type { BalancerCheck, BalancerService } from "./wardenProtocol";

const target = z.object({ server: z.object({ id: z.number() }), use_private_ip: z.boolean() });
const loadBalancer = z.object({
  private_net: z.array(z.object({ ip: z.string() })),
  algorithm: z.object({ type: z.enum(["round_robin", "least_connections"]) }),
  services: z.array(
    z.object({
      protocol: z.enum(["tcp", "http", "https"]),
      listen_port: z.number(),
      destination_port: z.number(),
      health_check: z.object({
        protocol: z.enum(["tcp", "http"]),
        port: z.number(),
        interval: z.number(),
        timeout: z.number(),
        retries: z.number(),
        http: z
          .object({
            domain: z.string().nullish(),
            path: z.string(),
            status_codes: z.array(z.string()),
            tls: z.boolean(),
          })
          .nullish(),
      }),
    }),
  ),
  targets: z.array(z.union([target, z.object({ targets: z.array(target) })])),
});
const network = z.object({ routes: z.array(z.object({ destination: z.string(), gateway: z.string() })) });
type LoadBalancer = z.infer<typeof loadBalancer>;

/** What the fleet's network must do, as Hetzner's API has it. */
export interface CloudView {
  readonly balancers: readonly BalancerService[];
  /** Destination to gateway. */
  readonly routes: ReadonlyMap<string, string>;
}

/** @param addressOf private address of a server; undefined where it has none. */
export function cloudView(snapshot: CloudSnapshot, addressOf: (server: number) => string | undefined): CloudView {
  const routes = z
    .array(network)
    .parse(snapshot["networks"] ?? [])
    .flatMap((one) => one.routes);
  const balancers = z.array(loadBalancer).parse(snapshot["load_balancers"] ?? []);
  return {
    balancers: balancers.flatMap((balancer) => services(balancer, addressOf)),
    routes: new Map(routes.map(({ destination, gateway }) => [destination, gateway])),
  };
}

/** TCP services only: TLS is not ended here. */
function services(balancer: LoadBalancer, addressOf: (server: number) => string | undefined): BalancerService[] {
  const [net] = balancer.private_net;
  if (net === undefined) return [];
  const targets = balancer.targets
    .flatMap((one) => ("targets" in one ? one.targets : [one]))
    .filter((one) => one.use_private_ip)
    .flatMap(({ server }) => {
      const address = addressOf(server.id);
      return address === undefined ? [] : [{ server: server.id, address }];
    });
  return balancer.services
    .filter(({ protocol }) => protocol === "tcp")
    .map((service) => ({
      address: net.ip,
      port: service.listen_port,
      targetPort: service.destination_port,
      targets,
      algorithm: balancer.algorithm.type,
      check: checkOf(service.health_check),
    }));
}

function checkOf(check: LoadBalancer["services"][number]["health_check"]): BalancerCheck {
  return {
    kind: check.protocol,
    port: check.port,
    intervalSeconds: check.interval,
    timeoutSeconds: check.timeout,
    retries: check.retries,
    ...(check.http?.domain === undefined || check.http.domain === null ? {} : { host: check.http.domain }),
    path: check.http?.path ?? "/",
    statuses: check.http?.status_codes ?? ["2??", "3??"],
    tls: check.http?.tls ?? false,
  };
}
