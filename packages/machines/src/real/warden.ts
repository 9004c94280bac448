// warden.ts SURROUNDINGS: a process of its own inside the fleet's network namespace: passes connections between the
// namespace and this machine's Unix sockets, plays Hetzner's load balancers, name servers and what else of the internet
// there is, and tidies up when the program goes away without doing so. SURROUNDINGS is JSON (wardenProtocol.ts).
import { rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { Balancer } from "./balancer";
import { removeLeftovers } from "./leftovers";
import { nameServer } from "./nameServer";
import { ORIGIN_ADDRESS, serveOrigin } from "./origin";
import type { BalancerService, Leftovers, Order, Report, Side, Surroundings, Tunnel } from "./wardenProtocol";

/** As a router: every packet between machines passes here, as in Hetzner's networks, and none is told a shortcut. */
const KERNEL = {
  "net/ipv4/ip_forward": "1",
  "net/ipv4/conf/all/send_redirects": "0",
  "net/ipv4/conf/default/send_redirects": "0",
  "net/ipv4/conf/all/rp_filter": "0",
  "net/ipv4/conf/default/rp_filter": "0",
  "net/ipv6/conf/all/disable_ipv6": "1",
} as const;

const say = (report: Report): void => void (process.connected && process.send?.(report));
const trouble = (message: string): void => say({ kind: "trouble", message });

const tunnels = new Map<string, { readonly server: Server; readonly sockets: Set<Socket>; readonly from: Side }>();
const balancers = new Map<string, Balancer>();
let leftovers: Leftovers | undefined;

function openTunnel(tunnel: Tunnel): void {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ ...tunnel.to, allowHalfOpen: true, noDelay: true });
    keep(near);
    keep(far);
    far.once("close", () => near.destroy());
    near.once("close", () => far.destroy());
    near.pipe(far).pipe(near);
  });
  server.on("error", (error) => trouble(`tunnel from ${JSON.stringify(tunnel.from)}: ${error.message}`));
  if ("path" in tunnel.from) rmSync(tunnel.from.path, { force: true });
  server.listen(tunnel.from);
  tunnels.set(JSON.stringify(tunnel), { server, sockets, from: tunnel.from });
}

function setTunnels(wanted: readonly Tunnel[]): void {
  const keys = new Set(wanted.map((tunnel) => JSON.stringify(tunnel)));
  for (const [key, { server, sockets }] of tunnels) {
    if (keys.has(key)) continue;
    server.close();
    for (const socket of sockets) socket.destroy();
    tunnels.delete(key);
  }
  for (const tunnel of wanted) if (!tunnels.has(JSON.stringify(tunnel))) openTunnel(tunnel);
}

function setBalancers(services: readonly BalancerService[]): void {
  const keyOf = ({ address, port }: BalancerService): string => `${address}:${port}`;
  const keys = new Set(services.map(keyOf));
  for (const [key, balancer] of balancers) {
    if (keys.has(key)) continue;
    balancer.close();
    balancers.delete(key);
  }
  for (const service of services) {
    const known = balancers.get(keyOf(service));
    if (known !== undefined) {
      known.update(service);
      continue;
    }
    const { address, port } = service;
    const onHealth = (server: number, healthy: boolean): void =>
      say({ kind: "health", address, port, server, healthy });
    balancers.set(keyOf(service), new Balancer(service, onHealth, trouble));
  }
}

async function end(): Promise<never> {
  setTunnels([]);
  setBalancers([]);
  if (leftovers !== undefined) await removeLeftovers(leftovers);
  process.exit(0);
}

for (const [key, value] of Object.entries(KERNEL)) writeFileSync(`/proc/sys/${key}`, value);
// Ctrl-C is for the program, which then tells this process; should it die, the channel closes.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
process.on("disconnect", () => void end());
process.on("uncaughtException", (error) => trouble(error.message));
process.on("message", (order: Order) => {
  switch (order.kind) {
    case "tunnels":
      return setTunnels(order.tunnels);
    case "balancers":
      return setBalancers(order.services);
    case "guard":
      leftovers = order.leftovers;
      return;
    case "end":
      return void end();
  }
});
const { nameServers, origin } = JSON.parse(process.argv[2] ?? "{}") as Surroundings;
const known = new Map((origin?.hosts ?? []).map((name) => [name, ORIGIN_ADDRESS]));
for (const address of nameServers) nameServer(address, known, trouble);
if (origin !== undefined) serveOrigin(origin, trouble);
say({ kind: "ready" });
