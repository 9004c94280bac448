import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { shellQuote } from "./shellQuote";

/** Text and whole numbers become one word, a boolean the word true or false, a list an array (bash, not sh). */
export type ShellValue = string | number | boolean | readonly string[];

/** The comment above the assignments that the program fills in. They end at the first line that is none. */
export const GIVEN = "# Given by the program:";
const ASSIGNMENT = /^((?:readonly )?)([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;
/** Tells an editor and shellcheck what a part of a script is written in; a host does not need it. */
const DIALECT = /^# shellcheck shell=.*\n/;

const read = new Map<string, string>();

/**
 * A script from its `.sh` file, which stands beside the code that uses it: what the file assigns below its comment
 * "Given by the program:" is an example there, and is replaced by these values, quoted. Values may hold placeholders
 * of secrets whose text has no single quote, as all generated ones.
 *
 * @param path of the file: join(__dirname, "redisSeed.sh")
 * @throws Error naming every assignment that lacks a value, every value that the file does not assign, and every list
 * that is none in the file or the other way round.
 */
export function shellScript(path: string, values: Readonly<Record<string, ShellValue>> = {}): string {
  const lines = source(path).split("\n");
  const start = lines.indexOf(GIVEN) + 1;
  const given = new Map(Object.entries(values));
  const mistakes: string[] = [];
  for (let index = start; start > 0 && index < lines.length; index += 1) {
    const [, prefix = "", name, example = ""] = ASSIGNMENT.exec(lines[index] ?? "") ?? [];
    if (name === undefined) break;
    const value = given.get(name);
    given.delete(name);
    if (value === undefined) mistakes.push(`${name}: found no value`);
    else if (Array.isArray(value) !== example.startsWith("("))
      mistakes.push(`${name}: found ${Array.isArray(value) ? "a list" : "one value"}, where the file has ${example}`);
    else lines[index] = `${prefix}${name}=${assigned(value)}`;
  }
  for (const name of given.keys()) mistakes.push(`${name}: found a value, where the file assigns none`);
  if (mistakes.length > 0) {
    throw new Error(
      `${basename(path)}: ${mistakes.join("; ")}; allowed: one value for each assignment below "${GIVEN}"; fix: the file, or whoever renders it`,
    );
  }
  return lines.join("\n");
}

/** One line for each element of a longer list: a small change makes a small diff. */
function assigned(value: ShellValue): string {
  if (typeof value === "string") return shellQuote(value);
  if (typeof value !== "object") return String(value);
  const words = value.map(shellQuote);
  return words.length < 2 ? `(${words.join("")})` : `(\n${words.map((word) => `  ${word}\n`).join("")})`;
}

function source(path: string): string {
  const known = read.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(path, "utf8").replace(DIALECT, "");
  read.set(path, text);
  return text;
}
