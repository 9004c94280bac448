import { join } from "node:path";
import { shown, type Mistake } from "../../mistakes";
import type { HostConfigPart } from "../../machines/hostConfig";
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

const VERSION = /^v\d+\.\d+\.\d+\+k3s\d+$/;
const SHA256 = /^[0-9a-f]{64}$/;
const RELEASES = "https://github.com/k3s-io/k3s/releases/download";

/** Every mistake of a release. */
export function releaseMistakes(release: K3sRelease): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  if (!VERSION.test(release.version)) {
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

/** Puts the binary on the machine; a running K3s is restarted because the file that names the release changes. */
export function k3sBinary(release: K3sRelease): HostConfigPart {
  const base = `${RELEASES}/${encodeURIComponent(release.version)}`;
  if (release.sha256 !== undefined) {
    return { binaries: [{ path: K3S_PATHS.binary, url: `${base}/k3s`, sha256: release.sha256 }] };
  }
  return {
    packages: [{ name: "ca-certificates" }, { name: "curl" }],
    steps: [
      {
        id: "k3s-binary",
        when: {
          kind: "unless",
          command: `${K3S_PATHS.binary} --version 2>/dev/null | grep -F 'k3s version ${release.version} ' >/dev/null`,
        },
        run: [shellScript(join(__dirname, "k3sBinary.sh"), { release: base, binary: K3S_PATHS.binary })],
        timeoutSeconds: 600,
      },
    ],
  };
}

/** Units and steps that must come before K3s starts. */
export function binarySteps(release: K3sRelease): readonly string[] {
  return release.sha256 === undefined ? ["k3s-binary"] : [];
}
