import { refuse, shown, type Mistake } from "../mistakes";

/** What a cluster of this kind can have as its number of members. */
export interface QuorumRule {
  /** "majority": an odd number, 3 or more, so that one loss leaves a majority; "replicas": any number from `minimum`. */
  readonly kind: "majority" | "replicas";
  /** Fewest members. Default 3 for "majority", 1 for "replicas". */
  readonly minimum?: number;
  /** Largest number of members. Default 7 for "majority" (every write waits for a majority), none for "replicas". */
  readonly maximum?: number;
  /** May it be a single member, without any failover? Default true: small stacks. */
  readonly single?: boolean;
  /** "etcd", "Sentinel": who counts the votes. */
  readonly voter: string;
}

/** Names and addresses are what a cluster is known by; two members with one name or address are one member. */
export interface Member {
  readonly name: string;
  readonly address: string;
}

const DEFAULT_MAXIMUM = 7;

/** All mistakes in a cluster's members at once. Empty: it can form and keep a quorum. */
export function quorumProblems(path: string, members: readonly Member[], rule: QuorumRule): readonly Mistake[] {
  return [
    ...countProblems(path, members.length, rule),
    ...duplicates(path, members, "name"),
    ...duplicates(path, members, "address"),
  ];
}

function countProblems(path: string, count: number, rule: QuorumRule): readonly Mistake[] {
  if (count === 1 && rule.single !== false) return [];
  const minimum = rule.minimum ?? (rule.kind === "majority" ? 3 : 1);
  const maximum = rule.maximum ?? (rule.kind === "majority" ? DEFAULT_MAXIMUM : Infinity);
  const even = rule.kind === "majority" && count % 2 === 0;
  if (count >= minimum && count <= maximum && !even) return [];
  const odd = rule.kind === "majority" ? "an odd number of members" : "members";
  const range =
    maximum === Infinity
      ? `${minimum} or more`
      : minimum === maximum
        ? `exactly ${minimum}`
        : `${minimum} to ${maximum}`;
  const single = rule.single === false ? "" : ", or a single one without failover";
  const fix =
    count < minimum
      ? `add ${minimum - count} host(s)`
      : count > maximum
        ? `remove ${count - maximum} host(s)`
        : "add or remove one host: an even number tolerates no more losses than one less, and can split in halves";
  return [{ path, found: `${count} member(s)`, allowed: `${odd} for ${rule.voter}, ${range}${single}`, fix }];
}

function duplicates(path: string, members: readonly Member[], field: keyof Member): readonly Mistake[] {
  const values = members.map((member) => member[field]);
  const repeated = [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
  return repeated.map((value) => ({
    path: `${path}[].${field}`,
    found: shown(value),
    allowed: `a ${field} of its own for each member`,
    fix: `give each host its own ${field}`,
  }));
}

/** @throws MistakesError where the provider of a service was given something that cannot work */
export function assertNoProblems(service: string, problems: readonly Mistake[]): void {
  refuse(`service "${service}"`, problems);
}
