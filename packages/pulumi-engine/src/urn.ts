/** The type of the one resource that is the stack itself; it is no part of its children's URNs. */
export const STACK_TYPE = "pulumi:pulumi:Stack";
/** Types of explicit and default providers start so. */
export const PROVIDER_TYPE_PREFIX = "pulumi:providers:";

/** The parts of urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>. */
export interface UrnParts {
  readonly stack: string;
  readonly project: string;
  /** With the types of the parents, separated by "$". */
  readonly qualifiedType: string;
  readonly type: string;
  readonly name: string;
}

/** @throws Error naming the text when it is no URN. */
export function parseUrn(urn: string): UrnParts {
  const match = /^urn:pulumi:(.*?)::(.*?)::(.*?)::(.*)$/s.exec(urn);
  if (match === null)
    throw new Error(`"${urn}" is no URN; it must look like urn:pulumi:<stack>::<project>::<type>::<name>`);
  const qualifiedType = match[3] ?? "";
  return {
    stack: match[1] ?? "",
    project: match[2] ?? "",
    qualifiedType,
    type: qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1),
    name: match[4] ?? "",
  };
}

/** Builds a URN. @param parent URN of the parent, "" for none. */
export function makeUrn(stack: string, project: string, parent: string, type: string, name: string): string {
  const parentType = parent === "" ? "" : parseUrn(parent).qualifiedType;
  const prefix = parentType === "" || parentType === STACK_TYPE ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

/** The package of a type or function token: "hcloud" of "hcloud:index/server:Server". */
export function packageOf(token: string): string {
  return token.startsWith(PROVIDER_TYPE_PREFIX)
    ? token.slice(PROVIDER_TYPE_PREFIX.length)
    : (token.split(":")[0] ?? "");
}

/** True for pulumi:providers:x. */
export function isProviderType(type: string): boolean {
  return type.startsWith(PROVIDER_TYPE_PREFIX);
}

/** An alias as the program states it: a whole URN, or what was different. */
export type Alias =
  | { readonly urn: string }
  | {
      readonly name?: string;
      readonly type?: string;
      readonly stack?: string;
      readonly project?: string;
      readonly parentUrn?: string;
      readonly noParent?: boolean;
    };

/** What the resource is now; `renamed` maps each URN of this run to the one it was found under. */
export interface AliasTarget {
  readonly stack: string;
  readonly project: string;
  readonly name: string;
  readonly type: string;
  readonly parent: string;
  readonly renamed: ReadonlyMap<string, string>;
}

function resolveAlias(target: AliasTarget, alias: Alias): string {
  if ("urn" in alias) return alias.urn;
  const stated =
    alias.parentUrn === undefined ? target.parent : (target.renamed.get(alias.parentUrn) ?? alias.parentUrn);
  const parent = alias.noParent === true ? "" : stated;
  return makeUrn(
    alias.stack ?? target.stack,
    alias.project ?? target.project,
    parent,
    alias.type ?? target.type,
    alias.name ?? target.name,
  );
}

function inherited(target: AliasTarget, oldParent: string, type: string, name: string): string {
  const parentName = parseUrn(target.parent).name;
  // Children are named after their parent by convention: "app-function" of "app" was "old-function" of "old".
  const oldName = name.startsWith(parentName) ? parseUrn(oldParent).name + name.slice(parentName.length) : name;
  return makeUrn(target.stack, target.project, oldParent, type, oldName);
}

/** Every URN the resource may have had: its own aliases, and those that follow from its parent's (step_generator.go generateAliases). */
export function aliasUrns(target: AliasTarget, aliases: readonly Alias[]): string[] {
  const own = aliases.map((alias) => resolveAlias(target, alias));
  const result = new Set(own);
  const oldParent = target.parent === "" ? undefined : target.renamed.get(target.parent);
  if (oldParent !== undefined) {
    result.add(inherited(target, oldParent, target.type, target.name));
    for (const urn of own) {
      const { type, name } = parseUrn(urn);
      result.add(inherited(target, oldParent, type, name));
    }
  }
  return [...result];
}
