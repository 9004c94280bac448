import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { BalancerCheck, BalancerService } from "./wardenProtocol";

/** How long a target may take to accept a connection until another is tried. */
const CONNECT_TIMEOUT_MS = 5000;

interface Target {
  readonly server: number;
  readonly address: string;
  timer?: NodeJS.Timeout;
  /** Undefined until the first check has an answer. */
  healthy: boolean | undefined;
  failures: number;
  connections: number;
}

/** One service of a Hetzner load balancer: passes TCP on to healthy targets, from the balancer's own address. */
export class Balancer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #service: BalancerService;
  #targets: Target[] = [];
  #next = 0;

  constructor(
    service: BalancerService,
    private readonly onHealth: (server: number, healthy: boolean) => void,
    onTrouble: (message: string) => void,
    /** Whether a connection that one target refuses is tried on the others. Hetzner documents neither. */
    private readonly triesOthers = true,
  ) {
    this.#service = service;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#pass(socket));
    this.#server.on("error", (error) => onTrouble(`${service.address}:${service.port}: ${error.message}`));
    this.#server.listen(service.port, service.address);
    this.update(service);
  }

  /** Targets that stay keep their health, and connections go on. */
  update(service: BalancerService): void {
    const sameCheck =
      JSON.stringify([service.check, service.targetPort]) ===
      JSON.stringify([this.#service.check, this.#service.targetPort]);
    this.#service = service;
    const before = this.#targets;
    this.#targets = service.targets.map(
      ({ server, address }) =>
        before.find((one) => sameCheck && one.server === server && one.address === address) ?? {
          server,
          address,
          healthy: undefined,
          failures: 0,
          connections: 0,
        },
    );
    for (const target of before) if (!this.#targets.includes(target)) clearInterval(target.timer);
    for (const target of this.#targets) {
      if (target.timer !== undefined) continue;
      target.timer = setInterval(() => void this.#check(target), service.check.intervalSeconds * 1000);
      void this.#check(target);
    }
  }

  close(): void {
    for (const target of this.#targets) clearInterval(target.timer);
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(client: Socket): void {
    this.#keep(client);
    const candidates = this.#candidates();
    const attempt = (): void => {
      const target = candidates.shift();
      if (target === undefined || client.destroyed) {
        client.destroy();
        return;
      }
      const { address: localAddress, targetPort: port } = this.#service;
      const far = connect({ host: target.address, port, localAddress, allowHalfOpen: true, noDelay: true });
      this.#keep(far);
      const slow = setTimeout(() => far.destroy(), CONNECT_TIMEOUT_MS);
      let connected = false;
      far.once("connect", () => {
        clearTimeout(slow);
        connected = true;
        target.connections += 1;
        client.pipe(far).pipe(client);
      });
      far.once("close", () => {
        clearTimeout(slow);
        if (!connected && this.triesOthers) return attempt();
        if (!connected) return client.destroy();
        target.connections -= 1;
        client.destroy();
      });
      client.once("close", () => far.destroy());
    };
    attempt();
  }

  /** Healthy ones, the one to take first. */
  #candidates(): Target[] {
    const healthy = this.#targets.filter((target) => target.healthy === true);
    if (this.#service.algorithm === "least_connections") return healthy.sort((a, b) => a.connections - b.connections);
    this.#next += 1;
    return healthy.map((_target, index) => healthy[(index + this.#next) % healthy.length] as Target);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  async #check(target: Target): Promise<void> {
    const ok = await answers(target.address, this.#service.address, this.#service.check);
    target.failures = ok ? 0 : target.failures + 1;
    const healthy = ok || (target.healthy === true && target.failures < this.#service.check.retries);
    if (healthy === target.healthy) return;
    target.healthy = healthy;
    this.onHealth(target.server, healthy);
  }
}

/** One health check, from the balancer's address. */
export function answers(host: string, localAddress: string, check: BalancerCheck): Promise<boolean> {
  const { port, timeoutSeconds, path, statuses } = check;
  return new Promise((resolve) => {
    if (check.kind === "tcp") {
      const socket = connect({ host, port, localAddress });
      const finish = (ok: boolean): void => {
        socket.destroy();
        resolve(ok);
      };
      socket.setTimeout(timeoutSeconds * 1000, () => finish(false));
      socket.once("connect", () => finish(true));
      socket.once("error", () => finish(false));
      return;
    }
    const headers = check.host === undefined ? {} : { host: check.host };
    const options = { host, port, localAddress, path, headers, timeout: timeoutSeconds * 1000, agent: false } as const;
    const ask = check.tls ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options);
    ask.once("response", (response) => {
      response.destroy();
      const code = String(response.statusCode ?? 0);
      resolve(statuses.some((status) => new RegExp(`^${status.replaceAll("?", "[0-9]")}$`).test(code)));
    });
    ask.once("timeout", () => ask.destroy(new Error("timeout")));
    ask.once("error", () => resolve(false));
    ask.end();
  });
}
