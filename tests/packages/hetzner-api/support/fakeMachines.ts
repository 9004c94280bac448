import type { MachineSpec, Machines, PowerAction } from "@standin/machines/machines";

/** Records what the cloud asks of its machines; `failNext` makes the next boot fail. */
export class FakeMachines implements Machines {
  readonly calls: string[] = [];
  readonly specs = new Map<number, MachineSpec>();
  restored: readonly MachineSpec[] | undefined;
  failNext: string | undefined;

  async create(spec: MachineSpec): Promise<void> {
    this.calls.push(`create ${spec.name}`);
    const reason = this.failNext;
    this.failNext = undefined;
    if (reason !== undefined) throw new Error(reason);
    if (this.specs.has(spec.id)) throw new Error(`machine ${spec.id} exists already`);
    this.specs.set(spec.id, spec);
  }

  async reconfigure(spec: MachineSpec): Promise<void> {
    this.calls.push(`reconfigure ${spec.name}`);
    if (!this.specs.has(spec.id)) throw new Error(`no machine ${spec.id}`);
    this.specs.set(spec.id, spec);
  }

  async power(id: number, action: PowerAction): Promise<void> {
    this.calls.push(`${action} ${this.specs.get(id)?.name ?? "unknown"}`);
    if (!this.specs.has(id)) throw new Error(`no machine ${id}`);
  }

  async delete(id: number): Promise<void> {
    this.calls.push(`delete ${this.specs.get(id)?.name ?? "unknown"}`);
    this.specs.delete(id);
  }

  async restore(specs: readonly MachineSpec[]): Promise<void> {
    this.restored = specs;
    this.specs.clear();
    for (const spec of specs) this.specs.set(spec.id, spec);
  }

  entry(): { readonly host: string; readonly port: number } | undefined {
    return undefined;
  }

  async close(): Promise<void> {
    this.calls.push("close");
  }
}
