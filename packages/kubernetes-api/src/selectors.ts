import { isObject, listAt, objectAt, textAt, type Json, type JsonObject } from "./wire/json";

function expressionMatches(expression: Json, labels: JsonObject): boolean {
  const value = labels[textAt(expression, "key") ?? ""];
  const values = listAt(expression, "values");
  switch (textAt(expression, "operator")) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return Number(value) > Number(values[0]);
    case "Lt":
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** Do the labels carry all of these? */
export function labelsMatch(wanted: JsonObject, labels: JsonObject): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** A LabelSelector; an empty one matches everything, an absent one nothing. */
export function selectorMatches(selector: Json | undefined, labels: JsonObject): boolean {
  if (!isObject(selector)) return false;
  return (
    labelsMatch(objectAt(selector, "matchLabels"), labels) &&
    listAt(selector, "matchExpressions").every((expression) => expressionMatches(expression, labels))
  );
}

/** A NodeSelectorTerm's matchExpressions (matchFields are not supported: nobody here uses them). */
export function nodeTermMatches(term: Json, labels: JsonObject): boolean {
  return listAt(term, "matchExpressions").every((expression) => expressionMatches(expression, labels));
}
