import { spawnSync } from "node:child_process";

/** Long enough for an installed CLI, short enough for a launcher that tries to download one in vain. */
const DETECTION_MS = 8000;

export type PulumiCli =
  { readonly found: true; readonly version: string } | { readonly found: false; readonly why: string };

/** Is the official CLI on PATH, and does it run? The npm launcher counts only once it has its binary. */
export function findPulumi(env: NodeJS.ProcessEnv = process.env): PulumiCli {
  const result = spawnSync("pulumi", ["version"], {
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: DETECTION_MS,
    encoding: "utf8",
  });
  if (result.error !== undefined) {
    const code = (result.error as NodeJS.ErrnoException).code;
    return {
      found: false,
      why: code === "ENOENT" ? "no pulumi on PATH" : `pulumi version did not answer within ${DETECTION_MS / 1000} s`,
    };
  }
  const version = /^v?\d+\.\d+\.\d+\S*$/m.exec(result.stdout)?.[0];
  if (result.status !== 0 || version === undefined) {
    return { found: false, why: "the pulumi on PATH cannot run (the npm launcher could not download its binary?)" };
  }
  return { found: true, version };
}
