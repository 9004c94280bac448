import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { announce } from "../../../rehearsal/cli/session";
import { startLocalCloud, type LocalCloud } from "../../../rehearsal/localCloud";
import { fleetNeeds } from "../../../rehearsal/fleetNeeds";
import { environment as local } from "../../../stacks/local";
import { Stand, type Running } from "../../scenario/support/stand";

export const CACHE = join(__dirname, "..", "..", "..", ".cache");
/** A file on every host but the bastion; each revision is a change of the program. */
export const PROBE = "/etc/keybuzz-probe";
/** The same image as the whole stack's, so that none is built for a test. */
export const NEEDS = fleetNeeds(local);

const WHOLE = "const environment = input.environment;";
const SMALL = `const whole = input.environment;
  const environment = {
    ...whole,
    mariadbLoadBalancer: undefined,
    hosts: whole.hosts.filter(({ role, name }) => role === "bastion" || role.startsWith("k3s") || /^(haproxy|redis)-01$/.test(name)),
    workloads: {},
  };`;
const REGISTERED = "new Platform(plan.environment.name, { plan, configured, resizing })";
const WITH_PROBE = `new Platform(plan.environment.name, {
    configured,
    resizing,
    plan: {
      ...plan,
      hosts: plan.hosts.map((host) =>
        host.public
          ? host
          : { ...host, config: { ...host.config, files: [...host.config.files, { path: "${PROBE}", content: "revision 1\\n" }] } },
      ),
    },
  })`;

/**
 * The local stack made small, through the command line as an operator runs it: bastion, HAProxy and Redis, one of
 * each, are machines; K3s' are simulated.
 */
export class SmallEstate extends Stand {
  #cloud: { readonly local: LocalCloud; readonly withdraw: () => void } | undefined;
  #revision = 1;

  constructor(private readonly machines: "real" | "simulated") {
    super();
    mkdirSync(CACHE, { recursive: true });
    symlinkSync(CACHE, join(this.project, ".cache"));
    this.edit("stacks/planStack.ts", WHOLE, SMALL);
    this.edit("index.ts", REGISTERED, WITH_PROBE);
  }

  /** The folder of the stack's rehearsal. */
  get stackDir(): string {
    return join(this.state, this.machines === "real" ? "local-real-machines" : "local");
  }

  /** Another revision of the probe: a change for every host but the bastion. @returns its text. */
  change(): string {
    const text = (n: number): string => `revision ${n}`;
    this.edit("index.ts", `${text(this.#revision)}\\n`, `${text(this.#revision + 1)}\\n`);
    this.#revision += 1;
    return text(this.#revision);
  }

  /** Changes what the small environment is made of, which is not in the repository: its hosts, its rotations. */
  changeSmall(from: string, to: string): void {
    this.edit("stacks/planStack.ts", from, to);
  }

  get arguments(): readonly string[] {
    return ["--stack", "local", "--machines", this.machines];
  }

  /** An up in a process of its own, which a signal is to hit. */
  begin(...more: string[]): Running {
    return this.startBare("up", ...this.arguments, ...more);
  }

  /** Keeps the cloud in this process, where tests can put faults on its machines; every `up` uses it. */
  async openCloud(): Promise<LocalCloud> {
    const cloud = await startLocalCloud({
      stack: "local",
      dir: this.stackDir,
      kubernetes: "local",
      cacheDir: join(CACHE, "kubernetes"),
      ...(this.machines === "real" ? { realMachines: { needs: NEEDS, cacheDir: CACHE } } : {}),
      log: (line) => void process.stderr.write(`${line}\n`),
    });
    const { env, config, secretConfigKeys } = cloud;
    const passphrase = env["PULUMI_CONFIG_PASSPHRASE"] ?? "";
    const session = {
      dir: this.stackDir,
      env,
      config,
      secretConfigKeys,
      passphrase,
      later: cloud.later,
      own: cloud,
      close: () => cloud.close(),
    };
    this.#cloud = { local: cloud, withdraw: announce(session, "local") };
    return cloud;
  }

  async closeCloud(): Promise<void> {
    this.#cloud?.withdraw();
    await this.#cloud?.local.close();
    this.#cloud = undefined;
  }

  override async dispose(): Promise<void> {
    await this.closeCloud();
    await super.dispose();
  }

  /** Is the stack's folder still there? */
  get kept(): boolean {
    return existsSync(this.stackDir);
  }
}
