import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { ConfigSource } from "../stacks/planStack";

/** Plain values of Pulumi.<stack>.yaml; secrets are not needed to judge. */
export function stackSettings(stack: string): ConfigSource {
  const file = join(__dirname, "..", `Pulumi.${stack}.yaml`);
  const content = existsSync(file) ? (parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> }) : {};
  const { config = {} } = content;
  const read = (key: string): string | undefined => {
    const value = config[`keybuzz:${key}`];
    if (value === undefined) return undefined;
    return typeof value === "string" ? value : JSON.stringify(value);
  };
  return { read, keys: Object.keys(config), required: false };
}
