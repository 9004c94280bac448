import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formedScript, turnScript, turns, type RollingRestart } from "../../../components/data/rollingRestart";
import { cloudInit } from "../../../components/machines/cloudInit";
import type { HostConfig } from "../../../components/machines/hostConfig";
import { joinedScript, joins } from "../../../components/machines/joined";
import { configTexts, mapTexts, type HostPlan } from "../../../components/machines/hostPlan";
import { HETZNER_NAME_SERVERS } from "../../../components/machines/privateRoute";
import { renderScript } from "../../../components/machines/render";
import { referencedSecrets, substituteSecrets } from "../../../components/secrets/secretRef";
import type { LoadBalancer } from "../../../components/topology/party";
import type { Snapshot } from "@standin/hetzner-api/cloud";
import type { MachineSpec } from "@standin/machines";
import { installTools, realMachines, type Origin, type RealMachines } from "@standin/machines/real";
import { fleetNeeds } from "../../../rehearsal/fleetNeeds";
import { machineImage } from "../../../rehearsal/machineImage";
import { gatewayOf } from "@standin/machines/real/fleetNetwork";
import { imageRoot } from "@standin/machines/real/goldenImage";
import type { Environment } from "../../../stacks/environment";
import { environment as local } from "../../../stacks/local";
import { planEstate, type EstatePlan } from "../../../stacks/plan";
import { checkOf } from "./checkOf";
import { SecretMaker } from "./secrets";

export const CACHE = join(__dirname, "..", "..", "..", ".cache");
const APPLY_TIMEOUT_MS = 15 * 60_000;
/** Nobody logs in: the bench enters machines from below. */
const UNUSED_KEY = `ssh-ed25519 ${Buffer.from("unused").toString("base64")}`;

/** The local stack on Debian 13, with the PostgreSQL that it brings: another series of every daemon. */
export const DEBIAN_13: Partial<Environment> = { image: "debian-13", postgres: { version: 17, dcs: "etcd" } };

export const log = (line: string): void =>
  void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

export const plan = (environment: Environment): EstatePlan =>
  planEstate(environment, {
    operatorCidrs: ["192.0.2.0/24"],
    operators: [],
    bastionSshPort: 22,
    bastionKubernetesPort: 6443,
    consentToDelete: [],
  });

export interface Surroundings {
  /** Default: the local stack's. */
  readonly estate?: Environment;
  /** Whose packages the machines have from the beginning. Default: the environment's own. */
  readonly guests?: Environment;
  /** What there is of the internet, by name. Default: nothing. */
  readonly origin?: Origin;
}

/** Clusters of the local stack on real machines, configured by the very scripts of the program, without its engine. */
export class Bench {
  /** Configurations that a roll-out has changed, by group. */
  readonly #changes = new Map<string, (config: HostConfig) => HostConfig>();

  private constructor(
    readonly plan: EstatePlan,
    readonly fleet: RealMachines,
    readonly secrets: ReadonlyMap<string, string>,
    readonly hosts: readonly HostPlan[],
    private readonly dir: string,
    /** Root file system with every client program. */
    readonly image: string,
    private readonly maker: SecretMaker,
  ) {}

