import type { CheckFailure, Properties, Value } from "../../provider";
import type { Api } from "./api";
import type { WithActions } from "./client";
import { scalar, flag, labels, text, type Property, type PropertyTable } from "./properties";

/** One resource type. Inputs have passed the table's check, so functions may trust their shapes. */
export interface Definition {
  readonly properties: PropertyTable;
  /** Outputs that the cloud decides when the inputs do not: unknown in a preview. */
  readonly computed: readonly string[];
  readonly secretOutputs?: readonly string[];
  /** Rules between properties. */
  readonly rules?: (inputs: Properties) => CheckFailure[];
  /** Only the creating request and what must follow at once; `converge` does the rest. */
  create(api: Api, inputs: Properties, made: (id: string) => void): Promise<string>;
  /**
   * Makes what exists be what the inputs say; does nothing where it already is. Serves create, update and recovery.
   * @param before the last known outputs; undefined in a create or recovery.
   */
  converge(api: Api, id: string, inputs: Properties, before: Properties | undefined): Promise<void>;
  /** Outputs; undefined: it does not exist. */
  read(api: Api, id: string, last: Properties | undefined): Promise<Properties | undefined>;
  /** The id of what an interrupted create may have left. */
  find(api: Api, inputs: Properties): Promise<string | undefined>;
  delete(api: Api, id: string, last: Properties): Promise<void>;
  /** The id as kept in the state, from the one a user gives to `import`. Default: the same. */
  importId?(id: string): { readonly id: string; readonly last: Properties };
}

/** Fields of every named resource of the API. */
export interface ApiNamed {
  readonly id: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly protection?: { readonly delete?: boolean };
}

export interface NamedSpec<A extends ApiNamed> {
  /** Key of one, e.g. "load_balancer". */
  readonly kind: string;
  /** Path, e.g. "load_balancers". */
  readonly plural: string;
  /** Beside name, labels (and deleteProtection, where `protectable`). */
  readonly properties: PropertyTable;
  readonly computed: readonly string[];
  readonly secretOutputs?: readonly string[];
  readonly rules?: (inputs: Properties) => CheckFailure[];
  /** deleteProtection's property, where the type has one. */
  readonly protection?: Property;
  /** The creating request's body beside name and labels. */
  readonly body: (inputs: Properties, api: Api) => object | Promise<object>;
  readonly outputs: (row: A, last: Properties | undefined) => Properties;
  /** Default: not possible to change, e.g. a zone's. */
  readonly fixedName?: boolean;
  readonly converge?: (api: Api, row: A, inputs: Properties, before: Properties | undefined) => Promise<void>;
  readonly beforeDelete?: (api: Api, row: A, last: Properties) => Promise<void>;
}

/** Protection is off unless asked for. */
export const PROTECTION = flag();

