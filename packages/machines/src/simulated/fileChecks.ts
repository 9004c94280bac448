import { spawn } from "node:child_process";
import { parseAllDocuments } from "yaml";
import type { HostFile } from "./hostScript";

/** Mistakes that a parser finds in a file, without its content where it is secret. Undefined: none, or no parser at hand. */
export async function checkFile(file: HostFile): Promise<string | undefined> {
  const mistake = await findMistake(file);
  if (mistake === undefined) return undefined;
  return file.secret ? `${file.path}: does not parse (secret: no details)` : `${file.path}: ${mistake}`;
}

async function findMistake({ path, content }: HostFile): Promise<string | undefined> {
  if (/\.ya?ml$/.test(path)) {
    const error = parseAllDocuments(content).flatMap((document) => ("errors" in document ? document.errors : []))[0];
    return error === undefined ? undefined : `not YAML: ${firstLine(error.message)}`;
  }
  if (path.endsWith(".json")) return jsonMistake(content);
  if (/^\/etc\/(systemd|apt\/sources\.list\.d)\//.test(path) && path.startsWith("/etc/systemd/"))
    return iniMistake(content);
  if (/^\/etc\/ufw\/.*\.rules$/.test(path)) return rulesMistake(content);
  if (path.startsWith("/etc/sysctl.d/")) return assignmentsMistake(content);
  if (path.startsWith("/etc/sudoers.d/")) return toolMistake("visudo", ["-cf", "-"], content);
  if (/^#!\/(usr\/)?bin\/(env )?(ba)?sh/.test(content)) return toolMistake("bash", ["-n"], content);
  return undefined;
}

function jsonMistake(content: string): string | undefined {
  try {
    JSON.parse(content);
    return undefined;
  } catch (error) {
    // The message may quote the content; the position is enough.
    const position = /position \d+( \(line \d+ column \d+\))?/.exec((error as Error).message)?.[0];
    return `not JSON${position === undefined ? "" : ` at ${position}`}`;
  }
}

/** systemd.syntax(7): sections, assignments, comments, continued lines. */
export function iniMistake(content: string): string | undefined {
  let section = false;
  let continued = false;
  for (const [index, line] of content.split("\n").entries()) {
    const text = line.trim();
    if (continued || text === "" || /^[#;]/.test(text)) {
      if (!/^[#;]/.test(text)) continued = text.endsWith("\\");
      continue;
    }
    if (/^\[[^\]]+\]$/.test(text)) section = true;
    else if (!/^[A-Za-z][A-Za-z0-9-]*\s*=/.test(text))
      return `line ${index + 1} is neither a section nor an assignment`;
    else if (!section) return `line ${index + 1} stands before any section`;
    continued = text.endsWith("\\");
  }
  return continued ? "the last line is continued" : undefined;
}

/** iptables-save(8) format: tables with chains, rules and COMMIT. */
export function rulesMistake(content: string): string | undefined {
  let table = false;
  for (const [index, line] of content.split("\n").entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (/^\*[a-z]+$/.test(line)) table = true;
    else if (!table) return `line ${index + 1} stands outside a table`;
    else if (line === "COMMIT") table = false;
    else if (!/^:[\w-]+ (-|ACCEPT|DROP)( \[\d+:\d+\])?$/.test(line) && !/^-[AI] [\w-]+ .*-j [\w-]+/.test(line)) {
      return `line ${index + 1} is neither a chain nor a rule`;
    }
  }
  return table ? "the last table has no COMMIT" : undefined;
}

function assignmentsMistake(content: string): string | undefined {
  const bad = content
    .split("\n")
    .findIndex((line) => line.trim() !== "" && !/^\s*[#;]/.test(line) && !/^[-\w./]+\s*=\s*\S/.test(line));
  return bad < 0 ? undefined : `line ${bad + 1} is no assignment`;
}

/** What a tool says of a text on its standard input. Undefined: it is content, or not installed. */
export async function toolMistake(tool: string, args: readonly string[], input: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(tool, args, { stdio: ["pipe", "ignore", "pipe"], timeout: 30_000 });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code === "ENOENT" ? undefined : firstLine(error.message)),
    );
    child.on("close", (code) => resolve(code === 0 ? undefined : `${tool}: ${withoutQuotes(firstLine(stderr))}`));
    // The tool may stop reading at the first mistake.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** Tools quote what they stumble over, and that may be secret. */
function withoutQuotes(text: string): string {
  return text.replace(/[`'"].*$/, "...");
}

function firstLine(text: string): string {
  return (text.split("\n").find((line) => line.trim() !== "") ?? "").slice(0, 300);
}
