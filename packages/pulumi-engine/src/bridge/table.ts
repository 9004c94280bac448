import type { Value } from "../provider";
import hcloud from "./tables/hcloud.json";
import random from "./tables/random.json";
import tls from "./tables/tls.json";

/** The shape of a value, as the providers' schemas have it. */
export type Shape =
  | "string"
  | "integer"
  | "number"
  | "boolean"
  | { readonly map: Shape }
  | { readonly list: Shape }
  | { readonly object: PropertyTable };

/** What a provider's schema says of one property; what is absent is not so. */
export interface PropertyFacts {
  readonly type: Shape;
  /** Never an input. */
  readonly output?: boolean;
  /** As an input. */
  readonly required?: boolean;
  /** The provider decides it where the inputs do not. */
  readonly computed?: boolean;
  /** Drawn from the logical name where it is not given. */
  readonly autonamed?: boolean;
  /** A change replaces the resource. Only providers of the older kind say so. */
  readonly replace?: boolean;
  readonly secret?: boolean;
  readonly default?: Value;
}

export type PropertyTable = Readonly<Record<string, PropertyFacts>>;

/** One file of tables/, made by tools/providerTable.ts. */
export interface ProviderTable {
  readonly package: string;
  /** Of the provider whose schema it was made from. */
  readonly version: string;
  /** By type token. */
  readonly resources: Readonly<Record<string, PropertyTable>>;
}

/** The providers that the engine has tables of; they are all made with Pulumi's Terraform bridge. */
export const PROVIDER_TABLES = { hcloud, random, tls } as unknown as Readonly<
  Record<"hcloud" | "random" | "tls", ProviderTable>
>;
