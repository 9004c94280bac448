import { at, integer, list, text } from "./graph";
import { strange } from "./gateways";
import type { WebRoute } from "./webRoutes";

/** What the filters of a rule do with the requests of one of its matches. */
export type Changes = Pick<WebRoute, "sendsTo" | "rewrite" | "responseHeaders">;

/**
 * Redirects, other paths, and headers that are set; what else filters do is told to `problem`: nobody knows what they
 * make of a request.
 */
export function readFilters(
  filters: unknown,
  { match }: Pick<WebRoute, "match">,
  where: string,
  problem: (what: string) => unknown,
): Changes {
  let changes: Changes = {};
  for (const filter of list(filters)) {
    const type = text(at(filter, "type")) ?? "";
    switch (type) {
      case "RequestRedirect": {
        const redirect = at(filter, "requestRedirect");
        for (const field of strange(redirect, ["scheme", "hostname", "path", "statusCode"]))
          problem(`${where}: filter ${type}, ${field}`);
        const path = readPath(at(redirect, "path"), match);
        const host = text(at(redirect, "hostname"));
        const to = `${text(at(redirect, "scheme")) ?? "http"}://${host ?? "the same host"}${path?.to ?? ""}`;
        const status = integer(at(redirect, "statusCode")) ?? 302;
        changes = { ...changes, sendsTo: { to: to.replace(/\/+$/, ""), status, keepsPath: path?.keepsBelow ?? true } };
        break;
      }
      case "URLRewrite": {
        const rewrite = at(filter, "urlRewrite");
        const path = readPath(at(rewrite, "path"), match);
        if (strange(rewrite, ["path"]).length > 0 || path === undefined || (path.keepsBelow && match === "exact"))
          problem(`${where}: filter ${type}`);
        else if (!path.keepsBelow && match === "prefix")
          problem(`${where}: filter ${type} of a whole tree into one path`);
        else changes = { ...changes, rewrite: path.to };
        break;
      }
      case "ResponseHeaderModifier": {
        const modifier = at(filter, "responseHeaderModifier");
        for (const field of strange(modifier, ["set"])) problem(`${where}: filter ${type}, ${field}`);
        const set = list(at(modifier, "set")).map((one) => [text(at(one, "name")) ?? "", text(at(one, "value")) ?? ""]);
        changes = { ...changes, responseHeaders: Object.fromEntries(set) as Readonly<Record<string, string>> };
        break;
      }
      default:
        problem(`${where}: filter ${type}`);
    }
  }
  return changes;
}

function readPath(
  path: unknown,
  match: WebRoute["match"],
): { readonly to: string; readonly keepsBelow: boolean } | undefined {
  const full = text(at(path, "replaceFullPath"));
  const prefix = text(at(path, "replacePrefixMatch"));
  if (text(at(path, "type")) === "ReplaceFullPath" && full !== undefined) return { to: full, keepsBelow: false };
  if (text(at(path, "type")) !== "ReplacePrefixMatch" || prefix === undefined) return undefined;
  return { to: prefix, keepsBelow: match === "prefix" };
}
