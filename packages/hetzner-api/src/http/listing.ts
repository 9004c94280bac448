import { ApiError, invalidField } from "./apiError";
import { compileSelector } from "../rules/labels";
import type { Labels } from "../model/rows";

/** Query parameters; each may be repeated. */
export type Query = Readonly<Record<string, readonly string[]>>;

const DEFAULT_PER_PAGE = 25;
const MAX_PER_PAGE = 50;

interface Listed {
  readonly id: number;
  readonly name?: string;
  readonly created?: string;
  readonly labels?: Labels;
}

/** Extra filters of a kind: parameter name to predicate; several values of one parameter are alternatives. */
export type Filters<T> = Readonly<Record<string, (row: T, values: readonly string[]) => boolean>>;

/** Applies name, label_selector and the kind's own filters. */
export function filterRows<T extends Listed>(rows: readonly T[], query: Query, filters: Filters<T> = {}): T[] {
  let result = [...rows];
  const names = query["name"];
  if (names !== undefined) result = result.filter((row) => names.includes(row.name ?? ""));
  for (const selector of query["label_selector"] ?? []) {
    if (selector === "") continue;
    const matches = compileSelector(selector, "label_selector");
    result = result.filter((row) => matches(row.labels ?? {}));
  }
  for (const [parameter, predicate] of Object.entries(filters)) {
    const values = query[parameter];
    if (values !== undefined) result = result.filter((row) => predicate(row, values));
  }
  return result;
}

/** Applies `sort=field[:asc|:desc]`, repeatable, first is primary. */
export function sortRows<T extends object>(rows: readonly T[], query: Query, fields: readonly string[]): T[] {
  const orders = (query["sort"] ?? []).map((value) => {
    const [field = "", direction = "asc"] = value.split(":");
    if (!fields.includes(field) || !["asc", "desc"].includes(direction)) {
      throw invalidField("sort", `'${value}' is not one of ${fields.join(", ")}, each with :asc or :desc`);
    }
    return { field, sign: direction === "asc" ? 1 : -1 };
  });
  const value = (row: T, field: string): number | string => {
    const found = (row as Readonly<Record<string, unknown>>)[field];
    return typeof found === "number" ? found : String(found);
  };
  return [...rows].sort((a, b) => {
    for (const { field, sign } of orders) {
      const [left, right] = [value(a, field), value(b, field)];
      if (left !== right) return left < right ? -sign : sign;
    }
    return 0;
  });
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly meta: {
    readonly pagination: {
      readonly page: number;
      readonly per_page: number;
      readonly previous_page: number | null;
      readonly next_page: number | null;
      readonly last_page: number;
      readonly total_entries: number;
    };
  };
}

function positive(query: Query, parameter: string, fallback: number, most: number): number {
  const raw = query[parameter]?.[0];
  if (raw === undefined || raw === "") return fallback;
  const value = Number(raw);
  if (!Number.isInteger(value) || value < 1)
    throw new ApiError(400, "invalid_input", `${parameter} must be a whole number of at least 1`, {
      fields: [{ name: parameter, messages: ["must be at least 1"] }],
    });
  return Math.min(value, most);
}

export function paginate<T>(rows: readonly T[], query: Query): Page<T> {
  const perPage = positive(query, "per_page", DEFAULT_PER_PAGE, MAX_PER_PAGE);
  const page = positive(query, "page", 1, Number.MAX_SAFE_INTEGER);
  const lastPage = Math.max(1, Math.ceil(rows.length / perPage));
  return {
    items: rows.slice((page - 1) * perPage, page * perPage),
    meta: {
      pagination: {
        page,
        per_page: perPage,
        previous_page: page > 1 ? page - 1 : null,
        next_page: page < lastPage ? page + 1 : null,
        last_page: lastPage,
        total_entries: rows.length,
      },
    },
  };
}
