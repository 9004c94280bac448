/** A mistake in the shape of a cluster, in the words of whoever has to mend it. */
export interface ShapeProblem {
  /** Where: "postgres.hosts". */
  readonly path: string;
  /** What was found there. */
  readonly value: string;
  readonly allowed: string;
  readonly fix: string;
}

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
export function quorumProblems(path: string, members: readonly Member[], rule: QuorumRule): readonly ShapeProblem[] {
  return [
    ...countProblems(path, members.length, rule),
    ...duplicates(path, members, "name"),
    ...duplicates(path, members, "address"),
  ];
}

function countProblems(path: string, count: number, rule: QuorumRule): readonly ShapeProblem[] {
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
  return [{ path, value: `${count} member(s)`, allowed: `${odd} for ${rule.voter}, ${range}${single}`, fix }];
}

function duplicates(path: string, members: readonly Member[], field: keyof Member): readonly ShapeProblem[] {
  const values = members.map((member) => member[field]);
  const repeated = [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
  return repeated.map((value) => ({
    path: `${path}[].${field}`,
    value,
    allowed: `a ${field} of its own for each member`,
    fix: `give each host its own ${field}`,
  }));
}

/** The provider of a service was given something that cannot work. Lists everything at once. */
export class ServiceError extends Error {
  constructor(
    readonly service: string,
    readonly problems: readonly ShapeProblem[],
  ) {
    super(
      `${service}: ${problems.length} problem(s):\n${problems
        .map(({ path, value, allowed, fix }) => `  - ${path}: found ${value}; allowed: ${allowed}; fix: ${fix}`)
        .join("\n")}`,
    );
    this.name = "ServiceError";
  }
}

/** Throws all problems together, if there are any. */
export function assertNoProblems(service: string, problems: readonly ShapeProblem[]): void {
  if (problems.length > 0) throw new ServiceError(service, problems);
}
