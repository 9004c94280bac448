import { randomBytes } from "node:crypto";
import type { Machines } from "@standin/machines/machines";
import { DEFAULT_RATE_LIMIT, RateLimit, type RateLimitOptions } from "./http/rateLimit";
import { createHttp } from "./http/router";
import { Actions } from "./model/actions";
import type { CloudContext, CloudSettings } from "./model/context";
import { delegate } from "./model/delegation";
import { DEFAULT_LIMITS, type Limits } from "./model/limits";
import { MachineLink } from "./model/machineLink";
import { PRICES, type PriceTable } from "./model/prices";
import type { ServerRow, Task } from "./model/rows";
import { SERVER_TASKS } from "./model/serverTasks";
import { takeSnapshot, type Snapshot } from "./model/snapshot";
import { Store } from "./model/store";
import { allRoutes } from "./routes/allRoutes";
import { CERTIFICATE_TASK, issueCertificate } from "./routes/certificates";
import { outsideRoutes } from "./routes/outside";
import { finishVolume, VOLUME_TASK } from "./routes/volumes";
import { weatherHands } from "./weather/failing";
import type { Fault } from "./weather/faults";
import { Weather } from "./weather/weather";

const TOKEN_LENGTH = 64;

export interface CloudOptions {
  /** SQLite file that holds everything; made when missing. One local cloud at a time may use it. */
  readonly stateFile: string;
  /** What stands for the servers. The cloud does not close it. */
  readonly machines: Machines;
  /** Default 0: any free port. */
  readonly port?: number;
  readonly host?: "127.0.0.1";
  /** Exactly 64 characters, as the real provider demands. Default: random, kept in the state. */
  readonly token?: string;
  /** A second token that may only read. Default none. */
  readonly readOnlyToken?: string;
  /** How long every action takes at least, in milliseconds. Default 30. */
  readonly actionDelayMs?: number;
  /** Servers there is room for, by type ("cx23") or type and location ("cx23@fsn1"); more answer 412. Default unlimited. */
  readonly capacity?: Readonly<Record<string, number>>;
  /** Resources the project may have; more answer 403. Default DEFAULT_LIMITS. */
  readonly limits?: Partial<Limits>;
  readonly rateLimit?: Partial<RateLimitOptions>;
  /** What goes wrong from the start. Default: nothing. */
  readonly weather?: readonly Fault[];
  readonly prices?: PriceTable;
  /** Public IPv4 of the n-th address for servers. Default 127.0.0.1 for all, so that SSH reaches them. */
  readonly publicAddress?: (n: number) => string;
  /** Health of a load balancer's target. Default: healthy while the server runs. */
  readonly targetHealth?: CloudSettings["targetHealth"];
  /** Told what goes wrong in the background. Default: nothing. */
  readonly warn?: (message: string) => void;
}

export interface Cloud {
  /** http://127.0.0.1:PORT/v1 */
  readonly endpoint: string;
  readonly token: string;
  /** Actions under way go on at the next start. */
  close(): Promise<void>;
  /** Tells it that a zone was delegated to Hetzner's name servers, or no longer is. Default: no zone is. */
  delegate(zone: string, delegated: boolean): void;
  /** Replaces what goes wrong from now on. @throws Error naming an endpoint that there is not */
  weather(faults: readonly Fault[]): void;
  /** Everything in it as the API shows it, by kind; actions and secrets are not in it. */
  snapshot(kinds?: readonly string[]): Snapshot;
}

function tokenOf(store: Store, given: string | undefined): string {
  if (given !== undefined && given.length !== TOKEN_LENGTH) {
    throw new Error(
      `local cloud: token has ${given.length} characters; the real Hetzner provider accepts exactly ${TOKEN_LENGTH}`,
    );
  }
  const token = given ?? store.meta("token") ?? randomBytes(TOKEN_LENGTH / 2).toString("hex");
  store.putMeta("token", token);
  return token;
}

function settingsOf(options: CloudOptions): CloudSettings {
  return {
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    capacity: options.capacity ?? {},
    prices: options.prices ?? PRICES,
    publicAddress: options.publicAddress ?? (() => "127.0.0.1"),
    targetHealth:
      options.targetHealth ?? ((server: ServerRow) => (server.status === "running" ? "healthy" : "unhealthy")),
  };
}

function createContext(options: CloudOptions, store: Store): CloudContext {
  const machines = new MachineLink(store, options.machines, options.warn ?? (() => undefined));
  const run = async (task: Task): Promise<() => void> => {
    const id = Number(task.args["id"]);
    if (task.name === VOLUME_TASK) return () => finishVolume(cloud, id);
    if (task.name === CERTIFICATE_TASK) return issueCertificate(cloud, id);
    const work = SERVER_TASKS[task.name];
    if (work === undefined)
      throw new Error(`unknown task ${task.name} in the state: it was written by another version`);
    return work(cloud, task);
  };
  const actions = new Actions(store, run, options.actionDelayMs ?? 30);
  const settings = settingsOf(options);
  const cloud: CloudContext = { store, actions, machines, settings, weather: new Weather(), shelves: new Map() };
  return cloud;
}

/**
 * Starts the local Hetzner Cloud API. It answers once the machines of an earlier run are back.
 * @throws Error when the state file or the port is in use, or the token is not 64 characters long.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const store = new Store(options.stateFile);
  try {
    const token = tokenOf(store, options.token);
    const cloud = createContext(options, store);
    const rateLimit = new RateLimit({ ...DEFAULT_RATE_LIMIT, ...options.rateLimit });
    const { weather } = cloud;
    const hands = weatherHands(cloud);
    const { app, router } = createHttp({
      token,
      readOnlyToken: options.readOnlyToken,
      rateLimit,
      transaction: (work) => store.transaction(work),
      weather: {
        // What is told from outside is no part of Hetzner's API, and always arrives.
        add: (endpoint) => (endpoint.includes("/_local/") ? undefined : weather.add(endpoint)),
        around: (endpoint, call, work) => weather.around({ endpoint, call }, hands, work),
      },
    });
    allRoutes(router, cloud);
    outsideRoutes(router, cloud);
    weather.set(options.weather ?? []);
    await cloud.machines.restore();
    const address = await app.listen({ port: options.port ?? 0, host: options.host ?? "127.0.0.1" });
    cloud.actions.resume();
    return {
      endpoint: `${address}/v1`,
      token,
      delegate: (zone, delegated) => delegate(store, zone, delegated),
      weather: (faults) => weather.set(faults),
      snapshot: (kinds) => takeSnapshot(cloud, kinds),
      close: async () => {
        await app.close();
        cloud.actions.close();
        store.close();
      },
    };
  } catch (error) {
    store.close();
    if ((error as { code?: unknown }).code === "EADDRINUSE") {
      throw new Error(
        `local cloud: port ${options.port ?? 0} is in use; stop what listens there, or choose another port`,
        { cause: error },
      );
    }
    throw error;
  }
}

export type { Fault, Snapshot };
