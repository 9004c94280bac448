import { connect as dial } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import ssh2, { type Client, type ConnectConfig } from "ssh2";
import type { Connection, Endpoint } from "./commandInputs";

/** Why a host could not be reached. The message names host and remedy, and holds no secret. */
export class ConnectError extends Error {
  constructor(
    readonly why: string,
    readonly remedy: string,
    /** Trying again cannot help. */
    readonly final: boolean,
  ) {
    super(`${why}; remedy: ${remedy}`);
    this.name = "ConnectError";
  }
}

export interface SshSession {
  readonly client: Client;
  close(): void;
}

/** First pause and growth of the pauses between attempts, as pulumi-command's (10 attempts last 11 s). */
const FIRST_PAUSE_MS = 100;
const PAUSE_GROWTH = 1.5;
const LONGEST_PAUSE_MS = 5000;

/**
 * Connects, through the proxy where there is one, with as many attempts as the connection allows.
 *
 * @param localAddress from which the first connection goes out. Default: as the system chooses.
 * @throws ConnectError naming the host, the last reason and the remedy.
 */
export async function openSession(
  connection: Connection,
  signal: AbortSignal,
  onRetry: (message: string) => void,
  localAddress?: string,
): Promise<SshSession> {
  const { proxy } = connection;
  for (const endpoint of proxy === undefined ? [connection] : [connection, proxy]) await dialAgent(endpoint);
  const retry = <T>(endpoint: Endpoint, attempt: () => Promise<T>): Promise<T> =>
    withRetries(endpoint, signal, onRetry, attempt);
  if (proxy === undefined) {
    const client = await retry(connection, () => connect(connection, undefined, signal, localAddress));
    return { client, close: () => void client.end() };
  }
  const bastion = await retry(proxy, () => connect(proxy, undefined, signal, localAddress));
  try {
    const client = await retry(connection, async () => {
      const stream = await forward(bastion, connection, proxy, signal);
      try {
        return await connect(connection, stream, signal);
      } catch (error) {
        stream.destroy();
        throw error;
      }
    });
    return {
      client,
      close: () => {
        client.end();
        bastion.end();
      },
    };
  } catch (error) {
    bastion.end();
    throw error;
  }
}

async function withRetries<T>(
  endpoint: Endpoint,
  signal: AbortSignal,
  onRetry: (message: string) => void,
  attempt: () => Promise<T>,
): Promise<T> {
  let pause = FIRST_PAUSE_MS;
  let last: ConnectError | undefined;
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      const limit = endpoint.dialErrorLimit;
      // What is said of the end tells less than why it was waited for.
      if (signal.aborted && last !== undefined) throw endedWaiting(last, failures, signal);
      if (signal.aborted || !(error instanceof ConnectError) || error.final) throw error;
      last = error;
      // As pulumi-command counts: the limit is how many failures are allowed.
      if (limit >= 0 && failures > limit) {
        throw new ConnectError(`${error.why} (${failures} attempt(s))`, error.remedy, true);
      }
      onRetry(`${error.why}; attempt ${failures} of ${limit < 0 ? "any number" : limit + 1}`);
    }
    await delay(pause, undefined, { signal }).catch((error: unknown) => {
      throw last === undefined ? error : endedWaiting(last, failures, signal);
    });
    pause = Math.min(pause * PAUSE_GROWTH, LONGEST_PAUSE_MS);
  }
}

function endedWaiting(last: ConnectError, failures: number, signal: AbortSignal): ConnectError {
  const outOfTime = (signal.reason as Partial<Error> | undefined)?.name === "TimeoutError";
  return new ConnectError(
    `${last.why} (${failures} attempt(s), until ${outOfTime ? "its time was over" : "it was cancelled"})`,
    last.remedy,
    true,
  );
}

function connect(
  endpoint: Endpoint,
  sock: Duplex | undefined,
  signal: AbortSignal,
  localAddress?: string,
): Promise<Client> {
  const where = `${endpoint.user}@${endpoint.host}:${endpoint.port}`;
  const expected = endpoint.hostKey === undefined ? undefined : parsePublicKey(endpoint.hostKey, where);
  const config: ConnectConfig = {
    username: endpoint.user,
    readyTimeout: endpoint.perDialTimeout * 1000,
    keepaliveInterval: 15_000,
    ...credentials(endpoint, where),
    // The declared type wants a stream that can only be read; the library needs one that can be written, too.
    ...(sock === undefined ? { host: endpoint.host, port: endpoint.port } : { sock }),
    ...(localAddress === undefined ? {} : { localAddress }),
  };
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    // A handshake is a dozen small packets; each would wait 40 ms for the one before.
    client.once("connect", () => client.setNoDelay(true));
    let stranger = false;
    const abort = (): void => {
      client.destroy();
      reject(new ConnectError(`host ${where}: connecting was cancelled`, "run again", true));
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener("abort", abort, { once: true });
    const settled = (): void => signal.removeEventListener("abort", abort);
    client.once("ready", () => {
      settled();
      resolve(client);
    });
    // Stays: an error after the connection is up shows in the channel's end.
    client.on("error", (error) => {
      settled();
      reject(stranger ? strangerError(where) : connectError(where, error));
    });
    client.once("close", () => {
      settled();
      reject(
        stranger
          ? strangerError(where)
          : new ConnectError(
              `host ${where}: the connection was closed before it was up`,
              "is its sshd running?",
              false,
            ),
      );
    });
    client.connect({
      ...config,
      ...(expected === undefined
        ? {}
        : {
            algorithms: { serverHostKey: hostKeyAlgorithms(expected.type) },
            hostVerifier: (key: Buffer) => {
              stranger = !key.equals(expected.blob);
              return !stranger;
            },
          }),
    });
  });
}

