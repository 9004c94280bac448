import { setTimeout as delay } from "node:timers/promises";
import { Client, utils, type ConnectConfig } from "ssh2";
import { packScript } from "./packScript";

/** One machine's sshd, as the program knows it. */
export interface ShellEndpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  /** As it was on first contact: "ssh-ed25519 AAAA...". Whoever shows another one is told nothing. */
  readonly hostKey: string;
}

/** A machine, and the bastion that it is reached through; none for the bastion itself. */
export interface ShellConnection extends ShellEndpoint {
  readonly proxy?: ShellEndpoint;
}

export interface ShellRun {
  readonly connection: ShellConnection;
  /** Bash, run as root; it comes by standard input and never stands in a command line. */
  readonly script: string;
  readonly timeoutSeconds: number;
  /** How long the machine is dialled: one that boots does not answer at first. */
  readonly dialSeconds: number;
}

const ATTEMPT_MS = 10_000;
const PAUSE_MS = 2_000;
/** Of what a script said, its end tells why it failed. */
const SHOWN_CHARACTERS = 2_000;

/**
 * Runs a script on a machine from this process: for what must happen around a step of Pulumi, and so cannot be a
 * resource of its own. Everything else is a remote.Command.
 *
 * @throws Error naming the machine, and what it said or why it does not answer
 */
export async function runScript(run: ShellRun): Promise<void> {
  const { host } = run.connection;
  const clients = await dialled(run);
  try {
    const [client] = clients;
    if (client === undefined) throw new Error(`${host}: no connection`);
    const { code, output } = await executed(client, run);
    if (code !== 0)
      throw new Error(
        `${host}: ${output.trim().slice(-SHOWN_CHARACTERS) || `exit code ${code ?? "none: the connection broke"}`}`,
      );
  } finally {
    for (const client of clients) client.end();
  }
}

/** The machine's own connection first. */
async function dialled({ connection, dialSeconds }: ShellRun): Promise<readonly Client[]> {
  const deadline = Date.now() + dialSeconds * 1000;
  for (;;) {
    const open: Client[] = [];
    try {
      const { proxy } = connection;
      if (proxy === undefined) return [await connected(connection)];
      const bastion = await connected(proxy);
      open.push(bastion);
      return [await connected(connection, await forwarded(bastion, connection)), bastion];
    } catch (error) {
      for (const client of open) client.end();
      if (error instanceof StrangerError || Date.now() >= deadline)
        throw new Error(
          `${connection.host} does not answer: ${error instanceof Error ? error.message : String(error)}`,
          {
            cause: error,
          },
        );
    }
    await delay(PAUSE_MS);
  }
}

class StrangerError extends Error {}

type Channel = NonNullable<ConnectConfig["sock"]>;

function connected({ host, port, user, privateKey, hostKey }: ShellEndpoint, sock?: Channel): Promise<Client> {
  const expected = utils.parseKey(hostKey);
  if (expected instanceof Error) throw new StrangerError(`its host key in the state is none (${expected.message})`);
  return new Promise((resolve, reject) => {
    let stranger = false;
    const client = new Client();
    client
      .once("ready", () => resolve(client))
      // Stays: one after the connection is up shows in the channel's end.
      .on("error", (error) =>
        reject(
          stranger ? new StrangerError("its host key is not the one of first contact; nothing was sent to it") : error,
        ),
      )
      .once("close", () => reject(new Error("the connection was closed")))
      .connect({
        ...(sock === undefined ? { host, port } : { sock }),
        username: user,
        privateKey,
        readyTimeout: ATTEMPT_MS,
        keepaliveInterval: 15_000,
        algorithms: { serverHostKey: [expected.type] },
        hostVerifier: (key: Buffer) => {
          stranger = !key.equals(expected.getPublicSSH());
          return !stranger;
        },
      });
  });
}

function forwarded(bastion: Client, { host, port }: ShellEndpoint): Promise<Channel> {
  return new Promise((resolve, reject) => {
    bastion.once("close", () => reject(new Error("the connection to the bastion was closed")));
    bastion.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
      if (error === undefined) resolve(channel);
      else reject(error);
    });
  });
}

function executed(
  client: Client,
  { script, timeoutSeconds }: ShellRun,
): Promise<{ readonly code: number | undefined; readonly output: string }> {
  return new Promise((resolve, reject) => {
    let code: number | undefined;
    let output = "";
    const end = (): void => resolve({ code, output });
    client.once("close", end);
    client.exec(`sudo timeout ${timeoutSeconds} bash -s`, (error, channel) => {
      if (error !== undefined) return reject(error);
      channel.on("data", (chunk: Buffer) => (output += chunk.toString()));
      channel.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
      channel.on("exit", (status: number | null) => (code = status ?? undefined));
      channel.on("error", () => undefined);
      channel.on("close", end);
      channel.end(packScript(script));
    });
  });
}
