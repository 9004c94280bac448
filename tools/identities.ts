import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeUrn, parseUrn } from "@standin/pulumi-engine/urn";
import { PROJECT } from "../stacks/emittedGraph";
import type { Registration } from "./registrations";

const PROTECTED = "protected";

/** Where it is written under which name everything of a stack is deployed. */
export function recordFile(stack: string): string {
  return join(__dirname, "..", "tests", "stacks", "identities", `${stack}.txt`);
}

/** A line for each resource: "protected" where it is, the types of its parents and its own, its name. Sorted. */
export function identities(registrations: readonly Pick<Registration, "urn" | "protect">[]): readonly string[] {
  return registrations
    .map(({ urn, protect }) => {
      const { qualifiedType, name } = parseUrn(urn);
      return `${protect ? PROTECTED : " ".repeat(PROTECTED.length)} ${qualifiedType}::${name}`;
    })
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const keyOf = (line: string): string => line.slice(PROTECTED.length + 1);

/**
 * Holds what a stack registers against its record: what is protected must be found again, under its name or by an
 * alias, and protected still. Anything else that came or went must be recorded, so that the record is whole.
 *
 * @returns what is wrong, with the remedy; nothing: all is as recorded.
 */
export function identityMistakes(
  stack: string,
  record: readonly string[],
  registrations: readonly Registration[],
): readonly string[] {
  const tail = (urn: string): string => `${parseUrn(urn).qualifiedType}::${parseUrn(urn).name}`;
  const now = new Map(registrations.flatMap((one) => [one.urn, ...one.aliases].map((urn) => [tail(urn), one])));
  const guarded = record.filter((line) => line.startsWith(PROTECTED)).map(keyOf);
  const lost = guarded.filter((key) => !now.has(key)).map((key) => lostMistake(stack, key, registrations));
  const bare = guarded
    .filter((key) => now.get(key)?.protect === false)
    .map((key) => `${stack}: ${key} was protected and no longer is: whoever forgets it deletes it, with what it holds`);
  const present = new Set(identities(registrations));
  const known = new Set(record);
  const gone = record.filter((line) => !present.has(line));
  const fresh = [...present].filter((line) => !known.has(line));
  const unrecorded =
    gone.length + fresh.length === 0
      ? []
      : [
          `${stack}: not as recorded; if that is meant, \`npm run graph -- --record\` and look at its diff:\n` +
            [...gone.map((line) => `  - ${line}`), ...fresh.map((line) => `  + ${line}`)].join("\n"),
        ];
  return [...lost, ...bare, ...unrecorded];
}

/** @param key types and name of what nothing stands for any more. */
function lostMistake(stack: string, key: string, registrations: readonly Registration[]): string {
  const { type, name } = parseUrn(`urn:pulumi:${stack}::${PROJECT}::${key}`);
  const moved = registrations.find(({ urn }) => parseUrn(urn).type === type && parseUrn(urn).name === name);
  const before = `${stack}: ${key} is protected, and an \`up\` would delete it where it is deployed, with what it holds`;
  return moved === undefined
    ? `${before}. If it is to go: consentToDelete (docs/operate.md), then \`npm run graph -- --record\``
    : `${before}, and make it anew as ${moved.urn}. ` +
        `Give that one the option aliases: ["${makeUrn(stack, PROJECT, "", key.slice(0, -name.length - 2), name)}"] (or its parent the like), and keep it until every stack is deployed with it`;
}

/** @throws Error where a stack has none. */
export function readRecord(stack: string): readonly string[] {
  try {
    return readFileSync(recordFile(stack), "utf8").trimEnd().split("\n");
  } catch {
    throw new Error(`${stack} has no record of its identities; make one: \`npm run graph -- --record\``);
  }
}
