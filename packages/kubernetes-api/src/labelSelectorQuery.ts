import { badRequest } from "./wire/apiError";
import type { Json, JsonObject } from "./wire/json";

/** "app=web,tier!=db,env in (a,b),!legacy" as a LabelSelector. */
export function parseLabelSelector(text: string): JsonObject {
  const matchExpressions = text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part): Json => {
      const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part);
      if (set !== null) {
        const values = (set[3] ?? "").split(",").map((value) => value.trim());
        return { key: set[1] ?? "", operator: set[2] === "in" ? "In" : "NotIn", values };
      }
      const compare = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(part);
      if (compare !== null)
        return { key: compare[1] ?? "", operator: compare[2] === "!=" ? "NotIn" : "In", values: [compare[3] ?? ""] };
      const exists = /^(!?)([^=!\s]+)$/.exec(part);
      if (exists === null) throw badRequest(`unable to parse labelSelector requirement "${part}"`);
      return { key: exists[2] ?? "", operator: exists[1] === "!" ? "DoesNotExist" : "Exists" };
    });
  return { matchExpressions };
}
