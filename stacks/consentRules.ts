import type { Environment } from "./environment";
import { InputError, type Mistake } from "./mistakes";
import { HOST_ROLES, ROLES } from "./roles";

/**
 * Who may be replaced at once: of machines that vote, fewer than half, or the rest is no majority any more and what
 * they hold stands still. The stack's own name stands for its end, where that is no matter; a machine that stands
 * alone has no majority to lose; those that are not in the environment any more do not count.
 *
 * @throws InputError with every group that would lose its majority
 */
export function checkConsent(environment: Environment, consent: readonly string[]): void {
  if (consent.includes(environment.name)) return;
  const mistakes = HOST_ROLES.filter((role) => ROLES[role].votes).flatMap((role): readonly Mistake[] => {
    const members = environment.hosts.filter((host) => host.role === role).map(({ name }) => name);
    const named = members.filter((name) => consent.includes(name));
    const spare = Math.floor((members.length - 1) / 2);
    if (members.length < 2 || named.length <= spare) return [];
    return [
      {
        path: "keybuzz:consentToDelete",
        found: named,
        problem: `takes ${named.length} of ${members.length} with role "${role}" at once, and ${spare === 0 ? "none" : `no more than ${spare}`} can go without the others losing their majority; replace one, wait until it is back, then the next; or name the stack ("${environment.name}") to delete it whole`,
      },
    ];
  });
  if (mistakes.length > 0) throw new InputError("the stack's configuration", mistakes);
}
