import { z } from "zod";
import { imageMistakes } from "../components/apps/imageRef";
import { isIpv4, isIpv4Cidr } from "../components/topology/addresses";

// Shapes that the parts of an environment have in common.

/** The same, whole and unchangeable: an environment is read, never written. */
export type Immutable<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Immutable<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Immutable<T[Key]> }
      : T;

/**
 * A text that keeps a rule. `allowed` says the rule in mistakes and in docs/environment.md; `example` keeps it, and
 * stands in for a mistaken text while the rest of the environment is judged (recover.ts).
 */
export function text(rule: RegExp | ((value: string) => boolean), allowed: string, example: string) {
  const keeps = rule instanceof RegExp ? (value: string) => rule.test(value) : rule;
  return z
    .string()
    .refine(keeps)
    .meta({ description: allowed, examples: [example] });
}

export const port = z.int().min(1).max(65535);
export const count = z.int().min(1).max(1000);
export const seconds = z.int().min(1).max(3600);
export const megabytes = z.int().min(1).max(5000);
export const address = text(isIpv4, "an IPv4 address", "10.0.0.10");
export const cidr = text(isIpv4Cidr, "an IPv4 network with zero host bits", "10.0.0.0/16");
export const hostname = text(
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  "lower-case letters, digits and hyphens, 63 at most",
  "db-master-01",
);
export const domain = text(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, "a domain name", "support.keybuzz.io");
export const image = text(
  (reference) => imageMistakes("", reference).length === 0,
  'an image with a tag other than "latest", or with a digest',
  "nginx:1.29.3-alpine",
);
export const urlPath = text(/^\/[A-Za-z0-9._\-/]*$/, '"/" and then letters, digits, ".", "_", "-", "/"', "/health");
export const variable = text(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  "letters, digits and underscores, no digit first",
  "LOG_LEVEL",
);
export const sentence = text(
  (words) => words.trim().length >= 20,
  "a sentence of 20 characters or more",
  "It can be computed again from the databases.",
);
