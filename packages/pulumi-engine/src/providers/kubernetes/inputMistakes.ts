import { UNKNOWN, type CheckFailure, type Properties } from "../../provider";
import { parseWaitFor } from "./await/waitFor";
import { annotation } from "./naming";
import type { KindToken } from "./typeToken";
import { valueAt } from "./values";

/** What is wrong with a resource's inputs whatever the kind's schema says. */
export function inputMistakes(token: KindToken, news: Properties): readonly CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const [property, expected] of [
    ["apiVersion", token.apiVersion],
    ["kind", token.kind],
  ] as const) {
    const stated = news[property];
    if (stated !== undefined && stated !== UNKNOWN && stated !== expected)
      failures.push({
        property,
        reason: `is ${JSON.stringify(stated)}, but the resource's type says "${expected}"; leave it out`,
      });
  }
  if (valueAt(news, "metadata", "generateName") !== undefined && valueAt(news, "metadata", "name") === undefined)
    failures.push({
      property: "metadata.generateName",
      reason: "cannot be used with server-side apply; leave it out, then a name is made",
    });
  const waitFor = annotation(news, "waitFor");
  if (waitFor !== undefined) {
    try {
      parseWaitFor(waitFor);
    } catch (error) {
      failures.push({
        property: 'metadata.annotations["pulumi.com/waitFor"]',
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }
  return failures;
}