/** A definition for a resource that the API finds by id and by unique name. */
export function named<A extends ApiNamed>(spec: NamedSpec<A>): Definition {
  const { kind, plural } = spec;
  const get = async (api: Api, id: string): Promise<A | undefined> => {
    // An id that is no number is answered as the API answers an unknown one.
    const answer = await api.get<Record<string, A>>(`/${plural}/${encodeURIComponent(id)}`);
    return answer?.[kind];
  };
  const definition: Definition = {
    properties: {
      name: text({ required: true, ...(spec.fixedName === true ? { replace: true } : {}) }),
      labels,
      ...(spec.protection === undefined ? {} : { deleteProtection: spec.protection }),
      ...spec.properties,
    },
    computed: spec.computed,
    async create(api, inputs, made) {
      const body = {
        name: inputs["name"],
        ...(inputs["labels"] === undefined ? {} : { labels: inputs["labels"] }),
        ...(await spec.body(inputs, api)),
      };
      const answer = await api.send<Record<string, A> & WithActions>("POST", `/${plural}`, body);
      const id = String(answer[kind]?.id);
      made(id);
      await api.wait(answer);
      return id;
    },
    async converge(api, id, inputs, before) {
      let row = await get(api, id);
      if (row === undefined) throw new Error(`${kind} ${id} does not exist any more; refresh the state`);
      const changes = {
        ...(row.name === inputs["name"] ? {} : { name: inputs["name"] }),
        ...(sameLabels(row.labels, inputs["labels"]) ? {} : { labels: inputs["labels"] ?? {} }),
      };
      if (Object.keys(changes).length > 0) {
        const answer = await api.send<Record<string, A>>("PUT", `/${plural}/${id}`, changes);
        row = answer[kind] ?? row;
      }
      await spec.converge?.(api, row, inputs, before);
      const wanted = inputs["deleteProtection"] === true;
      if (spec.protection !== undefined && wanted !== (row.protection?.delete ?? false) && kind !== "server") {
        await api.act(`/${plural}/${id}/actions/change_protection`, { delete: wanted });
      }
    },
    async read(api, id, last) {
      const row = await get(api, id);
      if (row === undefined) return undefined;
      const protection = spec.protection === undefined ? {} : { deleteProtection: row.protection?.delete ?? false };
      return { name: row.name, labels: row.labels, ...protection, ...spec.outputs(row, last) };
    },
    async find(api, inputs) {
      const [row] = await api.list<A>(`/${plural}?name=${encodeURIComponent(scalar(inputs["name"]))}`, plural);
      return row === undefined ? undefined : String(row.id);
    },
    async delete(api, id, last) {
      const row = await get(api, id);
      if (row === undefined) return;
      await spec.beforeDelete?.(api, row, last);
      await api.remove(`/${plural}/${id}`);
    },
    ...(spec.rules === undefined ? {} : { rules: spec.rules }),
    ...(spec.secretOutputs === undefined ? {} : { secretOutputs: spec.secretOutputs }),
  };
  return definition;
}

function sameLabels(actual: Readonly<Record<string, string>>, wanted: Value | undefined): boolean {
  const sorted = (value: object): string => JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(actual) === sorted((wanted ?? {}) as Properties);
}

export interface ChildSpec {
  readonly properties: PropertyTable;
  readonly computed: readonly string[];
  readonly rules?: (inputs: Properties) => CheckFailure[];
  /** A child has no id of its own: it follows from its inputs. */
  readonly id: (inputs: Properties) => string;
  readonly make: (api: Api, inputs: Properties) => Promise<void>;
  readonly read: Definition["read"];
  /** Default: nothing can be changed in place. */
  readonly converge?: (api: Api, id: string, inputs: Properties, actual: Properties) => Promise<void>;
  readonly delete: Definition["delete"];
  readonly importId?: Definition["importId"];
}

/** A definition for what exists only within another resource: an attachment, a service, a record. */
export function child(spec: ChildSpec): Definition {
  return {
    properties: spec.properties,
    computed: spec.computed,
    async create(api, inputs, made) {
      await spec.make(api, inputs);
      made(spec.id(inputs));
      return spec.id(inputs);
    },
    async converge(api, id, inputs) {
      if (spec.converge === undefined) return;
      const actual = await spec.read(api, id, inputs);
      if (actual === undefined) throw new Error(`${id} does not exist any more; refresh the state`);
      await spec.converge(api, id, inputs, actual);
    },
    read: spec.read,
    async find(api, inputs) {
      const id = spec.id(inputs);
      return (await spec.read(api, id, inputs)) === undefined ? undefined : id;
    },
    delete: spec.delete,
    ...(spec.rules === undefined ? {} : { rules: spec.rules }),
    ...(spec.importId === undefined ? {} : { importId: spec.importId }),
  };
}

/** A rule: exactly one of these properties. */
export function exactlyOne(...names: readonly string[]) {
  return (inputs: Properties): CheckFailure[] => {
    const given = names.filter((name) => inputs[name] !== undefined);
    if (given.length === 1) return [];
    const found = given.length === 0 ? "none is" : `${given.join(" and ")} are`;
    return [{ property: names[0] ?? "", reason: `exactly one of ${names.join(", ")} must be given, ${found}` }];
  };
}
