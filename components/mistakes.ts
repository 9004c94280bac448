// The one kind of mistake, whoever finds it: the environment's shape and rules, a plan's, a host's, a setting's.

/** One thing wrong with what somebody wrote: where, what stands there, what may, and how to mend it. */
export interface Mistake {
  /** "hosts[3].address"; "" for the whole of the subject. */
  readonly path: string;
  /** What is there, in words that a reader recognises: `shown(value)`, "nothing", "2 hosts". Never a secret. */
  readonly found: string;
  readonly allowed: string;
  readonly fix: string;
}

/** Every mistake of one subject at once, a line each. */
export class MistakesError extends Error {
  override readonly name = "MistakesError";

  /**
   * @param subject who has them: "stack prod", 'application "shop"'
   * @param names of members of lists, by path: "hosts[3]" is shown as "hosts[3] (redis-01)". Default: none
   */
  constructor(
    readonly subject: string,
    readonly mistakes: readonly Mistake[],
    names: ReadonlyMap<string, string> = new Map(),
  ) {
    const told = mistakes.map((one) => withNames(line(one), names));
    super([`${subject} has ${mistakes.length} mistake${mistakes.length === 1 ? "" : "s"}:`, ...told].join("\n"));
  }
}

/** @throws MistakesError, where there are any */
export function refuse(subject: string, mistakes: readonly Mistake[], names?: ReadonlyMap<string, string>): void {
  if (mistakes.length > 0) throw new MistakesError(subject, mistakes, names);
}

/** Nobody counts to the 17th host: members of lists have their names beside their index. */
const withNames = (text: string, names: ReadonlyMap<string, string>): string =>
  text.replaceAll(/\b[\w.]+\[\d+\]/g, (path) => {
    const name = names.get(path);
    return name === undefined ? path : `${path} (${name})`;
  });

/** A value as `found`: its JSON, cut where it is long. For values that may be secret, say what they are instead. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = (JSON.stringify(value) as string | undefined) ?? `a ${typeof value}`;
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}

const SHOWN = 200;

/** One mistake for each item that has the key of an earlier one. */
export function duplicates<T>(
  items: readonly T[],
  key: (item: T) => string,
  mistake: (item: T, first: T) => Mistake,
): readonly Mistake[] {
  const first = new Map<string, T>();
  return items.flatMap((item) => {
    const earlier = first.get(key(item));
    if (earlier === undefined) first.set(key(item), item);
    return earlier === undefined ? [] : [mistake(item, earlier)];
  });
}

/** The same of items that have a name each, and say where it stands. */
export function namedTwice(
  items: readonly { readonly name: string; readonly path: string }[],
  allowed: string,
  fix: string,
): readonly Mistake[] {
  return duplicates(
    items,
    ({ name }) => name,
    ({ name, path }, first) => ({ path, found: `${shown(name)}, as ${first.path} says`, allowed, fix }),
  );
}

interface Collected {
  /** By their line: what two checks say in the same words is told once. */
  readonly told: Map<string, Mistake>;
  readonly names: Map<string, string>;
  gaveUp: boolean;
}

/**
 * Collects the mistakes of a whole run, so that they are told together.
 *
 * @example
 * const mistakes = new Mistakes();
 * mistakes.add(...rules(environment));
 * const app = mistakes.at("workloads.shop").attempt(() => planApp(args, secrets));
 * mistakes.refuse("stack prod");
 */
export class Mistakes {
  readonly #within: string;
  readonly #run: Collected;

  constructor(within = "", run: Collected = { told: new Map(), names: new Map(), gaveUp: false }) {
    this.#within = within;
    this.#run = run;
  }

  get all(): readonly Mistake[] {
    return [...this.#run.told.values()];
  }

  get none(): boolean {
    return this.#run.told.size === 0;
  }

  /** Was some work given up, so that what it would have said or made is missing? */
  get gaveUp(): boolean {
    return this.#run.gaveUp;
  }

  /** Is something told of this very place, or of a part of it? */
  concerns(path: string): boolean {
    return this.all.some(
      (one) => one.path === path || one.path.startsWith(`${path}.`) || one.path.startsWith(`${path}[`),
    );
  }

  /** The same collection; what is added through it has its path within `path`. */
  at(path: string): Mistakes {
    return new Mistakes(`${this.#within}${path} > `, this.#run);
  }

  /** What the members of a list are called, for whoever reads what is wrong with one. @param path "hosts" */
  name(path: string, members: unknown): void {
    if (!Array.isArray(members)) return;
    members.forEach((member: unknown, index) => {
      const name: unknown = typeof member === "object" && member !== null && "name" in member ? member.name : undefined;
      if (typeof name === "string") this.#run.names.set(`${path}[${index}]`, name);
    });
  }

  add(...mistakes: readonly Mistake[]): void {
    for (const one of mistakes) {
      const mistake = { ...one, path: `${this.#within}${one.path}` };
      this.#run.told.set(line(mistake), mistake);
    }
  }

  /**
   * Goes on after work that was given up for its mistakes: they are added, and its result is undefined. Whatever else
   * goes wrong while there are mistakes is taken for a consequence of them; without any it is thrown on.
   */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      return this.#giveUp(error);
    }
  }

  /** The same for work that takes its time. */
  async attemptLater<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      return this.#giveUp(error);
    }
  }

  #giveUp(error: unknown): undefined {
    if (error instanceof MistakesError) this.add(...error.mistakes);
    else if (this.none) throw error;
    this.#run.gaveUp = true;
  }

  /** @throws MistakesError with all of them, where there are any */
  refuse(subject: string): void {
    refuse(subject, this.all, this.#run.names);
  }

  /** The result of the work that everything was collected for. @throws MistakesError with all of them */
  settle<T>(subject: string, work: () => T): T {
    const result = this.attempt(work);
    this.refuse(subject);
    return result as T; // Without it there were mistakes.
  }
}

function line({ path, found, allowed, fix }: Mistake): string {
  return `  ${path === "" ? "" : `${path}: `}found ${found}; allowed: ${allowed}; fix: ${fix}`;
}
