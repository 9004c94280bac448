import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { configKey, PROJECT } from "../estate";
import { LocalCloudError } from "../localCloudError";

const stackFile = z.object({
  config: z.record(z.string(), z.unknown()).nullish(),
});

/** What the local cloud itself decides, whatever the stack says: where its bastion is reached. */
const OF_THE_CLOUD = ["bastionSshPort", "bastionKubernetesPort"].map(configKey);

/**
 * The project's plain settings in Pulumi.<stack>.yaml, as the CLI hands them to the program. Encrypted ones are
 * left out: a rehearsal has made-up secrets in their place.
 * @throws LocalCloudError naming the file when it is no stack file.
 */
export function plainConfig(file: string): Readonly<Record<string, string>> {
  if (!existsSync(file)) return {};
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new LocalCloudError(`${file} is no YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  const result = stackFile.safeParse(content ?? {});
  if (!result.success) throw new LocalCloudError(`${file}: config must be a mapping of keys to values`);
  return Object.fromEntries(
    Object.entries(result.data.config ?? {})
      .filter(([key, value]) => key.startsWith(`${PROJECT}:`) && !OF_THE_CLOUD.includes(key) && !isEncrypted(value))
      .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

function isEncrypted(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}
