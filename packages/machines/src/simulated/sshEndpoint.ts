import { timingSafeEqual } from "node:crypto";
import type { Duplex } from "node:stream";
import ssh2, { type AuthContext, type Connection, type ServerChannel } from "ssh2";

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** What a machine decides; the endpoint only speaks the protocol. */
export interface EndpointOwner {
  /** OpenSSH public keys with which this account may log in now. */
  authorizedKeys(user: string): readonly string[];
  exec(user: string, command: string, stdin: () => Promise<string>): Promise<ExecResult>;
  /** The other end of a direct-tcpip channel, or the reason why there is none. */
  forward(address: string, port: number): Duplex | string;
}

/** No script of a host comes near this. */
const STDIN_LIMIT_BYTES = 64 * 1024 * 1024;

/** One machine's sshd, in process: sockets are handed to it. */
export class SshEndpoint {
  readonly #server: ssh2.Server;
  readonly #connections = new Set<Connection>();
  readonly #sockets = new Set<Duplex>();

  constructor(hostKey: string, owner: EndpointOwner) {
    this.#server = new ssh2.Server({ hostKeys: [hostKey], ident: "simulated" }, (client) => this.#serve(client, owner));
  }

  accept(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    // The declared type is a network socket, but only what every Duplex has is used.
    this.#server.injectSocket(socket as Parameters<ssh2.Server["injectSocket"]>[0]);
  }

  /** As a machine that loses its power: whoever is connected is cut off. */
  cutOff(): void {
    for (const connection of this.#connections) connection.end();
    for (const socket of this.#sockets) socket.destroy();
    this.#connections.clear();
    this.#sockets.clear();
  }

  #serve(client: Connection, owner: EndpointOwner): void {
    this.#connections.add(client);
    let user = "";
    // A peer that goes away in the middle is everyday life for a server.
    client.on("error", () => undefined);
    client.on("close", () => this.#connections.delete(client));
    client.on("authentication", (context) => {
      if (mayLogIn(context, owner)) {
        user = context.username;
        context.accept();
      } else context.reject(["publickey"]);
    });
    client.on("ready", () => {
      client.on("session", (accept) => {
        const session = accept();
        session.on("pty", (_accept, reject) => reject());
        // As sshd without AcceptEnv.
        session.on("env", (_accept, reject) => {
          if (typeof reject === "function") reject();
        });
        session.on("shell", (acceptShell) =>
          finish(acceptShell(), { stdout: "", stderr: "a simulated machine has no shell\n", exitCode: 127 }),
        );
        session.on("exec", (acceptExec, _reject, { command }) => {
          const channel = acceptExec();
          channel.on("error", () => undefined);
          owner
            .exec(user, command, () => readAll(channel))
            .then(
              (result) => finish(channel, result),
              (error: unknown) =>
                finish(channel, {
                  stdout: "",
                  stderr: `simulated machine: ${error instanceof Error ? error.message : String(error)}\n`,
                  exitCode: 1,
                }),
            );
        });
      });
      client.on("tcpip", (accept, reject, { destIP, destPort }) => {
        const other = owner.forward(destIP, destPort);
        if (typeof other === "string") {
          reject();
          return;
        }
        const channel = accept();
        channel.on("error", () => other.destroy());
        other.on("error", () => channel.end());
        other.on("close", () => channel.end());
        channel.on("close", () => other.destroy());
        channel.pipe(other).pipe(channel);
      });
      client.on("request", (_accept, reject) => {
        if (typeof reject === "function") reject();
      });
    });
  }
}

function mayLogIn(context: AuthContext, owner: EndpointOwner): boolean {
  if (context.method !== "publickey") return false;
  for (const line of owner.authorizedKeys(context.username)) {
    const key = ssh2.utils.parseKey(line);
    if (key instanceof Error) continue;
    const blob = key.getPublicSSH();
    if (key.type !== context.key.algo.replace(/^rsa-sha2-(256|512)$/, "ssh-rsa")) continue;
    if (blob.length !== context.key.data.length || !timingSafeEqual(blob, context.key.data)) continue;
    if (context.signature === undefined || context.blob === undefined) return true;
    return key.verify(context.blob, context.signature, context.hashAlgo) === true;
  }
  return false;
}

async function readAll(channel: ServerChannel): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of channel as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > STDIN_LIMIT_BYTES) throw new Error(`more than ${STDIN_LIMIT_BYTES} bytes on standard input`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function finish(channel: ServerChannel, result: ExecResult): void {
  if (result.stdout !== "") channel.write(result.stdout);
  if (result.stderr !== "") channel.stderr.write(result.stderr);
  channel.exit(result.exitCode);
  channel.end();
}
