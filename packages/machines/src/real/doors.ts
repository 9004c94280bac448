import { mkdtempSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Ways between this machine and the fleet's network namespace: a Unix socket for each machine, to which the warden
 * makes a tunnel, and a loopback port for each machine that can be reached from outside.
 */
export class Doors {
  /** Of the Unix sockets. Short, for their paths are limited to 108 characters. */
  readonly folder = mkdtempSync(join(tmpdir(), "standin-"));
  /** Does what filters the public interface of a machine let that address in? */
  admit: (id: number, source: string) => boolean = () => true;
  readonly #entries = new Map<number, { readonly server: Server; readonly port: number }>();
  readonly #inner = new Map<number, Server>();
  readonly #sockets = new Set<Socket>();

  socketOf(id: number): string {
    return join(this.folder, `${id}.sock`);
  }

  /** Loopback port of a machine; undefined where it has no public interface. */
  portOf(id: number): number | undefined {
    return this.#entries.get(id)?.port;
  }

  /** @param firstPort what the first entry of all gets; 0: any free one, as all others do. */
  async openEntry(id: number, firstPort: number): Promise<void> {
    if (this.#entries.has(id)) return;
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
      this.#keep(near);
      // As packets that are dropped: nobody ever answers.
      if (!this.admit(id, near.remoteAddress ?? "")) return void near.resume().once("end", () => near.end());
      const far = connect({ path: this.socketOf(id), allowHalfOpen: true });
      this.#keep(far);
      far.once("close", () => near.destroy());
      near.once("close", () => far.destroy());
      near.pipe(far).pipe(near);
    });
    const wanted = this.#entries.size === 0 ? firstPort : 0;
    await listen(server, wanted);
    const address = server.address();
    this.#entries.set(id, { server, port: typeof address === "object" && address !== null ? address.port : wanted });
  }

  /** For a simulated machine: whoever comes out of the namespace to its SSH. */
  async openInner(id: number, accept: (socket: Socket) => void): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => {
      this.#keep(socket);
      accept(socket);
    });
    await listen(server, this.socketOf(id));
    this.#inner.set(id, server);
  }

  close(id: number): void {
    this.#entries.get(id)?.server.close();
    this.#entries.delete(id);
    this.#inner.get(id)?.close();
    this.#inner.delete(id);
  }

  closeAll(): void {
    for (const id of [...this.#entries.keys(), ...this.#inner.keys()]) this.close(id);
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.#sockets.delete(socket));
  }
}

function listen(server: Server, where: number | string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new Error(
          error.code === "EADDRINUSE"
            ? `port 127.0.0.1:${where} is in use; remedy: end the program that holds it`
            : error.message,
        ),
      ),
    );
    if (typeof where === "string") server.listen(where, () => resolve());
    else server.listen(where, "127.0.0.1", () => resolve());
  });
}
