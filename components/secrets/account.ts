/** Ends the name of an account's second half. No consumer's own name may end in it. */
export const SECOND_SUFFIX = "_b";

/** The login of one consumer at a service, with the place of its secret. */
export interface Account {
  /** Who logs in now. */
  readonly user: string;
  /** Placeholder. */
  readonly password: string;
  /** Who logged in before the last rotation, and may no longer once every consumer has the new login. Absent: never rotated. */
  readonly retired?: string;
}

/**
 * An account that is rotated by taking turns between two users, NAME and NAME_b, for services that know one password
 * per user: each rotation gives the idle one a new password, so that old and new work side by side until the old one
 * is retired (docs/decisions/0010).
 */
export function alternatingAccount(name: string, rotation: number, password: string): Account {
  const second = `${name}${SECOND_SUFFIX}`;
  const [user, other] = rotation % 2 === 0 ? [name, second] : [second, name];
  return { user, password, ...(rotation === 0 ? {} : { retired: other }) };
}
