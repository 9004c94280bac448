/** The commands that a simulated machine knows. */
export type KnownCommand =
  | { readonly kind: "script" }
  | { readonly kind: "cat"; readonly path: string }
  /** A script of the host's own configuration, with plain arguments. */
  | { readonly kind: "installed"; readonly path: string }
  | { readonly kind: "cloudInitStatus" }
  | { readonly kind: "true" };

/**
 * Reads "A && B" of known commands, each perhaps behind `sudo` and `timeout N`, with a comment at the end.
 * Undefined: something else, which a test double must refuse rather than guess.
 */
export function parseCommand(line: string): readonly KnownCommand[] | undefined {
  const text = line.replace(/(^|\s)#.*$/s, "").trim();
  const parts = text.split("&&").map((part) => parseOne(part.trim().split(/\s+/)));
  const known = parts.filter((part) => part !== undefined);
  return known.length === parts.length ? known : undefined;
}

function parseOne(words: readonly string[]): KnownCommand | undefined {
  const [first, second, ...rest] = words;
  if (first === "sudo" || (first === "sudo" && second === "-n"))
    return parseOne(second === "-n" ? rest : words.slice(1));
  if (first === "timeout" && /^\d+s?$/.test(second ?? "")) return parseOne(rest);
  switch (words.join(" ")) {
    case "bash -s":
      return { kind: "script" };
    case "cloud-init status --wait":
    case "cloud-init status --wait >/dev/null":
      return { kind: "cloudInitStatus" };
    case "true":
      return { kind: "true" };
  }
  if (/^\/usr\/local\/sbin\/[\w.-]+$/.test(first ?? "") && words.slice(1).every((word) => /^[\w.:=/-]+$/.test(word)))
    return { kind: "installed", path: first ?? "" };
  return first === "cat" && words.length === 2 && /^\/[\w@.:+,=%/-]+$/.test(second ?? "")
    ? { kind: "cat", path: second ?? "" }
    : undefined;
}
