import { isDeepStrictEqual } from "node:util";
import { refuse, type Mistake } from "../mistakes";
import type { HostConfig, HostConfigPart, HostModule, UnitSpec } from "./hostConfig";
import { validateHostConfig } from "./validateHostConfig";

type ListName = keyof Required<HostConfigPart>;

/** What identifies an entry of each list. */
const KEYS: { readonly [K in ListName]: (entry: HostConfig[K][number]) => string } = {
  aptRepositories: (repository) => repository.name,
  packages: (spec) => spec.name,
  groups: (group) => group.name,
  users: (user) => user.name,
  kernelModules: (module) => module.name,
  sysctl: (setting) => setting.key,
  directories: (directory) => directory.path,
  files: (file) => file.path,
  binaries: (binary) => binary.path,
  units: (unit) => unit.name,
  timers: (timer) => timer.name,
  steps: (step) => step.id,
  checks: (check) => check.id,
  joined: (check) => check.id,
};

interface Owned<T> {
  readonly module: string;
  readonly entry: T;
}

/**
 * Joins the parts of all modules into one host. Two modules may say the same thing twice; units' reloadOn,
 * restartOn, after and drop-ins add up.
 *
 * @throws MistakesError listing every conflict between modules and every invalid entry at once.
 */
export function mergeHostConfigs(host: string, modules: readonly HostModule[]): HostConfig {
  const mistakes: Mistake[] = [];
  const join = <K extends ListName>(list: K): HostConfig[K][number][] => {
    const found = new Map<string, Owned<HostConfig[K][number]>>();
    const keyOf = KEYS[list];
    for (const { module, config } of modules) {
      for (const entry of (config[list] ?? []) as readonly HostConfig[K][number][]) {
        const key = keyOf(entry);
        const earlier = found.get(key);
        const joined = earlier === undefined ? entry : joinEntries(list, earlier.entry, entry);
        if (joined === undefined) {
          const fields = differingFields(earlier?.entry, entry).join(", ");
          mistakes.push({
            path: `${list}[${key}]`,
            found: `modules "${earlier?.module}" and "${module}", which disagree on ${fields}`,
            allowed: "one declaration, or equal ones",
            fix: "let one module own it",
          });
        } else {
          found.set(key, { module: earlier === undefined ? module : `${earlier.module}, ${module}`, entry: joined });
        }
      }
    }
    return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, owned]) => owned.entry);
  };
  const config: HostConfig = {
    host,
    aptRepositories: join("aptRepositories"),
    packages: join("packages"),
    groups: join("groups"),
    users: join("users"),
    kernelModules: join("kernelModules"),
    sysctl: join("sysctl"),
    directories: join("directories"),
    files: join("files"),
    binaries: join("binaries"),
    units: join("units"),
    timers: join("timers"),
    steps: join("steps"),
    checks: join("checks"),
    joined: join("joined"),
  };
  refuse(`host ${host}`, [...mistakes, ...validateHostConfig(config)]);
  return config;
}

function joinEntries<T>(list: ListName, a: T, b: T): T | undefined {
  if (isDeepStrictEqual(a, b)) return a;
  return list === "units" ? (joinUnits(a as UnitSpec, b as UnitSpec) as T | undefined) : undefined;
}

function joinUnits(a: UnitSpec, b: UnitSpec): UnitSpec | undefined {
  if (a.enabled !== b.enabled || a.state !== b.state) return undefined;
  if (a.restart !== undefined && b.restart !== undefined && a.restart !== b.restart) return undefined;
  if (a.content !== undefined && b.content !== undefined && a.content !== b.content) return undefined;
  for (const [name, text] of Object.entries(b.dropIns ?? {})) {
    const other = a.dropIns?.[name];
    if (other !== undefined && other !== text) return undefined;
  }
  const content = a.content ?? b.content;
  const restart = a.restart ?? b.restart;
  return {
    name: a.name,
    ...(content === undefined ? {} : { content }),
    enabled: a.enabled,
    state: a.state,
    dropIns: { ...a.dropIns, ...b.dropIns },
    reloadOn: union(a.reloadOn, b.reloadOn),
    restartOn: union(a.restartOn, b.restartOn),
    after: union(a.after, b.after),
    ...(restart === undefined ? {} : { restart }),
    ...(a.waitsForPeers === true || b.waitsForPeers === true ? { waitsForPeers: true } : {}),
  };
}

function union(a: readonly string[] = [], b: readonly string[] = []): readonly string[] {
  return [...new Set([...a, ...b])].sort();
}

/** Names of fields only: contents may be secret. */
function differingFields(a: unknown, b: unknown): readonly string[] {
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(
    (field) => !isDeepStrictEqual(left[field], right[field]),
  );
}
