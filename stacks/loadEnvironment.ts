import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Mistakes, refuse, shown } from "../components/mistakes";
import { delegationRules } from "./dnsRules";
import type { Environment } from "./environment";
import { judgeEnvironment } from "./judgeEnvironment";
import { valueAt } from "./schemaWords";
import { nearest } from "../components/nearest";

const ROOT = join(__dirname, "..");

/** Lists whose members have names. */
const NAMED = ["hosts", "workloads.apps", "workloads.objects", "web.loadBalancers"];

/** Stacks that have both stacks/<name>.ts and Pulumi.<name>.yaml, sorted. */
export function knownStacks(): readonly string[] {
  return readdirSync(ROOT)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .filter((name) => existsSync(join(__dirname, `${name}.ts`)))
    .sort();
}

/**
 * The environment of a stack; its mistakes are added, and it is as {@link judgeEnvironment} has it then.
 *
 * @throws MistakesError with the stacks that there are, where this is none
 */
export function readEnvironment(stack: string, mistakes: Mistakes): Environment {
  const name = stack.split("/").at(-1) ?? stack;
  const known = knownStacks();
  if (!known.includes(name)) {
    const meant = nearest(name, known);
    const fix = `${meant === undefined ? "" : `write "${meant}"; or `}make a new one: stacks/${name}.ts and Pulumi.${name}.yaml`;
    refuse("the choice of a stack", [{ path: "stack", found: shown(name), allowed: known.join(", "), fix }]);
  }
  // Loaded by name: a new environment is one new file, and nobody else's to list.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const module = require(join(__dirname, name)) as { readonly environment?: unknown };
  const environment = judgeEnvironment(module.environment, mistakes);
  for (const path of NAMED) mistakes.name(path, valueAt(module.environment, path.split(".")));
  if (environment.name !== name && !mistakes.concerns("name")) {
    mistakes.add({
      path: "name",
      found: shown(environment.name),
      allowed: `${shown(name)}, as the file and the stack`,
      fix: "correct it",
    });
  }
  return environment;
}

/** {@link readEnvironment}, held against the other stacks' as well; one that is in error itself is left out. */
export function readEstate(stack: string, mistakes: Mistakes): Environment {
  const environment = readEnvironment(stack, mistakes);
  const others = knownStacks().filter((other) => other !== environment.name);
  const sound = others.flatMap((other) => {
    const own = new Mistakes();
    const found = own.attempt(() => readEnvironment(other, own));
    return found === undefined || !own.none ? [] : [found];
  });
  if (!mistakes.concerns("web")) mistakes.add(...delegationRules(environment, sound));
  return environment;
}

/** @throws MistakesError with every mistake of the environment, or the stacks that there are */
export function loadEnvironment(stack: string): Environment {
  const mistakes = new Mistakes();
  const environment = readEnvironment(stack, mistakes);
  mistakes.refuse(`stacks/${environment.name}.ts`);
  return environment;
}
