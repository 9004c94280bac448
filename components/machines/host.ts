import type { types } from "@pulumi/command";
import { remote } from "@pulumi/command";
import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { substituteSecrets } from "../secrets/secretRef";
import { FIRST_CONTACT_TIMEOUT, hostConnection, shellConnection } from "./hostConnection";
import { configTexts, mapTexts, type HostPlan } from "./hostPlan";
import { hostServer } from "./hostServer";
import { hostView } from "./hostView";
import type { MachineContext } from "./machineContext";
import { packScript } from "./packScript";
import { renderScript } from "./render";
import { aroundTypeChange, type MemberTurn } from "./resizing";
import { takeKey } from "./takeKey";
import type { Way } from "./way";

/** The longest that one host's script may run; apt on a slow mirror is the slowest part. */
const APPLY_TIMEOUT_SECONDS = 1800;
const HOST_KEY_PATH = "/etc/ssh/ssh_host_ed25519_key.pub";

export interface HostArgs {
  readonly plan: HostPlan;
  readonly machines: MachineContext;
  readonly placementGroup?: hcloud.PlacementGroup;
  /** What its cluster wants around a change of the server's type. Default: nothing, and it shuts down. */
  readonly turn?: MemberTurn;
  /** Who runs its scripts. Default: the machine itself. */
  readonly turnBy?: Host;
  /** Members whose change of type comes first. */
  readonly after?: readonly hcloud.Server[];
}

export interface TaskArgs {
  /** Bash; may hold secret placeholders; must be idempotent. It is sent over standard input. */
  readonly script: string;
  readonly dependsOn?: readonly pulumi.Resource[];
  /** Default 600. */
  readonly timeoutSeconds?: number;
}

/**
 * One machine: its server, its SSH host key as it was on first contact, and its configuration, applied by one
 * script over SSH. All contact but that first one (which carries no secret) verifies the host key.
 */
export class Host extends pulumi.ComponentResource implements Way {
  readonly plan: HostPlan;
  readonly server: hcloud.Server;
  /** Set where the plan says public. */
  readonly publicIp: hcloud.PrimaryIp | undefined;
  readonly hostKey: pulumi.Output<string>;
  /** Done once the host key is known. */
  readonly met: remote.Command;
  /** Done once the machine is what the plan says. */
  readonly applied: remote.Command;
  /** Changes whenever what the machine must be changes, secrets included. Derived from them, hence secret. */
  readonly #revision: pulumi.Output<string>;
  readonly #machines: MachineContext;
  /** Plain but for the key in it: a diff may show who is dialled. */
  readonly #connection: types.input.remote.ConnectionArgs;

