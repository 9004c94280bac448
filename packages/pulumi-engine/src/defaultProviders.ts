/** The setting that lists packages of which nothing may use the default provider; "*" stands for all. */
export const DISABLED_SETTING = "pulumi:disable-default-providers";

/**
 * Why no default provider of this package may be used; undefined: it may. As the CLI reads the setting
 * (pkg/resource/deploy/default_providers.go).
 *
 * @param user what asks for it: a type or a function's token.
 */
export function defaultProviderProblem(
  config: { readonly [key: string]: string },
  packageName: string,
  user: string,
): string | undefined {
  const text = config[DISABLED_SETTING] ?? "";
  if (packageName === "pulumi" || text === "") return undefined;
  const listed = readList(text);
  if (listed === undefined)
    return `${DISABLED_SETTING}: found ${text}; allowed: a list of packages, such as ["kubernetes"]`;
  if (!listed.some((name) => name.trim() === packageName || name.trim() === "*")) return undefined;
  return `Default provider for '${packageName}' disabled. '${user}' must use an explicit provider.`;
}

function readList(text: string): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((name) => typeof name === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}