function hostKeyAlgorithms(type: string): NonNullable<NonNullable<ConnectConfig["algorithms"]>["serverHostKey"]> {
  return (type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type]) as ReturnType<typeof hostKeyAlgorithms>;
}

function strangerError(where: string): ConnectError {
  return new ConnectError(
    `host ${where}: its host key is not the expected one`,
    "if the machine was rebuilt on purpose, replace the resource that read its key (its name ends in -host-key); else somebody stands in between. Nothing was sent to it",
    true,
  );
}

function connectError(where: string, error: Error & { readonly level?: string; readonly code?: string }): ConnectError {
  const make = (why: string, remedy: string): ConnectError => new ConnectError(`host ${where}: ${why}`, remedy, false);
  if (error.level === "client-authentication") {
    return make("it accepts none of the given keys", "check the user, and that cloud-init has written the key");
  }
  if (error.level === "client-timeout") return make("no answer in time", "check power, firewall and address");
  if (/host key algorithm|Handshake failed/i.test(error.message)) {
    return make(error.message, "give a host key of a type that the host has");
  }
  return make(error.code ?? error.message, "check that the machine is up and its address and port are right");
}

/** An empty variable is none; an empty argument is one (connection.go and connection_unix.go of pulumi-command). */
function agentOf({ agentSocketPath }: Endpoint): string | undefined {
  const variable = process.env["SSH_AUTH_SOCK"];
  return agentSocketPath ?? (variable === "" ? undefined : variable);
}

/** As pulumi-command: also where there is a key, before anything else, and once. */
async function dialAgent(endpoint: Endpoint): Promise<void> {
  const path = agentOf(endpoint);
  if (path === undefined || process.platform === "win32") return;
  const failure = await new Promise<string | undefined>((resolve) => {
    // Node takes an empty path for none at all.
    const socket = dial({ path: path === "" ? "." : path });
    socket.once("connect", () => resolve(undefined)).once("error", ({ message }) => resolve(message));
    socket.once("connect", () => socket.destroy());
  });
  if (failure !== undefined)
    throw new ConnectError(
      `host ${endpoint.user}@${endpoint.host}:${endpoint.port}: the SSH agent at ${JSON.stringify(path)} does not answer (${failure})`,
      "unset SSH_AUTH_SOCK",
      true,
    );
}

function credentials(endpoint: Endpoint, where: string): ConnectConfig {
  const agent = agentOf(endpoint);
  const { privateKey, privateKeyPassword, password } = endpoint;
  if (privateKey !== undefined) {
    const key = ssh2.utils.parseKey(privateKey, privateKeyPassword);
    if (key instanceof Error || !key.isPrivateKey()) {
      throw new ConnectError(
        `host ${where}: privateKey cannot be read`,
        "give a PEM or OpenSSH private key, and its password where it has one",
        true,
      );
    }
  }
  return {
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(privateKeyPassword === undefined ? {} : { passphrase: privateKeyPassword }),
    ...(password === undefined ? {} : { password, tryKeyboard: false }),
    ...(agent === undefined || privateKey !== undefined ? {} : { agent }),
  };
}

function parsePublicKey(text: string, where: string): { readonly type: string; readonly blob: Buffer } {
  const key = ssh2.utils.parseKey(text.trim());
  if (key instanceof Error) {
    throw new ConnectError(`host ${where}: hostKey is no OpenSSH public key`, `give "ssh-ed25519 AAAA..."`, true);
  }
  return { type: key.type, blob: key.getPublicSSH() };
}

function forward(bastion: Client, target: Endpoint, proxy: Endpoint, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const failed = (message: string): void =>
      reject(
        new ConnectError(
          `host ${target.user}@${target.host}:${target.port}: the bastion ${proxy.host}:${proxy.port} cannot reach it (${message})`,
          "check that the machine is on, and in the bastion's network, then run again; nothing was run on it",
          false,
        ),
      );
    // The bastion answers when its own attempt ends, which may take minutes.
    const abort = (): void => failed("no answer so far");
    signal.addEventListener("abort", abort, { once: true });
    try {
      bastion.forwardOut("127.0.0.1", 0, target.host, target.port, (error, channel) => {
        signal.removeEventListener("abort", abort);
        if (error !== undefined) failed(error.message);
        else if (signal.aborted) channel.destroy();
        else resolve(channel);
      });
    } catch (error) {
      signal.removeEventListener("abort", abort);
      // The library throws when the connection to the bastion is gone.
      reject(
        new ConnectError(
          `host ${proxy.host}:${proxy.port}: the connection to the bastion is gone (${(error as Error).message})`,
          "run again",
          true,
        ),
      );
    }
  });
}
