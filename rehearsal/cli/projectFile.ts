import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const schema = z.object({
  name: z.string(),
  config: z.record(z.string(), z.looseObject({ secret: z.boolean().optional() })).default({}),
});

export interface ProjectFile {
  readonly name: string;
  /** Configuration keys that are secret, without the project's prefix. */
  readonly secretKeys: readonly string[];
}

/** What a rehearsal must know of Pulumi.yaml. */
export function readProjectFile(root: string): ProjectFile {
  const file = join(root, "Pulumi.yaml");
  const parsed = schema.parse(parse(readFileSync(file, "utf8")));
  const prefix = `${parsed.name}:`;
  return {
    name: parsed.name,
    secretKeys: Object.entries(parsed.config).flatMap(([key, { secret }]) =>
      secret === true && key.startsWith(prefix) ? [key.slice(prefix.length)] : [],
    ),
  };
}
