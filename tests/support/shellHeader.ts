import { shellQuote, shellWords } from "../../components/machines/shellQuote";

/**
 * A script with other values of what it is given: ports, places and times of a test. Each must stand on one line.
 *
 * @throws Error when the script does not assign a name, or does so more than once.
 */
export function reassign(script: string, values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values).reduce((text, [name, value]) => {
    const assignment = new RegExp(`^((?:readonly )?${name}=)('.*'|\\S+)$`, "gm");
    const found = text.match(assignment)?.length ?? 0;
    if (found !== 1) throw new Error(`${name}: found ${found} assignments; allowed: one`);
    return text.replace(assignment, (_, left: string) => left + shellQuote(String(value)));
  }, script);
}

/**
 * The words that a script is given under a name: one, or those of a list.
 *
 * @throws Error when the script does not assign it, or does so more than once.
 */
export function given(script: string, name: string): readonly string[] {
  const found = [...script.matchAll(new RegExp(`^(?:readonly )?${name}=(?:\\(([^)]*)\\)|(.*))$`, "gm"))];
  const [match] = found;
  if (match === undefined || found.length > 1)
    throw new Error(`${name}: found ${found.length} assignments; allowed: one`);
  return shellWords((match[1] ?? match[2] ?? "").replaceAll(/\n\s*/g, " ").trim());
}
