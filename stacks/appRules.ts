import { placeholdersIn } from "../components/workloads/apps/fillTexts";
import { namedTwice, shown, type Mistake } from "../components/mistakes";
import type { Environment } from "./environment";
import { SECRET_CONFIG } from "./secretConfig";
import { SETTINGS } from "./stackConfig";

type Rule = (environment: Environment) => readonly Mistake[];

/** In texts of the typed workloads, as in those of `apps` and `objects` (judgeEntry.ts, judgeObjects.ts). */
const noPlaceholders: Rule = ({ workloads: { apps: _apps, objects: _objects, ...others } }) =>
  placeholdersIn(others, "workloads").map((path) => ({
    path,
    found: "a secret's placeholder",
    allowed: "texts without one: it would give away a secret, whosever it is",
    fix: "write what is meant; secrets are configuration (docs/operate.md)",
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
  namedTwice(
    registries.map(({ registry: name }, i) => ({ name, path: `workloads.registries[${i}].registry` })),
    "each registry once",
    "remove one",
  );

const objectsOnce: Rule = ({ workloads: { objects = [] } }) =>
  namedTwice(
    objects.map(({ name }, i) => ({ name, path: `workloads.objects[${i}].name` })),
    "each name once",
    "choose another",
  );

/** What is asked of an environment's own applications, beside what their plan shows (components/workloads/apps). */
export const APP_RULES: readonly Rule[] = [noPlaceholders, ownKeys, registriesOnce, objectsOnce];
