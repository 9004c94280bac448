import { ApiError } from "../http/apiError";
import type { Answer, Call } from "../http/router";
import type { Limits } from "../model/limits";
import type { Fault, Refusal } from "./faults";
import { REFUSALS } from "./refusals";

/** A request as the weather sees it. */
export interface Met {
  /** "POST /servers/:id/actions/poweron" */
  readonly endpoint: string;
  readonly call: Call;
}

/** How the weather does what it does, given by the cloud that it is the weather of. */
export interface WeatherHands {
  /** Name of the resource that a request is about. */
  readonly nameOf: (met: Met) => string | undefined;
  /** Takes the request, whose actions will end in this error. */
  readonly failing: (
    met: Met,
    error: { readonly code: string; readonly message: string },
    work: () => Answer,
  ) => Answer;
}

interface Counted {
  readonly fault: Refusal;
  met: number;
  struck: number;
  readonly random: () => number;
}

/** "POST /servers/{id}" and "POST /servers/:id" are one endpoint. */
const unnamed = (endpoint: string): string => endpoint.replace(/:\w+|\{\w*\}/g, "{}");
const isAction = (endpoint: string): boolean => endpoint.startsWith("POST ") && endpoint.includes("/actions/");
const means = (wanted: string, endpoint: string): boolean =>
  wanted.includes(" ")
    ? unnamed(wanted) === unnamed(endpoint)
    : isAction(endpoint) && endpoint.endsWith(`/actions/${wanted}`);

/** The same numbers from 0 to 1 in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What goes wrong in a cloud. It is not kept: each start begins with what it is told. */
export class Weather {
  readonly #known: string[] = [];
  #faults: readonly Fault[] = [];
  #refusals: readonly Counted[] = [];

  /** Tells it of an endpoint that there is. */
  add(endpoint: string): void {
    this.#known.push(endpoint);
  }

  /**
   * Replaces what went wrong so far.
   *
   * @throws Error naming each endpoint that there is not
   */
  set(faults: readonly Fault[]): void {
    const refusals = faults.filter((fault) => fault.kind === "refusal");
    const nowhere = refusals.filter(({ endpoint }) => !this.#known.some((one) => means(endpoint, one)));
    if (nowhere.length > 0) {
      const actions = new Set(this.#known.filter(isAction).map((one) => one.split("/").at(-1)));
      throw new Error(
        `the local cloud has no endpoint ${nowhere.map(({ endpoint }) => `"${endpoint}"`).join(", ")}; ` +
          `allowed: a method and a path as Hetzner writes them ("POST /servers/{id}/actions/poweron"), or an action: ${[...actions].sort().join(", ")}`,
      );
    }
    this.#faults = faults;
    this.#refusals = refusals.map((fault, i) => ({ fault, met: 0, struck: 0, random: seeded(i + 1) }));
  }

  /** How many servers of a type it lets be. */
  roomFor(serverType: string, location: string | undefined): number {
    const rooms = this.#faults.flatMap((fault) =>
      fault.kind === "soldOut" && fault.serverType === serverType && fault.location === location
        ? [fault.room ?? 0]
        : [],
    );
    return Math.min(Infinity, ...rooms);
  }

  quotaOf(kind: keyof Limits): number {
    return Math.min(
      Infinity,
      ...this.#faults.flatMap((fault) => (fault.kind === "quota" && fault.of === kind ? [fault.limit] : [])),
    );
  }

  get networksAreBusy(): boolean {
    return this.#faults.some(({ kind }) => kind === "busyNetworks");
  }

  /** Does a request's work, or what the weather makes of it. @throws ApiError */
  around(met: Met, hands: WeatherHands, work: () => Answer): Answer {
    const fault = this.#strike(met, hands);
    if (fault === undefined) return work();
    const [status, words] = REFUSALS[fault.code];
    const message = `${words} (so says the weather of this local cloud)`;
    const details = fault.code === "invalid_input" ? { fields: [{ name: "weather", messages: [message] }] } : null;
    const error = new ApiError(status, fault.code, message, details);
    switch (fault.effect ?? "refused") {
      case "refused":
        throw error;
      case "lost":
        work();
        throw error;
      case "fails":
        return hands.failing(met, { code: fault.code, message }, work);
    }
  }

  /** The first fault that happens to a request; each that could have is counted. */
  #strike(met: Met, hands: WeatherHands): Refusal | undefined {
    for (const counted of this.#refusals) {
      const { fault } = counted;
      if (!means(fault.endpoint, met.endpoint)) continue;
      if (fault.of !== undefined && hands.nameOf(met) !== fault.of) continue;
      counted.met += 1;
      if (counted.met <= (fault.after ?? 0) || counted.struck >= (fault.times ?? Infinity)) continue;
      if (counted.random() >= (fault.chance ?? 1)) continue;
      counted.struck += 1;
      return fault;
    }
    return undefined;
  }
}
