import { hasSecret } from "../secrets/secretRef";
import type { Mistake } from "../mistakes";

const LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** S3's access key id is a name, not a secret; its secret key is covered. */
const SECRETIVE = /PASSWORD|PASSWD|SECRET|TOKEN|(?<!ACCESS)_KEY$/;
const PASSWORD_IN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/;

/** Names of Kubernetes objects that are labels and parts of DNS names, too. */
export function nameMistakes(path: string, name: string): readonly Mistake[] {
  if (LABEL.test(name)) return [];
  const allowed = "1 to 63 lower-case letters, digits and hyphens, beginning with a letter";
  return [{ path, found: `"${name}"`, allowed, fix: "choose such a name" }];
}

export function pathMistakes(path: string, found: string): readonly Mistake[] {
  if (/^\/[\w./-]*\w$/.test(found) && !found.split("/").includes("..")) return [];
  return [{ path, found: `"${found}"`, allowed: "an absolute path below /", fix: 'write it as "/tmp"' }];
}

export function sizeMistakes(path: string, sizeGb: number): readonly Mistake[] {
  if (Number.isInteger(sizeGb) && sizeGb >= 1) return [];
  const fix = "round it up; a volume can grow later, and never shrink";
  return [{ path, found: String(sizeGb), allowed: "a whole number from 1", fix }];
}

/** Secrets in plain sight among them. */
export function environmentMistakes(path: string, env: Readonly<Record<string, string>>): readonly Mistake[] {
  return Object.entries(env).flatMap(([name, value]): readonly Mistake[] => {
    const at = `${path}.${name}`;
    if (!VARIABLE.test(name)) {
      const allowed = "letters, digits and underscores, no digit first";
      return [{ path: at, found: `"${name}"`, allowed, fix: "rename the variable" }];
    }
    const secretive = (SECRETIVE.test(name) && !isHarmless(name, value)) || PASSWORD_IN_URL.test(value);
    if (!secretive || hasSecret(value)) return [];
    // The value may be a real secret: it is not repeated.
    const fix =
      "take it from the SecretLedger (generated or configured; an environment names the latter in configuredSecrets)";
    return [{ path: at, found: "a plain value", allowed: "a secret's placeholder", fix }];
  });
}

/** Nothing, a switch or number, or, as many images spell it, the file that holds the secret. */
function isHarmless(name: string, value: string): boolean {
  return /^(true|false|\d*)$/.test(value) || (name.endsWith("_FILE") && value.startsWith("/"));
}
