import { shown, type Mistake } from "../components/mistakes";
import type { Environment } from "./environment";
import { HOST_ROLES, ROLES } from "./roles";

/**
 * Who may be replaced at once: of machines that vote, fewer than half, or the rest is no majority any more and what
 * they hold stands still. The stack's own name stands for its end, where that is no matter; a machine that stands
 * alone has no majority to lose; those that are not in the environment any more do not count.
 */
export function consentMistakes(environment: Environment, consent: readonly string[]): readonly Mistake[] {
  if (consent.includes(environment.name)) return [];
  return [...votersGone(environment, consent), ...everybodyGone(environment, consent)];
}

/** Machines that do not vote serve as long as one of them is there: not all of several may go at once. */
function everybodyGone(environment: Environment, consent: readonly string[]): readonly Mistake[] {
  return HOST_ROLES.filter((role) => !ROLES[role].votes).flatMap((role): readonly Mistake[] => {
    const members = environment.hosts.filter((host) => host.role === role).map(({ name }) => name);
    if (members.length < 2 || !members.every((name) => consent.includes(name))) return [];
    return [
      {
        path: "keybuzz:consentToDelete",
        found: `${shown(members)}, all with role "${role}" at once`,
        allowed: "all but one of them: what leads through them stands still otherwise",
        fix: `replace one, wait until it is back, then the next; or name the stack ("${environment.name}") to delete it whole`,
      },
    ];
  });
}

function votersGone(environment: Environment, consent: readonly string[]): readonly Mistake[] {
  return HOST_ROLES.filter((role) => ROLES[role].votes).flatMap((role): readonly Mistake[] => {
    const members = environment.hosts.filter((host) => host.role === role).map(({ name }) => name);
    const named = members.filter((name) => consent.includes(name));
    const spare = Math.floor((members.length - 1) / 2);
    if (members.length < 2 || named.length <= spare) return [];
    return [
      {
        path: "keybuzz:consentToDelete",
        found: `${shown(named)}, ${named.length} of ${members.length} with role "${role}" at once`,
        allowed: `${spare === 0 ? "none" : `no more than ${spare}`} of them, or the others lose their majority`,
        fix: `replace one, wait until it is back, then the next; or name the stack ("${environment.name}") to delete it whole`,
      },
    ];
  });
}
