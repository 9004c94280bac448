import { resolve } from "node:path";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Schema = { readonly [keyword: string]: Json };

/** One method of one path. Schemas are JSON Schema; a `$ref` leads to the contract's own `$defs`. */
export interface ContractOperation {
  /** The parameters after "?", as an object. */
  readonly query?: Schema;
  readonly body?: Schema;
  /** By status: "201", or "4xx" for all that begin like that. */
  readonly responses: Readonly<Record<string, Schema | "empty">>;
}

/** What Hetzner's API is held to: paths, fields, types, enumerations and limits, without any text. */
export interface ContractFile {
  readonly source: string;
  /** By method and path, e.g. "DELETE /servers/{id}". */
  readonly operations: Readonly<Record<string, ContractOperation>>;
  readonly $defs: Readonly<Record<string, Schema>>;
}

export const CONTRACT_FILE = resolve(__dirname, "contract.json");
