import { parse, Range } from "semver";

/** The version of the Pulumi CLI whose behaviour the engine has: the one that its conformance was recorded with. */
export const PULUMI_VERSION = "3.260.0";

/**
 * Why a version of the CLI is not in the range that a project requires; undefined: it is, or none is required.
 * Ranges are read as npm reads them; of the CLI's own only "!1.2.3" is unknown there, and is answered as such.
 */
export function versionProblem(range: string | undefined, version: string): string | undefined {
  if (range === undefined || range === "") return undefined;
  const found = parse(version, { loose: true });
  if (found === null) return `"${version}" is no version of the Pulumi CLI`;
  let allowed: Range;
  try {
    allowed = new Range(range, { includePrerelease: true });
  } catch {
    return `requiredPulumiVersion: found "${range}"; allowed: a range such as ">=3.260.0" or ">=3.260.0 <4.0.0"`;
  }
  // The CLI's own words (sdk/go/common/resource/plugin, ValidatePulumiVersionRange).
  return allowed.test(found)
    ? undefined
    : `Pulumi CLI version ${found.version} does not satisfy the version range "${range}"`;
}
