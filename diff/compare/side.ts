import { partyLabel, readDeclaration, type Declaration, type DeclaredParty } from "../../verifier/declaration";
import type { Verdict } from "../../verifier/finding";
import { buildWorld, type World } from "../../verifier/read/world";
import { verify } from "../../verifier/verify";
import { podsOf } from "../../verifier/walk/parties";
import { Paths } from "../../verifier/walk/paths";
import { NotComparableError, toGraph, type EmittedEstate } from "../model/emitted";

/** One of the two estates, as the verifier of today reads it. */
export interface Side {
  readonly estate: EmittedEstate;
  readonly declaration: Declaration;
  readonly verdict: Verdict;
  readonly world: World;
  readonly paths: Paths;
}

/** @throws NotComparableError where it declares nothing */
export function readSide(estate: EmittedEstate, of: string): Side {
  const graph = toGraph(estate);
  const declaration = readDeclaration(graph);
  if (declaration === undefined) throw new NotComparableError(`${of} declares no flows: nobody's way can be compared`);
  const world = buildWorld(graph);
  return { estate, declaration, verdict: verify(graph), world, paths: new Paths(world) };
}

/** Everybody that a party is, by name. */
export function members(party: DeclaredParty): readonly string[] {
  switch (party.kind) {
    case "hosts":
      return party.hosts;
    case "operators":
      return party.cidrs.map((cidr) => `operators (${cidr})`);
    default:
      return [partyLabel(party)];
  }
}

/** Whom a side does not have. */
export function strangersTo({ world, declaration }: Side): (label: string) => boolean {
  const named = declaration.flows.flatMap((flow) => [...members(flow.from), ...members(flow.to.provider)]);
  const pods = podsOf(world, { kind: "anyPod" }).map(({ label }) => label);
  const known = new Set([...world.hosts.keys(), ...world.balancers.keys(), ...named, ...pods]);
  // Networks of people are no machines that come and go.
  return (label) => /^[\w.-]+(\/[\w.-]+)?$/.test(label) && !known.has(label);
}
