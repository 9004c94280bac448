import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { BalancerService, Leftovers, Order, Report, Surroundings, Tunnel } from "./wardenProtocol";

export interface WardenHandlers {
  readonly onHealth: (report: Extract<Report, { kind: "health" }>) => void;
  readonly onTrouble: (message: string) => void;
}

/** The process in the fleet's namespace (warden.ts), seen from the program. */
export class Warden {
  #ended = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly exited: Promise<void>,
  ) {}

  /**
   * @param namespace path as nsenter wants it.
   * @param around whose addresses are the namespace's own.
   */
  static async start(namespace: string, around: Surroundings, handlers: WardenHandlers): Promise<Warden> {
    const child = spawn(
      "nsenter",
      [
        `--net=${namespace}`,
        process.execPath,
        "--disable-warning=ExperimentalWarning",
        "--import",
        require.resolve("tsx"),
        join(__dirname, "warden.ts"),
        JSON.stringify(around),
      ],
      // A group of its own, so that it is there to tidy up when Ctrl-C has ended all others.
      { stdio: ["ignore", "ignore", "pipe", "ipc"], detached: true },
    );
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (said = `${said}${text}`.slice(-2000)));
    const exited = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
    const warden = new Warden(child, exited);
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", () => reject(new Error(`the process in ${namespace} ended at once: ${said.trim()}`)));
      child.on("message", (report: Report) => {
        if (report.kind === "ready") resolve();
        else if (report.kind === "health") handlers.onHealth(report);
        else handlers.onTrouble(report.message);
      });
    });
    child.on("exit", () => {
      if (!warden.#ended) handlers.onTrouble(`the process in ${namespace} ended: ${said.trim()}`);
    });
    return warden;
  }

  setTunnels(tunnels: readonly Tunnel[]): void {
    this.#send({ kind: "tunnels", tunnels });
  }

  setBalancers(services: readonly BalancerService[]): void {
    this.#send({ kind: "balancers", services });
  }

  /** What it removes should this program vanish. */
  guard(leftovers: Leftovers): void {
    this.#send({ kind: "guard", leftovers });
  }

  /** It removes what it guards, and ends. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#send({ kind: "end" });
    await this.exited;
  }

  #send(order: Order): void {
    if (this.child.connected) this.child.send(order, () => undefined);
  }
}
