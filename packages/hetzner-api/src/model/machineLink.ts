import type { MachineSpec, Machines, PowerAction } from "@standin/machines/machines";
import { findServerType, IMAGES } from "./catalog";
import type { ServerRow } from "./rows";
import type { Store } from "./store";

/** Keeps the machines behind the servers as the rows say; calls for one server never overlap. */
export class MachineLink {
  private readonly queues = new Map<number, Promise<unknown>>();

  constructor(
    private readonly store: Store,
    private readonly machines: Machines,
    private readonly warn: (message: string) => void,
  ) {}

  create(id: number): Promise<void> {
    return this.enqueue(id, async () => {
      const spec = this.spec(id);
      if (spec !== undefined) await this.machines.create(spec);
    });
  }

  power(id: number, action: PowerAction): Promise<void> {
    return this.enqueue(id, () => this.machines.power(id, action));
  }

  delete(id: number): Promise<void> {
    return this.enqueue(id, () => this.machines.delete(id));
  }

  reconfigure(id: number): Promise<void> {
    return this.enqueue(id, async () => {
      const spec = this.spec(id);
      if (spec !== undefined && this.store.get("server", id)?.booted === true) await this.machines.reconfigure(spec);
    });
  }

  /** For changes that the API makes without an action (name, labels): after the commit, in the background. */
  reconfigureSoon(id: number): void {
    setImmediate(() => {
      this.reconfigure(id).catch((error: unknown) => {
        this.warn(`server ${id}: ${error instanceof Error ? error.message : String(error)}`);
      });
    });
  }

  restore(): Promise<void> {
    const booted = this.store.list("server").filter((server) => server.booted);
    return this.machines.restore(booted.flatMap((server) => this.spec(server.id) ?? []));
  }

  private enqueue(id: number, work: () => Promise<void>): Promise<void> {
    const before = this.queues.get(id) ?? Promise.resolve();
    const next = before.catch(() => undefined).then(work);
    this.queues.set(id, next);
    return next;
  }

  private spec(id: number): MachineSpec | undefined {
    const server = this.store.get("server", id);
    return server === undefined ? undefined : this.toSpec(server);
  }

  private toSpec(server: ServerRow): MachineSpec {
    const type = findServerType(server.serverType);
    const publicIpv4 = this.store.list("primary_ip").find((ip) => ip.assignee === server.id && ip.type === "ipv4")?.ip;
    return {
      id: server.id,
      name: server.name,
      image: IMAGES.find((image) => image.id === server.image)?.name ?? String(server.image),
      userData: server.userData,
      labels: server.labels,
      sshPublicKeys: server.sshPublicKeys,
      ...(publicIpv4 === undefined ? {} : { publicIpv4 }),
      privateAddresses: server.privateNet.map((net) => ({
        networkId: net.network,
        networkCidr: this.store.get("network", net.network)?.ipRange ?? "",
        address: net.ip,
      })),
      cores: type?.cores ?? 1,
      memoryGb: type?.memoryGb ?? 1,
      diskGb: server.primaryDiskSize,
    };
  }
}