  /** Boots the hosts of these groups; nothing is configured yet. */
  static async open(
    groups: readonly string[],
    change: Partial<Environment> = {},
    { estate = local, guests, origin }: Surroundings = {},
  ): Promise<Bench> {
    const environment: Environment = { ...estate, ...change };
    const planned = plan(environment);
    installTools(log);
    const image = await machineImage({ cacheDir: CACHE, needs: fleetNeeds(guests ?? environment), log });
    const dir = mkdtempSync(join(tmpdir(), "keybuzz-bench-"));
    const fleet = await realMachines({
      stateDir: dir,
      cacheDir: CACHE,
      imageHash: image.hash,
      temporary: true,
      ...(origin === undefined ? {} : { origin, nameServers: HETZNER_NAME_SERVERS }),
      log,
    });
    const hosts = planned.hosts.filter(({ group }) => groups.includes(group));
    const maker = new SecretMaker();
    const secrets = await maker.values(planned.secrets);
    const bench = new Bench(planned, fleet, secrets, hosts, dir, imageRoot(CACHE, image.hash), maker);
    try {
      await Promise.all(hosts.map((host) => fleet.create(bench.#machine(host))));
      fleet.follow(() => bench.#snapshot());
      return bench;
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  /** Boots, configures, and says how long either took. */
  static async formed(groups: readonly string[], change: Partial<Environment> = {}): Promise<Bench> {
    const started = Date.now();
    const seconds = (): string => ((Date.now() - started) / 1000).toFixed(1);
    const bench = await Bench.open(groups, change);
    log(`${groups.join(", ")}: ${bench.hosts.length} machines up after ${seconds()} s`);
    try {
      await bench.apply();
    } catch (error) {
      await bench.close();
      throw error;
    }
    log(`${groups.join(", ")}: configured after ${seconds()} s`);
    return bench;
  }

  /** Another machine in the place of this one: its disk is gone, and nothing is configured yet. */
  async replace(name: string): Promise<HostPlan> {
    const host = this.hosts.find((one) => one.name === name);
    if (host === undefined) throw new Error(`the bench has no ${name}`);
    await this.fleet.delete(this.fleet.idOf(name));
    await this.fleet.create(this.#machine(host));
    return host;
  }

  /** Waits as the program does before anybody uses a cluster: its members have found each other. */
  async membersMet(group: string): Promise<void> {
    const first = this.#first(group);
    await this.run(first.name, formedScript(this.rolling(first), 120));
  }

  /**
   * Takes the hosts of a group to another configuration as the program does: all scripts at once, then the turns one
   * after the other. @returns what the turns said.
   */
  async rollOut(group: string, change: (config: HostConfig) => HostConfig): Promise<readonly string[]> {
    this.#changes.set(group, change);
    await this.apply(this.group(group));
    const said: string[] = [];
    for (const turn of turns(this.rolling(this.#first(group)), this.group(group))) {
      const host = this.group(group).find(({ name }) => name === turn.host.name);
      if (host !== undefined) said.push((await this.run(host.name, turnScript(this.rolling(host), turn, 120))).trim());
    }
    return said;
  }

  /** The same machines in a changed environment, planned anew; nothing is applied yet. What was rotated has a new value. */
  async changed(change: Partial<Environment>): Promise<Bench> {
    const planned = plan({ ...this.plan.environment, ...change });
    const names = new Set(this.hosts.map(({ name }) => name));
    const hosts = planned.hosts.filter(({ name }) => names.has(name));
    const secrets = await this.maker.values(planned.secrets);
    const bench = new Bench(planned, this.fleet, secrets, hosts, this.dir, this.image, this.maker);
    for (const [group, changes] of this.#changes) bench.#changes.set(group, changes);
    return bench;
  }

  /** Runs every script again. @throws when one of them changes anything. */
  async expectNoChange(): Promise<void> {
    for (const [host, said] of await this.apply()) expect(`${host}: ${said.trim()}`).toMatch(/: no change$/);
  }

  /**
   * Applies each host's script, all at once, and then waits until their daemons have started, as the program does.
   * @returns what each script said.
   */
  async apply(hosts: readonly HostPlan[] = this.hosts): Promise<ReadonlyMap<string, string>> {
    const said = await Promise.all(
      hosts.map(async (host): Promise<[string, string]> => {
        const config = this.#changes.get(host.group)?.(host.config) ?? host.config;
        const { script } = renderScript(mapTexts(config, (text) => this.resolve(text)));
        return [host.name, await this.run(host.name, script)];
      }),
    );
    const joining = hosts.filter(({ config }) => joins(config));
    await Promise.all(joining.map(({ name, config }) => this.run(name, joinedScript(config))));
    return new Map(said);
  }

  /** Begins to apply a host's script, and kills it after so many seconds, as a broken connection would. */
  async applyFor(host: HostPlan, seconds: number): Promise<void> {
    const { script } = renderScript(mapTexts(host.config, (text) => this.resolve(text)));
    await this.fleet
      .inside(host.name, ["timeout", "-s", "KILL", String(seconds), "bash", "-s"], { input: script })
      .catch(() => undefined);
  }

  /** Runs a bash script on a host, as root. */
  run(host: string, script: string): Promise<string> {
    return this.fleet.inside(host, ["bash", "-s"], { input: this.resolve(script), timeoutMs: APPLY_TIMEOUT_MS });
  }

  /** What a script says on each host of a group, or why it says nothing. */
  async views(group: string, script: string): Promise<string> {
    const said = await Promise.all(
      this.group(group).map(async ({ name }) => {
        const answer = this.fleet.inside(name, ["timeout", "15", "bash", "-s"], {
          input: this.resolve(script),
          timeoutMs: 20_000,
        });
        return `${name}:\n${await answer.catch((error: unknown) => (error as Error).message)}`;
      }),
    );
    return said.join("\n");
  }

  resolve(text: string): string {
    const missing = referencedSecrets(text).filter((id) => !this.secrets.has(id));
    if (missing.length > 0) throw new Error(`no value for ${missing.join(", ")}`);
    return substituteSecrets(text, this.secrets);
  }

  /** How a host's cluster restarts. @throws Error for a host of no such cluster. */
  rolling(host: HostPlan): RollingRestart {
    const service = this.plan.services.data.find(({ hosts }) => hosts.group === host.group);
    const found = service?.rolling(host);
    if (found === undefined)
      throw new Error(`${host.name}: ${host.group} is no cluster that restarts member by member`);
    return found;
  }

  group(name: string): readonly HostPlan[] {
    return this.hosts.filter(({ group }) => group === name);
  }

  #machine(host: HostPlan): MachineSpec {
    const { networkCidr } = this.plan.environment.network;
    return {
      id: this.hosts.indexOf(host) + 1,
      name: host.name,
      image: host.image,
      userData: cloudInit({
        hostname: host.name,
        sshUser: "keybuzz",
        authorizedKeys: [UNUSED_KEY],
        networkCidr,
        gateway: gatewayOf(networkCidr),
      }),
      labels: { group: host.group },
      sshPublicKeys: [],
      privateAddresses: [{ networkId: 1, networkCidr, address: host.address }],
      cores: 2,
      memoryGb: 4,
      diskGb: 40,
    };
  }

  #first(name: string): HostPlan {
    const [first] = this.group(name);
    if (first === undefined) throw new Error(`the bench has no ${name}`);
    return first;
  }

  async close(): Promise<void> {
    await this.fleet.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Texts of all configurations, to find out what is in them. */
  get texts(): readonly string[] {
    return this.hosts.flatMap((host) => configTexts(host.config));
  }

  /** The private load balancers as Hetzner's API would show them. */
  #snapshot(): Snapshot {
    const { dataLb, mariadbLb } = this.plan.parties;
    const balancers = [this.#balancer(dataLb, "haproxy")];
    if (mariadbLb !== undefined) balancers.push(this.#balancer(mariadbLb, "proxysql"));
    return { load_balancers: balancers, networks: [] };
  }

  #balancer(party: LoadBalancer, group: string): Readonly<Record<string, unknown>> {
    const targets = this.group(group).map((host) => ({
      server: { id: this.fleet.idOf(host.name) },
      use_private_ip: true,
    }));
    const services = this.plan.topology.listenersOn(party).map((listener) => ({
      protocol: listener.mode,
      listen_port: listener.endpoint.port,
      destination_port: listener.backend.port,
      health_check: checkOf(listener.healthCheck),
    }));
    return {
      private_net: [{ ip: party.address }],
      algorithm: { type: "least_connections" },
      services,
      targets,
    };
  }
}
