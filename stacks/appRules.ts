import { duplicates, shown, type Mistake } from "../components/mistakes";
import type { Environment } from "./environment";
import { pathText, type Path } from "./schemaWords";
import { SECRET_CONFIG } from "./secretConfig";
import { SETTINGS } from "./stackConfig";

type Rule = (environment: Environment) => readonly Mistake[];

/** A secret's placeholder, or what would become one. */
const PLACEHOLDER = /<<secret:/;

/** Placeholders are the plan's own: in a text of the environment one would stand for a secret of somebody else. */
const noPlaceholders: Rule = ({ workloads }) =>
  textsIn(workloads, ["workloads"])
    .filter(({ text }) => PLACEHOLDER.test(text))
    .map(({ path }) => ({
      path: pathText(path),
      found: "a secret's placeholder",
      allowed: "texts without one: it would give away a secret, whosever it is",
      fix: 'name the secret in configuredSecrets, or refer to a variable: "{{DATABASE_URL}}"',
    }));

/** Keys of configuration that are the estate's: as an application's secret they would give it what is not its own. */
const ownKeys: Rule = ({ workloads: { apps = [], registries = [] } }) => {
  const named = [
    ...apps.flatMap(({ configuredSecrets = {} }, i) =>
      Object.entries(configuredSecrets).map(([variable, key]) => ({
        path: `workloads.apps[${i}].configuredSecrets.${variable}`,
        key,
      })),
    ),
    ...registries.map(({ passwordKey }, i) => ({ path: `workloads.registries[${i}].passwordKey`, key: passwordKey })),
  ];
  return named
    .filter(({ key }) => Object.hasOwn(SECRET_CONFIG, key) || Object.hasOwn(SETTINGS, key))
    .map(({ path, key }) => ({
      path,
      found: `${shown(key)}, which is the estate's own`,
      allowed: "a key of the application's own, such as shopToken",
      fix: "choose another, and set it: pulumi config set --secret keybuzz:KEY",
    }));
};

const registriesOnce: Rule = ({ workloads: { registries = [] } }) =>
  duplicates(
    registries.map(({ registry }, i) => ({ registry, path: `workloads.registries[${i}].registry` })),
    ({ registry }) => registry,
    ({ registry, path }, first) => ({
      path,
      found: `${shown(registry)}, as ${first.path} says`,
      allowed: "each registry once",
      fix: "remove one",
    }),
  );

function textsIn(value: unknown, path: Path): readonly { readonly path: Path; readonly text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, i) => textsIn(item, [...path, i]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...path, key]));
}

/** What is asked of an environment's own applications, beside what their plan shows (components/workloads/apps). */
export const APP_RULES: readonly Rule[] = [noPlaceholders, ownKeys, registriesOnce];
