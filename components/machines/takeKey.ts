import { join } from "node:path";
import { shellScript } from "./shellScript";
import { shellWords } from "./shellQuote";

const FORMAT = "# keybuzz: one more key, format 1";

export interface TakenKey {
  readonly user: string;
  /** A line of authorized_keys. */
  readonly key: string;
}

/** Bash by which an account takes one more key, before the host's configuration, which has the new one alone. */
export function takeKey({ user, key }: TakenKey): string {
  return shellScript(join(__dirname, "takeKey.sh"), { user, key });
}

/** What such a script does; undefined: it is another one. */
export function parseTakeKey(script: string): TakenKey | undefined {
  if (script.split("\n", 2)[1] !== FORMAT) return undefined;
  const given = (name: string): string => {
    const [, quoted = ""] = new RegExp(`^${name}=(.*)$`, "m").exec(script) ?? [];
    return shellWords(quoted)[0] ?? "";
  };
  return { user: given("user"), key: given("key") };
}
