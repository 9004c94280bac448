import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CONTRACT_FILE, type ContractFile, type Json } from "./contractFile";

/** Where Hetzner differs from the description that the contract was made from: changed since, or wrong there. */
export interface Amendment {
  /** Day it took effect; the month of the client that knows it where only that is known; "always". */
  readonly since: string;
  readonly what: string;
  readonly source: string;
  /** Does the local cloud do it already? Then the contract demands it. */
  readonly followed: boolean;
  /** What it changes in the contract, as a JSON merge patch (RFC 7386). Absent where schemas cannot say it. */
  readonly patch?: Json;
}

const AMENDMENTS_FILE = resolve(__dirname, "amendments.json");

const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

export const readAmendments = (): readonly Amendment[] => read(AMENDMENTS_FILE) as Amendment[];

/** The contract as the description gave it. */
export const readContract = (): ContractFile => read(CONTRACT_FILE) as ContractFile;

/** RFC 7386: null removes, objects are merged, everything else takes the place of what was there. */
function mergePatch(target: Json | undefined, patch: Json): Json {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const merged: Record<string, Json> =
    target !== null && typeof target === "object" && !Array.isArray(target)
      ? { ...(target as Record<string, Json>) }
      : {};
  for (const [key, value] of Object.entries(patch as Record<string, Json>)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

export const amend = (contract: ContractFile, amendment: Amendment): ContractFile =>
  amendment.patch === undefined
    ? contract
    : (mergePatch(contract as unknown as Json, amendment.patch) as unknown as ContractFile);

/** What the local cloud is held to: the description, and what changed since and is followed. */
export const loadContract = (): ContractFile =>
  readAmendments()
    .filter((amendment) => amendment.followed)
    .reduce(amend, readContract());
