import type { CloudSnapshot, MachineSpec } from "../machines";
import { cloudView } from "./cloudView";
import type { Doors } from "./doors";
import type { FleetNetwork } from "./fleetNetwork";
import type { Guest } from "./guest";
import { Limiter } from "./limiter";
import type { Warden } from "./wardenClient";
import type { Tunnel } from "./wardenProtocol";

/** How soon a change of a load balancer in the API has its effect. */
const FOLLOW_MS = 500;

export interface FleetPathsArgs {
  readonly network: FleetNetwork;
  readonly doors: Doors;
  /** Undefined until it has started. */
  readonly warden: () => Warden | undefined;
  readonly guests: ReadonlyMap<number, Guest>;
  readonly simulated: ReadonlyMap<number, MachineSpec>;
  readonly warn: (message: string) => void;
}

/** Keeps a fleet's network as its machines are and as the API's load balancers and routes say. */
export class FleetPaths {
  /** Lists of addresses and tunnels are whole: an older one that comes later would take away what a newer one has. */
  readonly #turns = new Limiter(1);
  #balancerAddresses: ReadonlySet<string> = new Set();
  #follower: NodeJS.Timeout | undefined;
  #lastView = "";

  constructor(private readonly args: FleetPathsArgs) {}

  /** To be called when machines have come, gone or changed: gateways, tunnels, addresses of what is no machine. */
  update(): Promise<void> {
    return this.#turns.run(() => this.#make());
  }

  /** Does what the API has, again and again, until closed. */
  follow(snapshot: () => CloudSnapshot): void {
    let busy = false;
    this.#follower = setInterval(() => {
      if (busy) return;
      busy = true;
      this.#apply(snapshot())
        .catch((error: unknown) => this.args.warn(error instanceof Error ? error.message : String(error)))
        .finally(() => (busy = false));
    }, FOLLOW_MS);
  }

  close(): void {
    clearInterval(this.#follower);
  }

  async #make(): Promise<void> {
    const { network, doors } = this.args;
    const guests = [...this.args.guests.values()];
    const simulated = [...this.args.simulated.values()].flatMap(({ id, privateAddresses }) =>
      privateAddresses.map((one) => ({ ...one, id })),
    );
    for (const { networkCidr } of [...guests.flatMap(({ spec }) => spec.privateAddresses), ...simulated])
      await network.addGateway(networkCidr);
    await network.setAddresses(new Set([...simulated.map(({ address }) => address), ...this.#balancerAddresses]));
    const inward: Tunnel[] = guests.flatMap((guest) =>
      guest.publicAddress === undefined
        ? []
        : [{ from: { path: doors.socketOf(guest.spec.id) }, to: { host: guest.publicAddress, port: 22 } }],
    );
    const outward: Tunnel[] = simulated.map(({ address, id }) => ({
      from: { host: address, port: 22 },
      to: { path: doors.socketOf(id) },
    }));
    this.args.warden()?.setTunnels([...inward, ...outward]);
  }

  async #apply(snapshot: CloudSnapshot): Promise<void> {
    const { network, guests, simulated } = this.args;
    if (!network.connected) return;
    const specOf = (id: number): MachineSpec | undefined => guests.get(id)?.spec ?? simulated.get(id);
    const view = cloudView(snapshot, (id) => specOf(id)?.privateAddresses[0]?.address);
    const text = JSON.stringify([view.balancers, [...view.routes]]);
    if (text === this.#lastView) return;
    this.#balancerAddresses = new Set(view.balancers.map(({ address }) => address));
    await this.update();
    await network.setRoutes(view.routes);
    this.args.warden()?.setBalancers(view.balancers);
    this.#lastView = text;
  }
}
