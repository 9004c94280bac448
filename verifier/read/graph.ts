/**
 * What a program registers, in no engine's words: the only thing that the verifier reads. Made from a test's mocks, a
 * rehearsal's result, or the resources that a policy pack is given.
 */
export interface EmittedGraph {
  readonly resources: readonly EmittedResource[];
}

export interface EmittedResource {
  /** Type token, e.g. "hcloud:index/server:Server". */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /**
   * Values that are not known yet, or secret, are texts such as "[unknown]" and "[secret]". A component's own outputs
   * are among them: what it says of itself.
   */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly urn?: string;
  /** Provider's id; empty or absent while it does not exist. */
  readonly id?: string;
  /** URNs. */
  readonly dependencies?: readonly string[];
  /** URNs that one input's value comes from. */
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
}

/** Finds resources by type, and what a reference between two of them refers to. */
export class GraphIndex {
  readonly #byType = new Map<string, EmittedResource[]>();
  readonly #byUrn = new Map<string, EmittedResource>();
  readonly #byTypeAndId = new Map<string, EmittedResource>();

  constructor(readonly graph: EmittedGraph) {
    for (const resource of graph.resources) {
      const known = this.#byType.get(resource.type);
      if (known === undefined) this.#byType.set(resource.type, [resource]);
      else known.push(resource);
      if (resource.urn !== undefined) this.#byUrn.set(resource.urn, resource);
      const key = `${resource.type} ${resource.id ?? ""}`;
      if (!this.#byTypeAndId.has(key)) this.#byTypeAndId.set(key, resource);
    }
  }

  ofType(type: string): readonly EmittedResource[] {
    return this.#byType.get(type) ?? [];
  }

  /**
   * The resource of `type` that `property` refers to: by its id where that is known, otherwise by what the value
   * depends on, otherwise by what the whole resource depends on if that leaves one. Undefined: cannot be told.
   */
  refer(from: EmittedResource, property: string, type: string): EmittedResource | undefined {
    const value = from.inputs[property];
    return this.#byId(value, type) ?? this.#byDependency(from, property, type);
  }

  /** The same for a list of references; undefined when one of them cannot be told. */
  referAll(from: EmittedResource, property: string, type: string): readonly EmittedResource[] | undefined {
    const values = list(from.inputs[property]);
    const byId = values.map((value) => this.#byId(value, type));
    if (byId.every((found) => found !== undefined)) return byId;
    const urns = from.propertyDependencies?.[property] ?? from.dependencies ?? [];
    const found = this.#named(urns, type);
    return found.length === values.length ? found : undefined;
  }

  #byId(value: unknown, type: string): EmittedResource | undefined {
    const id = typeof value === "number" ? String(value) : value;
    if (typeof id !== "string" || id === "" || id.startsWith("[")) return undefined;
    return this.#byTypeAndId.get(`${type} ${id}`);
  }

  #byDependency(from: EmittedResource, property: string, type: string): EmittedResource | undefined {
    const direct = this.#named(from.propertyDependencies?.[property] ?? [], type);
    if (direct.length === 1) return direct[0];
    const whole = this.#named(from.dependencies ?? [], type);
    return whole.length === 1 ? whole[0] : undefined;
  }

  #named(urns: readonly string[], type: string): readonly EmittedResource[] {
    return [...new Set(urns)].flatMap((urn) => {
      const resource = this.#byUrn.get(urn);
      return resource?.type === type ? [resource] : [];
    });
  }
}

/** A known, plain text; undefined for anything else. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "[unknown]" && value !== "[secret]" ? value : undefined;
}

export function integer(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? value : undefined;
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export type Fields = Readonly<Record<string, unknown>>;

/** The fields of an object; none for anything else. */
export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The value at a path of keys: `at(inputs, "spec", "template")`. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => fields(inner)[key], value);
}

export function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields(value)).filter((entry): entry is [string, string] => text(entry[1]) !== undefined),
  );
}

/** "ingress-nginx/web": how Kubernetes objects of one type are told apart, and referred to. */
export function objectKey({ inputs }: EmittedResource): string {
  const metadata = inputs["metadata"];
  return `${text(at(metadata, "namespace")) ?? "default"}/${text(at(metadata, "name")) ?? ""}`;
}
