import { connect, createServer, type Socket } from "node:net";

export interface DoorOptions {
  /** On loopback. */
  readonly port: number;
  /** May a connection from that address come in? Asked for each. */
  readonly admits: (source: string) => boolean;
  /** Loopback port that it leads to. */
  readonly to: () => number;
}

/**
 * A way through a machine's public interface to something behind it. Whoever may not come in is not answered, as by a
 * firewall that drops what it does not admit.
 *
 * @returns how it is closed, with all connections. @throws Error when the port is in use.
 */
export async function openDoor({ port, admits, to }: DoorOptions): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on("error", () => undefined).once("close", () => sockets.delete(socket));
  };
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    keep(near);
    if (!admits(near.remoteAddress ?? "")) return void near.resume().once("end", () => near.end());
    const far = keep(connect({ host: "127.0.0.1", port: to(), allowHalfOpen: true, noDelay: true }));
    far.once("close", () => near.destroy());
    near.once("close", () => far.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
