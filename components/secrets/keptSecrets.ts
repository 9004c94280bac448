import type { Kept } from "./kept";
import type { SecretSpec } from "./secretRef";

/** Of the secrets that cannot be made anew: their ids as well as their owners are names to consent by. */
export interface KeptSecret extends Kept {
  readonly id: string;
}

/** Name of an authority's key and certificate. */
export const authorityName = (authority: string): string => `${authority}-ca`;

/**
 * Secrets with which something is lost for ever: keys that encrypt data, and authorities. A login is none of them; its
 * service and its consumers are given another in the same run.
 */
export function keptSecrets(specs: readonly SecretSpec[]): readonly KeptSecret[] {
  const authorities = specs.flatMap((spec) => (spec.kind === "certificate" ? [spec.certificate.authority] : []));
  return [
    ...specs.flatMap((spec) =>
      spec.kind === "generated" && spec.kept !== undefined ? [{ id: spec.id, ...spec.kept }] : [],
    ),
    ...[...new Set(authorities)].sort().map((authority) => ({
      id: authorityName(authority),
      owner: authority,
      loses: `the authority "${authority}": whatever trusts it trusts nobody until it is given another`,
    })),
  ];
}
