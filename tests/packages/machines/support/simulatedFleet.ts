import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulatedMachines, type SimulatedMachines, type SimulatedMachinesOptions } from "@standin/machines/simulated";
import { hostKeyPair } from "@standin/machines/simulated/hostKeyPair";
import type { MachineSpec } from "@standin/machines/machines";
import { commandProvider } from "@standin/pulumi-engine/providers/command";
import type { Properties, ProviderFactory, ResourceContext } from "@standin/pulumi-engine/provider";

export const KEYS = hostKeyPair("test");
export const OTHER_KEYS = hostKeyPair("test");
/** Account of the machines' user data. */
export const USER = "ops";
const NETWORK = { networkId: 7, networkCidr: "10.0.0.0/16" };

export function machineSpec(id: number, name: string, address: string, more: Partial<MachineSpec> = {}): MachineSpec {
  return {
    id,
    name,
    image: "debian-12",
    userData: [
      "#cloud-config",
      `hostname: ${name}`,
      "disable_root: true",
      "users:",
      `  - name: ${USER}`,
      "    sudo: ALL=(ALL) NOPASSWD:ALL",
      `    ssh_authorized_keys: ["${KEYS.public.trim()}"]`,
      "",
    ].join("\n"),
    labels: {},
    sshPublicKeys: [],
    privateAddresses: [{ ...NETWORK, address }],
    cores: 2,
    memoryGb: 4,
    diskGb: 40,
    ...more,
  };
}

export const BASTION = machineSpec(1, "bastion-01", "10.0.0.9", { publicIpv4: "203.0.113.9" });
export const DATABASE = machineSpec(2, "db-01", "10.0.0.120");

/** A bastion and a database host; call `close` after each test. */
export class TestFleet {
  readonly stateDir = mkdtempSync(join(tmpdir(), "standin-fleet-"));
  machines: SimulatedMachines;

  /** @param options asked anew at each start. */
  constructor(private readonly options: () => Omit<SimulatedMachinesOptions, "stateDir"> = () => ({})) {
    this.machines = simulatedMachines({ ...options(), stateDir: this.stateDir });
  }

  async start(): Promise<this> {
    await this.machines.create(BASTION);
    await this.machines.create(DATABASE);
    return this;
  }

  /** As after a restart of the local cloud. */
  async restart(specs: readonly MachineSpec[]): Promise<void> {
    await this.machines.close();
    this.machines = simulatedMachines({ ...this.options(), stateDir: this.stateDir });
    await this.machines.restore(specs);
  }

  hostKey(name: string): string {
    return this.machines.read(name, "/etc/ssh/ssh_host_ed25519_key.pub") ?? "";
  }

  toBastion(more: Properties = {}): Properties {
    return {
      host: "127.0.0.1",
      port: this.machines.entry(1)?.port ?? 0,
      user: USER,
      privateKey: KEYS.private,
      dialErrorLimit: 0,
      hostKey: this.hostKey("bastion-01"),
      ...more,
    };
  }

  toDatabase(more: Properties = {}, proxy: Properties = {}): Properties {
    return {
      host: "10.0.0.120",
      port: 22,
      user: USER,
      privateKey: KEYS.private,
      dialErrorLimit: 0,
      hostKey: this.hostKey("db-01"),
      proxy: this.toBastion(proxy),
      ...more,
    };
  }

  async close(): Promise<void> {
    await this.machines.close();
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}

const context: ResourceContext = {
  urn: "urn:pulumi:test::demo::command:remote:Command::job",
  type: "command:remote:Command",
  preview: false,
  signal: new AbortController().signal,
  log: () => undefined,
};

/** Runs a command on a machine over SSH. @returns its standard output. @throws Error where it fails. */
export async function run(
  connection: Properties,
  create: string,
  stdin?: string,
  factory: ProviderFactory = commandProvider,
): Promise<string> {
  const provider = await factory({});
  const { outputs } = await provider.create(context, { connection, create, ...(stdin === undefined ? {} : { stdin }) });
  return outputs["stdout"] as string;
}
