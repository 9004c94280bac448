import { typesOfCrd } from "./crdSchema";
import { apiVersionOf, builtinTypes, type ExtraKind, type ResourceType } from "./wire/resourceType";
import type { Store } from "./store";

/** Which kinds the API knows: the built-in ones, those registered up front, and those of stored CRDs. */
export class Registry {
  private readonly fixed: readonly ResourceType[];
  private fromCrds: { readonly version: string; readonly types: readonly ResourceType[] } = { version: "", types: [] };

  constructor(
    private readonly store: Store,
    extraKinds: readonly ExtraKind[],
  ) {
    this.fixed = [
      ...builtinTypes,
      ...extraKinds.map((extra): ResourceType => ({ ...extra, schema: { source: "free" } })),
    ];
  }

  /** A CRD's kind takes the place of an extra kind of the same name. */
  all(): readonly ResourceType[] {
    const custom = this.custom();
    const same = (a: ResourceType, b: ResourceType): boolean =>
      a.group === b.group && a.version === b.version && a.plural === b.plural;
    return [...this.fixed.filter((type) => !custom.some((other) => same(type, other))), ...custom];
  }

  byPlural(group: string, version: string, plural: string): ResourceType | undefined {
    return this.all().find((type) => type.group === group && type.version === version && type.plural === plural);
  }

  byKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.all().find((type) => type.kind === kind && apiVersionOf(type) === apiVersion);
  }

  // The same ResourceType objects as long as no CRD changes: compiled schemas hang on them.
  private custom(): readonly ResourceType[] {
    const crds = this.store.list("apiextensions.k8s.io", "customresourcedefinitions");
    const version = crds.map((crd) => JSON.stringify(crd.metadata)).join("\n");
    if (version !== this.fromCrds.version) this.fromCrds = { version, types: crds.flatMap(typesOfCrd) };
    return this.fromCrds.types;
  }
}
