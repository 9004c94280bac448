import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { Alias as AliasMessage } from "@pulumi/pulumi/proto/alias_pb";
import { hooksFromRequest, type HookNames } from "./hooks";
import { fromStruct, fromWire } from "./serialize";
import type { Timeouts } from "./stateFormat";
import type { Alias } from "./urn";
import type { EngineValue, PropertyMap } from "./values";

/** What the program wants of one resource. */
export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  /** URN, "" for none. */
  readonly parent: string;
  readonly inputs: PropertyMap;
  /** "<urn>::<id>" of an explicit provider, "" for the default one. */
  readonly provider: string;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: { readonly [property: string]: readonly string[] };
  readonly protect: boolean | undefined;
  readonly retainOnDelete: boolean | undefined;
  readonly deletedWith: string;
  /** undefined: as the provider says. */
  readonly deleteBeforeReplace: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly replaceWith: readonly string[];
  readonly replacementTrigger: EngineValue | undefined;
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly Alias[];
  readonly importId: string;
  readonly timeouts: Timeouts;
  readonly hooks: HookNames;
}

/** Reads a Go duration ("1h30m", "90s", "500ms"), in seconds; undefined for "". @throws Error naming the option. */
export function parseDuration(text: string, option: string): number | undefined {
  if (text === "") return undefined;
  const units: { readonly [unit: string]: number } = { h: 3600, m: 60, s: 1, ms: 0.001, us: 1e-6, ns: 1e-9 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|us|ns|h|m|s)/g)];
  if (parts.length === 0 || parts.map((p) => p[0]).join("") !== text) {
    throw new Error(`${option}: "${text}" is no duration; write for instance "90s", "10m" or "1h30m"`);
  }
  return parts.reduce((sum, p) => sum + Number(p[1]) * (units[p[2] ?? ""] ?? 0), 0);
}

/** Reads the four durations of customTimeouts, "" for unset. */
export function parseTimeouts(given: { readonly [step in keyof Timeouts]?: string } | undefined): Timeouts {
  if (given === undefined) return {};
  const entries = (["create", "update", "delete", "read"] as const).flatMap((k) => {
    const seconds = parseDuration(given[k] ?? "", `customTimeouts.${k}`);
    return seconds === undefined ? [] : [[k, seconds] as const];
  });
  return Object.fromEntries(entries);
}

/** Reads one alias; an empty string in a specification means "as it is now". */
export function aliasFromMessage(message: AliasMessage): Alias {
  const spec = message.getSpec();
  if (spec === undefined) return { urn: message.getUrn() };
  const given = {
    name: spec.getName(),
    type: spec.getType(),
    stack: spec.getStack(),
    project: spec.getProject(),
    parentUrn: spec.getParenturn(),
  };
  return { ...Object.fromEntries(Object.entries(given).filter(([, v]) => v !== "")), noParent: spec.getNoparent() };
}

/** Reads a registration. @throws UnsupportedValueError or Error for what the engine cannot carry. */
export function goalFromRequest(request: RegisterResourceRequest): Goal {
  if (request.getRemote())
    throw new Error(
      `${request.getType()} is a component of a provider plugin; the embedded engine has none. Use the Pulumi CLI.`,
    );
  if (request.getStateMigrationsList().length > 0)
    throw new Error("state migrations are not part of the embedded engine; use the Pulumi CLI.");
  const trigger = request.getReplacementTrigger();
  const propertyDependencies: Record<string, readonly string[]> = {};
  request
    .getPropertydependenciesMap()
    .forEach((value: { getUrnsList(): string[] }, key: string) => (propertyDependencies[key] = value.getUrnsList()));
  const message = request.getCustomtimeouts();
  const timeouts =
    message === undefined
      ? undefined
      : {
          create: message.getCreate(),
          update: message.getUpdate(),
          delete: message.getDelete(),
          read: message.getRead(),
        };
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent(),
    inputs: fromStruct(request.getObject()),
    provider: request.getProvider(),
    dependencies: request.getDependenciesList(),
    propertyDependencies,
    protect: request.hasProtect() ? request.getProtect() : undefined,
    retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : undefined,
    deletedWith: request.getDeletedwith(),
    deleteBeforeReplace:
      request.getDeletebeforereplacedefined() || request.getDeletebeforereplace()
        ? request.getDeletebeforereplace()
        : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    replaceWith: request.getReplaceWithList(),
    replacementTrigger: trigger === undefined ? undefined : fromWire(trigger.toJavaScript(), "replacementTrigger"),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [...request.getAliasesList().map(aliasFromMessage), ...request.getAliasurnsList().map((urn) => ({ urn }))],
    importId: request.getImportid(),
    timeouts: parseTimeouts(timeouts),
    hooks: hooksFromRequest(request),
  };
}
