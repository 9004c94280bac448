import type { Mistake } from "../components/mistakes";
import type { SecretLedger } from "../components/secrets/secretLedger";
import type { Environment } from "./environment";
import { nearestFix } from "../components/nearest";

/** Each rotation of what is not there, or cannot be rotated without an outage. */
export function rotationMistakes({ rotations = {} }: Environment, secrets: SecretLedger): readonly Mistake[] {
  const known = new Set(secrets.specs.map(({ id }) => id));
  const { rotatable } = secrets;
  return Object.entries(rotations)
    .filter(([id]) => !rotatable.includes(id))
    .map(([id]) => {
      const path = `rotations["${id}"]`;
      if (!known.has(id))
        return { path, found: "an id that nothing has", allowed: rotatable.join(", "), fix: nearestFix(id, rotatable) };
      return {
        path,
        found: "a secret that cannot be rotated so",
        allowed: "what a daemon accepts beside the new one, and nothing is encrypted with (docs/operate.md, Rotate)",
        fix: "remove it",
      };
    });
}
