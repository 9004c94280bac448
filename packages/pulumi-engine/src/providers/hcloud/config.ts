import type { Properties } from "../../provider";
import type { ClientOptions } from "./client";

const TOKEN_LENGTH = 64;
const DEFAULT_POLL_INTERVAL_MS = 500;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

function setting(config: Properties, name: string, variable: string): string | undefined {
  const value = config[name];
  return typeof value === "string" && value !== "" ? value : process.env[variable];
}

/** "500ms", "1s", "1.5s": durations as Go writes them. */
function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? 1);
}

/**
 * Settings from the provider's configuration, else from the environment.
 * @throws Error that lists every mistake and how to mend it; it never shows the token.
 */
export function readConfig(config: Properties): ClientOptions {
  const mistakes: string[] = [];
  const token = setting(config, "token", "HCLOUD_TOKEN");
  const endpoint = setting(config, "endpoint", "HCLOUD_ENDPOINT");
  const interval = setting(config, "pollInterval", "HCLOUD_POLL_INTERVAL");
  const pollIntervalMs = interval === undefined ? DEFAULT_POLL_INTERVAL_MS : parseDuration(interval);
  if (token === undefined) mistakes.push("hcloud:token is missing: set it, or HCLOUD_TOKEN");
  else if (token.length !== TOKEN_LENGTH)
    mistakes.push(`hcloud:token has ${token.length} characters, a token has exactly ${TOKEN_LENGTH}`);
  if (endpoint === undefined)
    mistakes.push(
      "hcloud:endpoint is missing: the embedded engine works on a local cloud only; set it to that cloud's address with /v1, or HCLOUD_ENDPOINT",
    );
  else if (!URL.canParse(endpoint)) mistakes.push(`hcloud:endpoint "${endpoint}" is no URL`);
  if (pollIntervalMs === undefined)
    mistakes.push(`hcloud:pollInterval "${interval ?? ""}" is no duration such as 500ms or 1s`);
  if (mistakes.length > 0 || token === undefined || endpoint === undefined || pollIntervalMs === undefined)
    throw new Error(mistakes.join("\n"));
  return { token, endpoint: endpoint.replace(/\/+$/, ""), pollIntervalMs };
}
