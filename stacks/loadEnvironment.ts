import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { delegationRules } from "./dnsRules";
import type { Environment } from "./environment";
import { InputError } from "./mistakes";
import { validateEnvironment } from "./validateEnvironment";

const ROOT = join(__dirname, "..");

/** Stacks that have both stacks/<name>.ts and Pulumi.<name>.yaml, sorted. */
export function knownStacks(): readonly string[] {
  return readdirSync(ROOT)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .filter((name) => existsSync(join(__dirname, `${name}.ts`)))
    .sort();
}

/** The validated environment of a stack; an InputError names every mistake, or the stacks that there are. */
export function loadEnvironment(stack: string): Environment {
  const name = stack.split("/").at(-1) ?? stack;
  if (!knownStacks().includes(name)) {
    throw new InputError("The stack", [
      {
        path: "stack",
        found: name,
        problem: `is unknown; there are: ${knownStacks().join(", ")}. A new one is stacks/${name}.ts and Pulumi.${name}.yaml`,
      },
    ]);
  }
  const file = `stacks/${name}.ts`;
  // Loaded by name: a new environment is one new file, and nobody else's to list.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const module = require(join(__dirname, name)) as { readonly environment?: unknown };
  const environment = validateEnvironment(module.environment, file);
  if (environment.name !== name) {
    throw new InputError(file, [
      { path: "name", found: environment.name, problem: `must be "${name}", as the file and the stack` },
    ]);
  }
  return environment;
}

/** {@link loadEnvironment}, held against the other stacks' as well; one that is in error itself is left out. */
export function loadEstate(stack: string): Environment {
  const environment = loadEnvironment(stack);
  const others = knownStacks().flatMap((other) => {
    try {
      return other === environment.name ? [] : [loadEnvironment(other)];
    } catch {
      return [];
    }
  });
  const mistakes = delegationRules(environment, others);
  if (mistakes.length > 0) throw new InputError(`stacks/${environment.name}.ts`, mistakes);
  return environment;
}
