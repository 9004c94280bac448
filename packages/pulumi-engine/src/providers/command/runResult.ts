import type { ResourceContext } from "../../provider";
import type { Logging } from "./commandInputs";

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined: it ended by a signal, or its connection broke. */
  readonly exitCode: number | undefined;
}

/** A failed command. Names resource, place, reason and remedy; never the command or what it was given. */
export class CommandError extends Error {
  constructor(ctx: Pick<ResourceContext, "urn">, place: string, why: string, remedy: string) {
    super(`${ctx.urn.split("::").at(-1) ?? ctx.urn}: ${place}: ${why}; remedy: ${remedy}`);
    this.name = "CommandError";
  }
}

/** Is a line of standard error made to be shown as it is? */
export type IsShown = (line: string) => boolean;

/** What a failed command said: the lines that are made to be shown where there are any, else the end; given values blotted out. */
export function failureText(result: RunResult, given: readonly (string | undefined)[], isShown: IsShown): string {
  const lines = result.stderr.split("\n").filter((line) => line.trim() !== "");
  const own = lines.filter(isShown);
  // Everything else may repeat what it was given.
  const shown = own.length > 0 ? own.join("\n") : redact(lines.slice(-5).join("\n"), given);
  const how =
    result.exitCode === undefined
      ? "was cut off"
      : result.exitCode === 124
        ? "ran out of time (exit status 124)"
        : `failed with exit status ${result.exitCode}`;
  return shown === "" ? how : `${how}:\n${shown.slice(-2000)}`;
}

/** Short words would blot out half the text and give nothing away. */
const SHORTEST_SECRET = 6;

/** Blots out values that must not be shown, and of those of several lines each line, and what they quote or assign. */
export function redact(text: string, given: readonly (string | undefined)[]): string {
  const parts = given.flatMap((value) => {
    if (value === undefined) return [];
    const words = [...value.matchAll(/=\s*["']?([^\s"']+)|["']([^"']+)["']/g)].map(
      (match) => match[1] ?? match[2] ?? "",
    );
    return [value, ...value.split("\n"), ...words];
  });
  const secrets = [...new Set(parts.map((part) => part.trim()))].filter((part) => part.length >= SHORTEST_SECRET);
  return secrets
    .sort((a, b) => b.length - a.length)
    .reduce((shown, secret) => shown.replaceAll(secret, "[secret]"), text);
}

export function logOutput(ctx: ResourceContext, logging: Logging | undefined, result: RunResult): void {
  const wanted = logging ?? "stdoutAndStderr";
  const write = (text: string): void => {
    for (const line of text.split("\n")) if (line !== "") ctx.log("info", line);
  };
  if (wanted === "stdout" || wanted === "stdoutAndStderr") write(result.stdout);
  if (wanted === "stderr" || wanted === "stdoutAndStderr") write(result.stderr);
}

/** As pulumi-command: one newline at the end does not count. */
export function trimEnd(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
