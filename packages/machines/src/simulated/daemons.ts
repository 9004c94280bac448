import type { SimulatedHost } from "./roleSimulator";

/** A daemon whose start ends only once daemons on other machines run, too. Any other starts at once. */
export interface PeerDaemon {
  /** Its unit, e.g. "etcd.service". */
  readonly unit: string;
  /** What it still waits for, in words; undefined: it starts. Asked anew after whatever happens to any machine. */
  waitsFor(host: SimulatedHost, others: readonly SimulatedHost[]): string | undefined;
}

/** A machine as its daemons see it. */
export interface DaemonHost extends SimulatedHost {
  /** A daemon that had waited for others has started: whatever it makes is there. */
  daemonStarted(): Promise<void>;
}

/** How long whoever waits for a start is patient; everything else here takes seconds. */
const DEFAULT_PATIENCE_SECONDS = 60;

/** Which daemons of which machines run, and which still wait for others. */
export class Daemons {
  /** Those of `kinds` alone. */
  readonly #started = new Map<DaemonHost, Set<string>>();
  readonly #waiting = new Set<() => void>();
  #looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly kinds: readonly PeerDaemon[],
    private readonly machines: () => readonly DaemonHost[],
    private readonly patienceSeconds = DEFAULT_PATIENCE_SECONDS,
  ) {}

  /** Of a unit that is to run there. */
  hasStarted(host: DaemonHost, unit: string): boolean {
    return !this.kinds.some((kind) => kind.unit === unit) || this.#started.get(host)?.has(unit) === true;
  }

  /** The machine has lost its power, and with it all that ran. */
  stopped(host: DaemonHost): void {
    this.#started.delete(host);
  }

  /** Lets start what can, until nothing more does: to be called after each change of a machine. */
  look(): Promise<void> {
    const looked = this.#looking.then(async () => {
      while (await this.#startOne());
      for (const again of this.#waiting) again();
    });
    this.#looking = looked.catch(() => undefined);
    return looked;
  }

  /** Resolves once the daemon has started. @throws Error that says what it waits for, when nobody is patient any more. */
  async started(host: DaemonHost, unit: string): Promise<void> {
    if (host.unit(unit) === "absent") throw new Error(`${unit} is not to run here`);
    await this.look();
    if (this.hasStarted(host, unit)) return;
    await new Promise<void>((resolve, reject) => {
      const end = (then: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(again);
        then();
      };
      const again = (): void => {
        if (this.hasStarted(host, unit)) end(resolve);
      };
      const timer = setTimeout(() => {
        const why = this.#waitsFor(host, unit) ?? "nothing that is known";
        end(() => reject(new Error(`${unit} has not started within ${this.patienceSeconds} s: it waits for ${why}`)));
      }, this.patienceSeconds * 1000);
      this.#waiting.add(again);
      // It may have started since.
      again();
    });
  }

  async #startOne(): Promise<boolean> {
    for (const host of this.machines()) {
      for (const { unit } of this.kinds) {
        if (host.unit(unit) !== "begun" || this.#waitsFor(host, unit) !== undefined) continue;
        this.#started.set(host, (this.#started.get(host) ?? new Set()).add(unit));
        await host.daemonStarted();
        return true;
      }
    }
    return false;
  }

  #waitsFor(host: DaemonHost, unit: string): string | undefined {
    const others = this.machines().filter((one) => one !== host);
    return this.kinds.find((kind) => kind.unit === unit)?.waitsFor(host, others);
  }
}
