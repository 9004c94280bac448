import { diffArrays, structuredPatch } from "diff";
import { isSecret, SECRET } from "../model/emitted";
import type { FieldChange } from "../model/model";

const CONTEXT_LINES = 3;

/** Lists whose order means nothing to whoever reads them: rules of filters, sets of names and addresses. */
const SETS = new Set([
  "accessModes", "apiGroups", "cidrs", "destinationIps", "dnsNames", "egress", "firewallIds", "from", "groups",
  "imagePullSecrets", "ingress", "ipAddresses", "namespaces", "policyTypes", "ports", "records", "resourceNames",
  "resources", "rules", "sourceIps", "sshKeys", "subjects", "to", "tolerations", "values", "verbs",
]); // prettier-ignore

/** Names by which members of a list are known, as in Kubernetes' merge keys. */
const KEYS = ["name", "mountPath", "containerPort", "ip"] as const;

type Map = Readonly<Record<string, unknown>>;
const isMap = (value: unknown): value is Map => typeof value === "object" && value !== null && !Array.isArray(value);
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && value.includes("\n");

/** Every field that differs, by its deepest path. @param path of both; "" for the whole. */
export function fieldChanges(before: unknown, after: unknown, path = ""): readonly FieldChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isSecret(before) || isSecret(after))
    return [{ path, kind: "secret", now: before === undefined ? "new" : after === undefined ? "gone" : "other" }];
  if (isMap(before) && isMap(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .sort()
      .flatMap((key) => fieldChanges(before[key], after[key], `${path}${step(key, path === "")}`));
  }
  if (isList(before) && isList(after)) return listChanges(before, after, path);
  if (isText(before) || isText(after)) return textChanges(before, after, path);
  // A branch that comes or goes whole is told by its leaves.
  if (isMap(before) && after === undefined) return fieldChanges(before, {}, path);
  if (isMap(after) && before === undefined) return fieldChanges({}, after, path);
  const [old, now] = before === undefined || after === undefined ? ["a", "a"] : ["one", "another"];
  return [{ path, kind: "value", before: undigested(before, old), after: undigested(after, now) }];
}

/** A value as a reader sees it: digests say nothing to anybody, also those at the end of a Job's name. */
function undigested(value: unknown, which = "a"): string | undefined {
  const text = shown(value);
  return text?.replace(/^[0-9a-f]{12,}$/, `${which} checksum`).replace(/-[0-9a-f]{8}$/, `-(${which} checksum)`);
}

const step = (key: string, first: boolean): string =>
  /^[\w-]+$/.test(key) ? `${first ? "" : "."}${key}` : `[${JSON.stringify(key)}]`;

function textChanges(before: unknown, after: unknown, path: string): readonly FieldChange[] {
  if (![before, after].every((one) => one === undefined || typeof one === "string"))
    return [{ path, kind: "value", before: shown(before), after: shown(after) }];
  const [old, now] = [before, after].map((one) => (typeof one === "string" ? readable(one) : ""));
  const { hunks } = structuredPatch("", "", old ?? "", now ?? "", "", "", { context: CONTEXT_LINES });
  if (hunks.length === 0) return [{ path, kind: "value", before: "one text", after: "the same, with another end" }];
  return [{ path, kind: "lines", hunks: hunks.map(({ lines }) => lines.flatMap(ofHunk)) }];
}

/** UFW writes what a rule is for in hexadecimal; a last line without an end is a line. */
const readable = (text: string): string =>
  text
    .replaceAll(/ comment=([0-9a-f]+)$/gm, (_, hex: string) => ` comment="${Buffer.from(hex, "hex").toString("utf8")}"`)
    .replace(/(?<=[^\n])$/, "\n");

/** Of a long script a host shows the beginning, and a digest of all of it (components/machines/hostView.ts). */
const REST = /^([ +-])# (\d+) more lines; sha256 of the whole: [0-9a-f]+$/;

function ofHunk(line: string): readonly string[] {
  if (line.startsWith("\\")) return [];
  const [, sign, count] = REST.exec(line) ?? [];
  if (sign === undefined) return [line];
  if (sign === "-") return [];
  return [
    ` # ${count} more lines, which are not shown${sign === "+" ? "; something in this file is another one" : ""}`,
  ];
}

function listChanges(before: readonly unknown[], after: readonly unknown[], path: string): readonly FieldChange[] {
  const key = KEYS.find((name) => isKeyed(before, name) && isKeyed(after, name));
  if (key !== undefined) {
    const [old, now] = [before, after].map((list) => new Map(list.map((one) => [String((one as Map)[key]), one])));
    const both = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])];
    const changes = both.flatMap((name) => fieldChanges(old?.get(name), now?.get(name), `${path}[${name}]`));
    // The same members in another order.
    return changes.length > 0 ? changes : SETS.has(lastStep(path)) ? [] : [order(before, after, path, key)];
  }
  const [old, now] = [before, after].map((list) => list.map((one) => shown(one) ?? "null"));
  if (SETS.has(lastStep(path))) {
    const removed = lacking(old ?? [], now ?? []);
    const added = lacking(now ?? [], old ?? []);
    return removed.length + added.length === 0 ? [] : [{ path, kind: "set", removed, added }];
  }
  const parts = diffArrays([...(old ?? [])], [...(now ?? [])]);
  const lines = parts.flatMap(({ added, removed, value }) => {
    if (added || removed) return value.map((one) => `${added ? "+" : "-"}${one}`);
    return value.length > 2 * CONTEXT_LINES
      ? [...value.slice(0, CONTEXT_LINES), "...", ...value.slice(-CONTEXT_LINES)].map((one) => ` ${one}`)
      : value.map((one) => ` ${one}`);
  });
  return [{ path, kind: "lines", hunks: [lines] }];
}

function isKeyed(list: readonly unknown[], key: string): boolean {
  const values = list.map((one) => (isMap(one) ? one[key] : undefined));
  return values.every((value) => value !== undefined) && new Set(values).size === values.length;
}

function order(before: readonly unknown[], after: readonly unknown[], path: string, key: string): FieldChange {
  const names = (list: readonly unknown[]): string => list.map((one) => String((one as Map)[key])).join(", ");
  return { path, kind: "value", before: names(before), after: names(after) };
}

const lastStep = (path: string): string => /([\w-]+)(\[[^\]]*\])*$/.exec(path)?.[1] ?? path;

/** Those of `some` that `others` lacks, each as often as it is lacking. */
function lacking(some: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return some.filter((one) => {
    const place = left.indexOf(one);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

/** A value as a reader sees it; secrets within are named as such. Undefined: it is not there. */
export function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return isSecret(value) ? SECRET : value;
  return JSON.stringify(value, (_, one: unknown) => (isSecret(one) ? SECRET : one));
}
