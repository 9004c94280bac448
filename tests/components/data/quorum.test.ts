import { MistakesError } from "../../../components/mistakes";
import { assertNoProblems, quorumProblems, type QuorumRule } from "../../../components/data/quorum";
import { dataTier, hostsOf } from "./support/dataTier";

const majority: QuorumRule = { kind: "majority", voter: "etcd" };
const problems = (count: number, rule: QuorumRule = majority) =>
  quorumProblems("postgres.hosts", hostsOf("db", 10, count).hosts, rule);

describe("members of a cluster", () => {
  it.each([1, 3, 5, 7])("accepts %i voters", (count) => {
    expect(problems(count)).toEqual([]);
  });

  it.each([0, 2, 4, 6, 8, 9])("refuses %i voters", (count) => {
    expect(problems(count)).toHaveLength(1);
  });

  it("says what an even number lacks and how to mend it", () => {
    expect(problems(4)).toEqual([
      {
        path: "postgres.hosts",
        found: "4 member(s)",
        allowed: "an odd number of members for etcd, 3 to 7, or a single one without failover",
        fix: "add or remove one host: an even number tolerates no more losses than one less, and can split in halves",
      },
    ]);
  });

  it("refuses a single member where that is asked", () => {
    expect(problems(1, { ...majority, single: false })).toHaveLength(1);
  });

  it("lists a bad number and every repeated name and address together", () => {
    const twice = [
      { name: "a", address: "10.0.0.1" },
      { name: "a", address: "10.0.0.1" },
    ];
    expect(quorumProblems("x", twice, majority).map(({ path, found }) => [path, found])).toEqual([
      ["x", "2 member(s)"],
      ["x[].name", '"a"'],
      ["x[].address", '"10.0.0.1"'],
    ]);
  });

  it("throws everything at once, with path, value, what is allowed, and the fix", () => {
    expect(() => assertNoProblems("postgres", problems(2))).toThrow(MistakesError);
    expect(() => assertNoProblems("postgres", problems(2))).toThrow(
      /postgres\.hosts: found 2 member\(s\); allowed: .*; fix: add 1 host\(s\)/,
    );
  });

  it("holds for every cluster of the data tier", () => {
    expect(() => dataTier({ members: 2 })).toThrow(MistakesError);
    expect(() => dataTier({ minioMembers: 2 })).toThrow(
      /minio\.hosts: found 2 member\(s\); allowed: members for erasure coding, 4 or more/,
    );
    expect(() => dataTier({ members: 1 })).not.toThrow();
    expect(() => dataTier({ minioMembers: 4 })).not.toThrow();
  });
});
