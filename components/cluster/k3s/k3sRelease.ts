import { join } from "node:path";
import { pinnedSum } from "../../pins";
import { shown, type Mistake } from "../../mistakes";
import type { HostConfigPart } from "../../machines/hostConfig";
import { refusingStep } from "../../machines/refusingStep";
import { shellScript } from "../../machines/shellScript";
import { K3S_PATHS } from "./k3sConfig";

/** A K3s release for x86-64 machines. */
export interface K3sRelease {
  /** "v1.35.4+k3s1". */
  readonly version: string;
  /**
   * sha256 of the binary `k3s`, 64 hex digits. Default: the machine reads it from the release's own
   * sha256sum-amd64.txt, which protects against a broken download but not against a changed release; pin it for
   * production (docs.k3s.io, each release's page).
   */
  readonly sha256?: string;
}

const RELEASE = /^v(\d+)\.(\d+)\.(\d+)\+k3s(\d+)$/;
const SHA256 = /^[0-9a-f]{64}$/;
const RELEASES = "https://github.com/k3s-io/k3s/releases/download";

/** Folder of a release's files: `k3s`, and `sha256sum-amd64.txt` with its sum. */
export const releaseFolder = (version: string): string => `${RELEASES}/${encodeURIComponent(version)}`;

/** A release with its binary's sum, where that has been read. */
export const k3sRelease = (version: string): K3sRelease => ({
  version,
  ...pinnedSum(`${releaseFolder(version)}/k3s`),
});

/** Every mistake of a release. */
export function releaseMistakes(release: K3sRelease): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  if (!RELEASE.test(release.version)) {
    mistakes.push({
      path: "release.version",
      found: shown(release.version),
      allowed: 'a release of K3s such as "v1.35.4+k3s1"',
      fix: "choose one of github.com/k3s-io/k3s/releases",
    });
  }
  if (release.sha256 !== undefined && !SHA256.test(release.sha256)) {
    mistakes.push({
      path: "release.sha256",
      found: shown(release.sha256),
      allowed: "64 hex digits",
      fix: `copy those of the line "k3s" of sha256sum-amd64.txt of ${release.version}`,
    });
  }
  return mistakes;
}

/** What upstream allows between two releases: the same, a newer patch, or the next minor version. */
export type ReleaseStep = "same" | "newer" | "older" | "skips";

/** @returns undefined where one of them is no release. */
export function releaseStep(from: string, to: string): ReleaseStep | undefined {
  const [had, wanted] = [from, to].map((version) => RELEASE.exec(version)?.slice(1).map(Number));
  if (had === undefined || wanted === undefined) return undefined;
  const [major = 0, minor = 0] = had;
  const [wantedMajor = 0, wantedMinor = 0] = wanted;
  const first = had.findIndex((part, i) => part !== wanted[i]);
  if (first < 0) return "same";
  if ((wanted[first] ?? 0) < (had[first] ?? 0)) return "older";
  return wantedMajor > major || wantedMinor > minor + 1 ? "skips" : "newer";
}

/** Label of a node's server at Hetzner: the release that it was last asked to have. */
export const RELEASE_LABEL = "k3s";
/** Labels know no "+". */
export const releaseToLabel = (version: string): string => version.replace("+", "-");
export const releaseFromLabel = (label: string): string => label.replace(/-(k3s\d+)$/, "+$1");

/** Where a release's binary waits for its node's turn. */
export function stagedBinary({ version }: K3sRelease): string {
  return `${K3S_PATHS.binary}-${version}`;
}

const BINARY_STEP = "k3s-binary";

/**
 * Brings the binary, after it has been asked whether this machine may have it. It takes the place of the one that runs in
 * its node's turn: until then a crash or a reboot starts the release of before, so that no worker gets ahead of the
 * servers, whatever becomes of the run.
 */
export function k3sBinary(host: string, release: K3sRelease): Required<Pick<HostConfigPart, "packages" | "steps">> {
  const staged = stagedBinary(release);
  const allowed = shellScript(join(__dirname, "k3sAllowed.sh"), {
    HOST: host,
    K3S: K3S_PATHS.binary,
    WANTED: release.version,
  });
  const isOfRelease = (binary: string): string =>
    `${binary} --version 2>/dev/null | grep -F 'k3s version ${release.version} ' >/dev/null`;
  return {
    packages: [{ name: "ca-certificates" }, { name: "curl" }],
    steps: [
      refusingStep("k3s-release", allowed),
      {
        id: BINARY_STEP,
        when: {
          kind: "unless",
          command: `${isOfRelease(K3S_PATHS.binary)} || { [ -e ${K3S_PATHS.binary} ] && ${isOfRelease(staged)}; }`,
        },
        run: [
          shellScript(join(__dirname, "k3sBinary.sh"), {
            release: releaseFolder(release.version),
            staged,
            binary: K3S_PATHS.binary,
            sum: release.sha256 ?? "",
          }),
        ],
        timeoutSeconds: 600,
      },
    ],
  };
}

/** What must come before K3s starts. */
export const BINARY_STEPS: readonly string[] = [BINARY_STEP];
