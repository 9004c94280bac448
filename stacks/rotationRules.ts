import type { SecretLedger } from "../components/secrets/secretLedger";
import type { Environment } from "./environment";
import { InputError } from "./mistakes";

/** @throws InputError naming each rotation of what is not there, or cannot be rotated without an outage. */
export function checkRotations({ name, rotations = {} }: Environment, secrets: SecretLedger): void {
  const known = new Set(secrets.specs.map(({ id }) => id));
  const { rotatable } = secrets;
  const mistakes = Object.entries(rotations)
    .filter(([id]) => !rotatable.includes(id))
    .map(([id, found]) => ({
      path: `rotations["${id}"]`,
      found,
      problem: known.has(id)
        ? "this secret cannot be rotated so: no daemon accepts the old beside the new, or data is encrypted with it (docs/operate.md, Rotate); remove it"
        : `nothing has this id; there are ${rotatable.join(", ")}`,
    }));
  if (mistakes.length > 0) throw new InputError(`stacks/${name}.ts`, mistakes);
}
