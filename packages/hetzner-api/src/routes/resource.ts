import { z } from "zod";
import { isProtected, notFound } from "../http/apiError";
import { filterRows, paginate, sortRows, type Filters, type Query } from "../http/listing";
import type { Answer, Call, Router } from "../http/router";
import { renderAction, type ActionStart } from "../model/actions";
import { requireRow, requireUniqueName, type CloudContext } from "../model/context";
import type { Limits } from "../model/limits";
import type { ActionRow, Labels, Rows } from "../model/rows";
import { labels, parseBody } from "../rules/body";

type ResourceKind = keyof Limits;

/** The endpoints that every kind of resource has, described. */
export interface ResourceDefinition<K extends ResourceKind> {
  readonly kind: K;
  /** Path and plural key, e.g. "load_balancers". */
  readonly plural: string;
  readonly render: (row: Rows[K]) => object;
  /** Default id, name, created. */
  readonly sortFields?: readonly string[];
  readonly filters?: Filters<Rows[K]>;
  /** What name must look like in a PUT; undefined: it cannot be changed. */
  readonly name: z.ZodType<string> | undefined;
  /** Fields beyond name and labels that a PUT may carry, and what they do. */
  readonly update?: (row: Rows[K], body: unknown) => Rows[K];
  readonly updated?: (row: Rows[K]) => void;
  /** Removes the row. Its protection has been checked. */
  readonly remove: (row: Rows[K]) => Answer;
  /** Can its actions be listed and read? Default true; Hetzner has no such endpoints for what knows no actions. */
  readonly hasActions?: boolean;
  /** Default: by id. */
  readonly find?: (key: string) => Rows[K];
}

const SORT_FIELDS = ["id", "name", "created"];

export function actionAnswer(action: ActionRow, extra: object = {}, status = 201): Answer {
  return { status, body: { ...extra, action: renderAction(action) } };
}

/** The usual start of an action on one resource, which it locks unless told otherwise. */
export function actionOn(kind: keyof Rows, id: number, command: string, more: Partial<ActionStart> = {}): ActionStart {
  return { command, resources: [{ id, type: kind }], ...more };
}

/** Registers list, get, put, delete and, where it has any, the actions' endpoints. */
export function registerResource<K extends ResourceKind>(
  router: Router,
  cloud: CloudContext,
  definition: ResourceDefinition<K>,
): void {
  const { kind, plural, render } = definition;
  const find = definition.find ?? ((key: string) => requireRow(cloud, kind, key));
  cloud.shelves.set(plural, () => cloud.store.list(kind).map(render));
  const one = (row: Rows[K]): Answer => ({ status: 200, body: { [kind]: render(row) } });
  router.get(`/${plural}`, ({ query }) => {
    const rows = filterRows(cloud.store.list(kind), query, definition.filters);
    const page = paginate(sortRows(rows, query, definition.sortFields ?? SORT_FIELDS), query);
    return { status: 200, body: { [plural]: page.items.map(render), meta: page.meta } };
  });
  if (definition.hasActions ?? true) registerActionLists(router, cloud, kind, plural, (key) => find(key).id);
  router.get(`/${plural}/:id`, ({ params }) => one(find(params["id"] ?? "")));
  router.put(`/${plural}/:id`, ({ params, body }) => {
    const row = find(params["id"] ?? "");
    const common = parseBody(
      z.object({ name: (definition.name ?? z.undefined()).optional(), labels: labels.optional() }),
      body,
    );
    if (common.name !== undefined) requireUniqueName(cloud, kind, common.name, row.id);
    const renamed = {
      ...row,
      name: common.name ?? row.name,
      labels: (common.labels as Labels | undefined) ?? row.labels,
    };
    const next = cloud.store.put(kind, definition.update?.(renamed, body) ?? renamed);
    definition.updated?.(next);
    return one(next);
  });
  router.delete(`/${plural}/:id`, ({ params }) => {
    const row = find(params["id"] ?? "");
    if ("protection" in row && row.protection.delete) throw isProtected(`${kind} ${row.id}`, "delete");
    return definition.remove(row);
  });
}

const ACTION_SORT_FIELDS = ["id", "command", "status", "started", "finished"];

/** A page of actions as the API lists them: filters `id` and `status`, sorting, pagination. */
export function listActions(rows: readonly ActionRow[], query: Query): Answer {
  const filtered = filterRows(rows, query, {
    id: (row, values) => values.includes(String(row.id)),
    status: (row, values) => values.includes(row.status),
  });
  const page = paginate(sortRows(filtered, query, ACTION_SORT_FIELDS), query);
  return { status: 200, body: { actions: page.items.map(renderAction), meta: page.meta } };
}

function registerActionLists(
  router: Router,
  cloud: CloudContext,
  kind: ResourceKind,
  plural: string,
  idOf: (key: string) => number,
): void {
  const ofKind = (id?: number) =>
    cloud.store
      .list("action")
      .filter((row) => row.resources.some((ref) => ref.type === kind && (id === undefined || ref.id === id)));
  const pick = (rows: readonly ActionRow[], actionId: string): Answer => {
    const row = rows.find((candidate) => String(candidate.id) === actionId);
    if (row === undefined) throw notFound("action", actionId);
    return actionAnswer(row, {}, 200);
  };
  router.get(`/${plural}/actions`, ({ query }) => listActions(ofKind(), query));
  router.get(`/${plural}/actions/:action`, ({ params }) => pick(ofKind(), params["action"] ?? ""));
  router.get(`/${plural}/:id/actions`, ({ params, query }) => listActions(ofKind(idOf(params["id"] ?? "")), query));
  router.get(`/${plural}/:id/actions/:action`, ({ params }) =>
    pick(ofKind(idOf(params["id"] ?? "")), params["action"] ?? ""),
  );
}

type Protectable = "network" | "load_balancer" | "primary_ip" | "volume" | "zone";

/** POST /{plural}/{id}/actions/change_protection with `delete`. */
export function registerProtection(
  router: Router,
  cloud: CloudContext,
  kind: Protectable,
  plural: string,
  find = (key: string) => requireRow(cloud, kind, key),
): void {
  router.post(`/${plural}/:id/actions/change_protection`, ({ params, body }: Call) => {
    const row = find(params["id"] ?? "");
    const wish = parseBody(z.object({ delete: z.boolean().optional() }), body);
    cloud.store.put(kind, { ...row, protection: { delete: wish.delete ?? row.protection.delete } });
    return actionAnswer(cloud.actions.start(actionOn(kind, row.id, "change_protection")));
  });
}