  constructor(name: string, args: HostArgs, opts?: pulumi.ComponentResourceOptions) {
    // Its inputs show, without any secret, what the secret script does: to a preview's reader and to the verifier.
    const view = hostView(args.plan);
    super("keybuzz:machines:Host", name, { ...view }, opts);
    this.plan = args.plan;
    this.#machines = args.machines;
    this.publicIp = args.plan.public ? this.#makePublicIp() : undefined;
    const resizedId = args.machines.resizing?.servers.get(name);
    if (resizedId === undefined) {
      this.server = this.#makeServer(args);
      this.met = this.#meet(name, this.server.id, { deletedWith: this.server });
      this.hostKey = hostKeyOf(this.met);
      this.#connection = this.#connect(this.hostKey);
    } else {
      // Whoever asks it to leave must know it before its server is touched, so its id is taken from Hetzner.
      this.met = this.#meet(name, pulumi.output(String(resizedId)));
      this.hostKey = hostKeyOf(this.met);
      this.#connection = this.#connect(this.hostKey);
      this.server = this.#makeServer(args, this.met);
    }
    const taken = this.#takeKey(name);

    const rendered = args.machines.secrets.use(configTexts(args.plan.config), (values) =>
      renderScript(mapTexts(args.plan.config, (text) => substituteSecrets(text, values))),
    );
    this.#revision = rendered.apply(({ hash }) => hash);
    this.applied = this.#run(`${name}-config`, {
      script: rendered.apply(({ script }) => script),
      // Of the text with placeholders: a change shows in the diff, a secret does not.
      digest: view.digest,
      timeoutSeconds: APPLY_TIMEOUT_SECONDS,
      // Packages come by the default route, which leads to the bastion.
      dependsOn: [...this.#bastionReady(), ...taken, ...(args.plan.public ? [] : [args.machines.network.route])],
    });
    this.registerOutputs({ address: args.plan.address });
  }

  /** An idempotent job on this machine, after its configuration. It runs again when its script changes. */
  task(name: string, args: TaskArgs): remote.Command {
    return this.#run(name, {
      script: this.#machines.secrets.resolve(args.script),
      timeoutSeconds: args.timeoutSeconds ?? 600,
      dependsOn: [this.applied, ...(args.dependsOn ?? [])],
    });
  }

  /**
   * A command for this machine that runs when `name` is deleted, and before `of` is replaced; nothing runs when it is
   * made. It holds no secret. When this machine itself is deleted, it does not run.
   */
  atEnd(
    name: string,
    args: { readonly command: string; readonly of: Host; readonly timeoutSeconds: number },
  ): remote.Command {
    return new remote.Command(
      name,
      {
        connection: this.#connection,
        create: "true",
        delete: `sudo timeout ${args.timeoutSeconds} ${args.command}`,
        triggers: [args.of.server.id],
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        deletedWith: this.server,
        deleteBeforeReplace: true,
        dependsOn: [this.applied, args.of.applied],
      },
    );
  }

  /** The same for a job that must run again after each change of this machine's configuration. */
  followUp(name: string, args: TaskArgs): remote.Command {
    const script = this.#machines.secrets.resolve(args.script);
    return this.#run(name, {
      script: pulumi.all([this.#revision, script]).apply(([revision, text]) => `# after ${revision}\n${text}`),
      timeoutSeconds: args.timeoutSeconds ?? 600,
      dependsOn: [this.applied, ...(args.dependsOn ?? [])],
    });
  }

  /** The content of a file that the machine makes itself, as a secret; read once per server. */
  read(name: string, path: string, dependsOn: readonly pulumi.Resource[] = []): pulumi.Output<string> {
    const command = new remote.Command(
      name,
      {
        connection: this.#connection,
        create: `sudo cat ${path}`,
        triggers: [this.server.id],
        logging: remote.Logging.None,
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        deletedWith: this.server,
        // What was read does not change with the way to it; whoever uses it would seem to change with a rotated key.
        ignoreChanges: ["connection"],
        additionalSecretOutputs: ["stdout"],
        dependsOn: [this.applied, ...dependsOn],
      },
    );
    return pulumi.secret(command.stdout);
  }

  #run(
    name: string,
    args: {
      readonly script: pulumi.Output<string>;
      readonly digest?: string;
      readonly timeoutSeconds: number;
      readonly dependsOn: readonly pulumi.Resource[];
    },
  ): remote.Command {
    return new remote.Command(
      name,
      {
        connection: this.#connection,
        // The script holds secrets, so it comes by standard input and never stands in a command line.
        create: `sudo timeout ${args.timeoutSeconds} bash -s${args.digest === undefined ? "" : ` # ${args.digest.slice(0, 16)}`}`,
        stdin: pulumi.secret(args.script.apply(packScript)),
        triggers: [this.server.id],
        addPreviousOutputInEnv: false,
      },
      { parent: this, deletedWith: this.server, dependsOn: [...args.dependsOn] },
    );
  }

  #bastionReady(): pulumi.Resource[] {
    return this.#machines.bastion === undefined ? [] : [this.#machines.bastion.applied];
  }

  /** The machine's SSH host key, read once in its server's life. */
  #meet(name: string, serverId: pulumi.Output<string>, opts: pulumi.CustomResourceOptions = {}): remote.Command {
    const { deployKey } = this.#machines;
    // A machine that was made and never met takes the key before the last rotation; one that is made now takes both.
    const former = deployKey.former?.privateKey ?? deployKey.privateKey;
    return new remote.Command(
      `${name}-host-key`,
      {
        connection: this.#connect(undefined, former),
        create: `cat ${HOST_KEY_PATH}`,
        triggers: [serverId],
        addPreviousOutputInEnv: false,
      },
      // Who the machine is does not change with the way to it.
      {
        parent: this,
        ...opts,
        ignoreChanges: ["connection"],
        dependsOn: this.#bastionReady(),
        customTimeouts: { create: FIRST_CONTACT_TIMEOUT },
      },
    );
  }

  /** First of the three turns of a rotated key: the account takes the new one beside the old, with which it is reached. */
  #takeKey(name: string): pulumi.Resource[] {
    const { deployKey, sshUser: user } = this.#machines;
    if (deployKey.former === undefined) return [];
    return [
      new remote.Command(
        `${name}-deploy-key`,
        {
          connection: this.#connect(this.hostKey, deployKey.former.privateKey),
          create: "sudo timeout 60 bash -s",
          stdin: deployKey.publicKey.apply((key) => takeKey({ user, key })),
          triggers: [this.server.id],
          addPreviousOutputInEnv: false,
        },
        { parent: this, deletedWith: this.server, dependsOn: this.#bastionReady() },
      ),
    ];
  }

  #connect(
    hostKey: pulumi.Output<string> | undefined,
    privateKey = this.#machines.deployKey.privateKey,
  ): types.input.remote.ConnectionArgs {
    return hostConnection({
      plan: this.plan,
      machines: this.#machines,
      publicIp: this.publicIp,
      hostKey,
      privateKey,
    });
  }

  #makePublicIp(): hcloud.PrimaryIp {
    const { labels } = this.#machines;
    const { name, location } = this.plan;
    const protect = this.#machines.isProtected(name);
    return new hcloud.PrimaryIp(
      `${name}-ipv4`,
      {
        name: `${name}-ipv4`,
        type: "ipv4",
        location,
        autoDelete: false,
        labels: { ...labels },
        deleteProtection: protect,
      },
      // Two of one name cannot be, and the provider does not say so.
      { parent: this, protect, deleteBeforeReplace: true },
    );
  }

  /** @param known set where its type changes: by what it is known before. */
  #makeServer({ placementGroup, turn, turnBy = this, after = [] }: HostArgs, known?: remote.Command): hcloud.Server {
    const { plan, publicIp } = this;
    return hostServer({
      ...{ plan, publicIp, placementGroup, machines: this.#machines },
      options: {
        parent: this,
        dependsOn: [...after, ...(known === undefined ? [] : [known, turnBy.met])],
        ...(known === undefined ? {} : { hooks: this.#aroundTypeChange(turn, turnBy) }),
      },
    });
  }

  #aroundTypeChange(turn: MemberTurn | undefined, by: Host): pulumi.ResourceHookBinding {
    const { resizing, secrets } = this.#machines;
    if (resizing === undefined) throw new Error(`${this.plan.name}: its type does not change`);
    const { name, location } = this.plan;
    const connection = pulumi.output(by.#connection).apply(shellConnection);
    return aroundTypeChange({ name, location, power: resizing.power, connection, secrets, turn });
  }
}

const hostKeyOf = ({ stdout }: remote.Command): pulumi.Output<string> =>
  stdout.apply((line) => line.trim().split(" ").slice(0, 2).join(" "));
