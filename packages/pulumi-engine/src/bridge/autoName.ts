import { randomBytes } from "node:crypto";
import type { Properties } from "../provider";
import { isAbsent, type Table } from "./property";

const SUFFIX_LENGTH = 7;

/** `__defaults` is where the bridge notes what was not given but drawn. True when the name was drawn: a replacement can have another one, so that both can be for a while. */
export const isAutoNamed = (inputs: Properties): boolean => {
  const drawn = inputs["__defaults"];
  return Array.isArray(drawn) && drawn.includes("name");
};

/**
 * Draws a name where none is given: logical name, dash, seven hex digits. It is kept from run to run.
 * @param olds undefined: for a resource that is made anew.
 */
export function autoNamed(table: Table, urn: string, news: Properties, olds: Properties | undefined): Properties {
  if (table["name"]?.autonamed !== true || !isAbsent(news["name"])) return news;
  const logicalName = urn.slice(urn.lastIndexOf("::") + 2);
  const drawn = `${logicalName}-${randomBytes(SUFFIX_LENGTH).toString("hex").slice(0, SUFFIX_LENGTH)}`;
  const kept = olds !== undefined && isAutoNamed(olds) ? olds["name"] : undefined;
  return { ...news, name: kept ?? drawn, __defaults: ["name"] };
}
