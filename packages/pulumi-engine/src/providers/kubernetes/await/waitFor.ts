import { at, isObject, listAt, textAt, type Json, type JsonObject } from "@standin/kubernetes-api/wire/json";
import { ready, waiting, type Judge } from "./judgement";

/** One condition of pulumi.com/waitFor: "condition=Ready", "condition=Ready=False", "jsonpath={.status.phase}=Running". */
function parseOne(text: string): (live: JsonObject) => boolean {
  const named = /^condition=([^=]+)(?:=(.+))?$/.exec(text);
  if (named !== null)
    return (live) =>
      listAt(live, "status", "conditions").some(
        (entry) =>
          textAt(entry, "type")?.toLowerCase() === named[1]?.toLowerCase() &&
          textAt(entry, "status") === (named[2] ?? "True"),
      );
  const path = /^jsonpath=\{?((?:\.[A-Za-z_][\w-]*|\[\d+\])+)\}?(?:=(.+))?$/.exec(text);
  if (path === null)
    throw new Error(
      `annotation pulumi.com/waitFor: "${text}" is not understood; write condition=Type[=Status] or jsonpath={.field[0].field}[=value]`,
    );
  const steps = (path[1]?.match(/[A-Za-z_][\w-]*|\d+/g) ?? []).map((step) =>
    /^\d+$/.test(step) ? Number(step) : step,
  );
  return (live) => {
    const value = at(live, ...steps);
    return path[2] === undefined ? value !== undefined : value !== undefined && scalar(value) === path[2];
  };
}

const scalar = (value: Json): string =>
  isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);

/** The annotation: one condition, or a JSON list of which all must hold. @throws naming what it does not understand. */
export function parseWaitFor(annotation: string): Judge {
  const list: unknown = annotation.trim().startsWith("[") ? JSON.parse(annotation) : [annotation];
  const texts = (Array.isArray(list) ? list : [list]).map(String);
  const conditions = texts.map((text) => ({ text, holds: parseOne(text) }));
  return (live) => {
    const open = conditions.filter(({ holds }) => !holds(live)).map(({ text }) => text);
    return open.length === 0 ? ready : waiting(`pulumi.com/waitFor: ${open.join(", ")} does not hold yet`);
  };
}
