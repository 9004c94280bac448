import { AddressSet, firstAtLeast } from "../read/addressSet";
import { blockedAt, type Trail } from "./steps";

/** A path that was followed, and how many it stands for: itself, and open ones like it. */
export interface Followed {
  readonly trail: Trail;
  /** 1, unless it is open. */
  readonly times: number;
}

interface Member {
  readonly address: number;
}

/**
 * Sources of packets. Those that are alike do the same with a packet until it leaves them: at its destination only
 * their address tells them apart, and a filter there is asked for all of them at once.
 */
export class Crowd<T extends Member> {
  readonly #places: ReadonlyMap<T, number>;
  readonly #byAddress: readonly T[];
  readonly #addresses: AddressSet;
  readonly #others: readonly T[];

  constructor(
    readonly members: readonly T[],
    alike: (member: T) => boolean,
  ) {
    this.#places = new Map(members.map((member, place) => [member, place]));
    this.#byAddress = members.filter(alike).sort((a, b) => a.address - b.address);
    this.#addresses = AddressSet.of(this.#byAddress.map(({ address }) => ({ first: address, last: address })));
    this.#others = members.filter((member) => !alike(member));
  }

  /**
   * Follows every member's path to a place that lets `admitted` in, in the order of the members. One that is alike
   * and admitted is followed for all such; when it is blocked, each is, and so is whoever is not alike, not admitted,
   * or `apart`.
   *
   * @param follow undefined: this member has no such path.
   */
  *follow(admitted: AddressSet, apart: unknown, follow: (member: T) => Trail | undefined): Generator<Followed> {
    const alone = this.#alone(admitted, apart);
    const first = this.members.find((member) => !alone.has(member));
    const trail = first === undefined ? undefined : follow(first);
    const open = trail !== undefined && blockedAt(trail) === undefined;
    if (open) yield { trail, times: this.members.length - alone.size };
    for (const member of open ? this.#inOrder(alone) : this.members) {
      const own = follow(member);
      if (own !== undefined) yield { trail: own, times: 1 };
    }
  }

  #alone(admitted: AddressSet, apart: unknown): ReadonlySet<T> {
    const alone = new Set(this.#others);
    for (const { first, last } of this.#addresses.without(admitted).spans) {
      for (let at = firstAtLeast(this.#byAddress, first, ({ address }) => address); ; at += 1) {
        const member = this.#byAddress[at];
        if (member === undefined || member.address > last) break;
        alone.add(member);
      }
    }
    if (this.#places.has(apart as T)) alone.add(apart as T);
    return alone;
  }

  #inOrder(some: ReadonlySet<T>): readonly T[] {
    return [...some].sort((a, b) => (this.#places.get(a) ?? 0) - (this.#places.get(b) ?? 0));
  }
}
