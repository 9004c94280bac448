import { z } from "zod";
import { parse } from "yaml";

const User = z.union([
  z.string(),
  z.looseObject({ name: z.string(), ssh_authorized_keys: z.array(z.string()).optional() }),
]);
const CloudConfig = z.looseObject({
  users: z.array(User).optional(),
  disable_root: z.boolean().optional(),
});

/** What of the user data decides who may log in. */
export interface BootAccounts {
  /** Authorized keys by account. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly rootDisabled: boolean;
}

/**
 * Accounts as cloud-init would make them from #cloud-config user data and the keys that Hetzner injects for root.
 * @throws Error when the user data is neither empty nor valid #cloud-config: the machine would not come up as asked.
 */
export function bootAccounts(userData: string, rootKeys: readonly string[]): BootAccounts {
  const keys = new Map<string, readonly string[]>([["root", rootKeys]]);
  if (userData.trim() === "") return { keys, rootDisabled: false };
  if (!userData.startsWith("#cloud-config")) {
    throw new Error('user_data does not begin with "#cloud-config"; allowed: cloud-config, or nothing');
  }
  let value: unknown;
  try {
    value = parse(userData) ?? {};
  } catch (error) {
    throw new Error(`user_data is not YAML: ${(error as Error).message.split("\n")[0] ?? ""}`, { cause: error });
  }
  const config = CloudConfig.safeParse(value);
  if (!config.success) throw new Error(`user_data is not cloud-config: ${z.prettifyError(config.error)}`);
  for (const user of config.data.users ?? []) {
    if (typeof user !== "string") keys.set(user.name, user.ssh_authorized_keys ?? []);
  }
  return { keys, rootDisabled: config.data.disable_root ?? false };
}
