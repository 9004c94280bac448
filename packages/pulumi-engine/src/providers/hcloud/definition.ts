import type { CheckFailure, Properties } from "../../provider";
import { scalar } from "../../bridge/check";
import type { Kit } from "../../bridge/diff";
import type { Rule, Rules } from "../../bridge/property";
import type { Api } from "./api";
import type { WithActions } from "./client";

/** What an update is about. */
export interface Change {
  /** True when this property is to change. */
  has(key: string): boolean;
  readonly inputs: Properties;
  /** The last known outputs. */
  readonly state: Properties;
}

/**
 * One resource type, with the calls that the real provider makes (terraform-provider-hcloud 1.66). Inputs have passed
 * the table's check, so functions may trust their shapes.
 */
export interface Definition {
  /** Which of Terraform's kits the real one is made with. Default: the older one. */
  readonly kit?: Kit;
  readonly rules?: Rules;
  /** Rules between properties. */
  readonly validate?: (inputs: Properties) => CheckFailure[];
  /** The creating request. @param made called with the id as soon as something is there */
  create(api: Api, inputs: Properties, made: (id: string) => void): Promise<void>;
  /** What a create does after its first request; does only what is not done yet, so that a cut-off create is finished. */
  finish?(api: Api, id: string, inputs: Properties): Promise<void>;
  /** Sends what changes and nothing else, whatever the resource is like. Default: nothing can be changed in place. */
  update?(api: Api, id: string, change: Change): Promise<void>;
  /** The outputs that the cloud tells; undefined: it does not exist. */
  read(api: Api, id: string, last: Properties): Promise<Properties | undefined>;
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

interface NamedSpec<A extends ApiNamed> extends Pick<Definition, "kit" | "rules" | "validate"> {
  /** Key of one, e.g. "load_balancer". */
  readonly kind: string;
  /** Path, e.g. "load_balancers". */
  readonly plural: string;
  /** Has a deleteProtection. Default: no. */
  readonly protectable?: boolean;
  /** The creating request's body beside name and labels. */
  readonly body: (inputs: Properties) => object;
  /** Outputs beside name, labels and deleteProtection. */
  readonly outputs: (row: A, last: Properties) => Properties;
  readonly finish?: (api: Api, row: A, inputs: Properties) => Promise<void>;
  readonly update?: (api: Api, row: A, change: Change) => Promise<void>;
  /** Default: one request, and what is gone already is no error. @param row undefined: there is none */
  readonly remove?: (api: Api, id: string, row: A | undefined, last: Properties) => Promise<void>;
}

/** Rules of the newer kit's types that several share. */
export const LABELS: Rule = { default: {} };
export const OFF: Rule = { default: false };

/** A definition for a resource that the API finds by id and by unique name. */
export function named<A extends ApiNamed>(spec: NamedSpec<A>): Definition {
  const { kind, plural } = spec;
  const get = async (api: Api, id: string): Promise<A | undefined> =>
    // An id that is no number is answered as the API answers an unknown one.
    (await api.get<Record<string, A>>(`/${plural}/${encodeURIComponent(id)}`))?.[kind];
  const need = async (api: Api, id: string): Promise<A> => {
    const row = await get(api, id);
    if (row === undefined) throw new Error(`${kind} ${id} does not exist any more; refresh the state`);
    return row;
  };
  const protect = (api: Api, id: string | number, on: boolean): Promise<void> =>
    api.act(`/${plural}/${id}/actions/change_protection`, { delete: on });
  return {
    ...(spec.kit === undefined ? {} : { kit: spec.kit }),
    ...(spec.validate === undefined ? {} : { validate: spec.validate }),
    rules: { ...(spec.protectable === true ? { deleteProtection: OFF } : {}), ...spec.rules },
    async create(api, inputs, made) {
      const { name, labels } = inputs;
      const body = { name, ...(labels === undefined ? {} : { labels }), ...spec.body(inputs) };
      const answer = await api.send<Record<string, A> & WithActions>("POST", `/${plural}`, body);
      made(String(answer[kind]?.id));
      await api.wait(answer);
    },
    async finish(api, id, inputs) {
      if (spec.finish !== undefined) await spec.finish(api, await need(api, id), inputs);
      if (spec.protectable === true && inputs["deleteProtection"] === true) await protect(api, id, true);
    },
    async update(api, id, change) {
      const row = await need(api, id);
      const { name, labels = {} } = change.inputs;
      const body = { ...(change.has("name") ? { name } : {}), ...(change.has("labels") ? { labels } : {}) };
      if (Object.keys(body).length > 0) await api.send("PUT", `/${plural}/${id}`, body);
      await spec.update?.(api, row, change);
      if (spec.protectable === true && change.has("deleteProtection"))
        await protect(api, id, change.inputs["deleteProtection"] === true);
    },
    async read(api, id, last) {
      const row = await get(api, id);
      if (row === undefined) return undefined;
      const protection = spec.protectable === true ? { deleteProtection: row.protection?.delete ?? false } : {};
      return { name: row.name, labels: row.labels, ...protection, ...spec.outputs(row, last) };
    },
    async find(api, inputs) {
      const [row] = await api.list<A>(`/${plural}?name=${encodeURIComponent(scalar(inputs["name"]))}`, plural);
      return row === undefined ? undefined : String(row.id);
    },
    async delete(api, id, last) {
      if (spec.remove === undefined) await api.remove(`/${plural}/${id}`);
      else await spec.remove(api, id, await get(api, id), last);
    },
  };
}

interface ChildSpec extends Omit<Definition, "create" | "find"> {
  /** It follows from the inputs: a child has no id of its own. */
  readonly id: (inputs: Properties) => string;
  /** @param made for what is there before its action has ended; at the end it is called anyway. */
  readonly make: (api: Api, inputs: Properties, made: () => void) => Promise<void>;
}

/** A definition for what exists only within another resource: an attachment, a service, a record. */
export function child({ id, make, ...rest }: ChildSpec): Definition {
  return {
    ...rest,
    async create(api, inputs, made) {
      const itIs = (): void => made(id(inputs));
      await make(api, inputs, itIs);
      itIs();
    },
    async find(api, inputs) {
      return (await rest.read(api, id(inputs), inputs)) === undefined ? undefined : id(inputs);
    },
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
