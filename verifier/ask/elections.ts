import type { HaproxySection } from "../read/haproxy";
import type { Host } from "../read/hosts";

interface ElectionProblem {
  readonly rule: string;
  readonly value: string;
  readonly remedy: string;
}

/**
 * Where HAProxy lets Sentinels choose among servers: all servers have all Sentinels to vote for them, more than half
 * decide, and a vote is for the server that it leads to.
 */
export function electionProblems(host: Host, frontend: HaproxySection): readonly ElectionProblem[] {
  const section = (name: string): HaproxySection | undefined =>
    host.haproxy?.sections.find((one) => one.kind === "backend" && one.name === name);
  const all = new Set(
    frontend.choices.flatMap(({ voters }) => section(voters)?.servers.map(({ address }) => address) ?? []),
  );
  const chosen = new Set(
    frontend.choices.flatMap(({ backend }) => section(backend)?.servers.map(({ address }) => address) ?? []),
  );
  const missing = [...all].filter((address) => !chosen.has(address));
  return [
    ...(frontend.choices.length === 0 || frontend.defaultBackend === undefined
      ? []
      : [
          {
            rule: `default_backend of ${frontend.name}`,
            value: `${frontend.defaultBackend} gets connections while the majority names nobody`,
            remedy: "take it away: then they are refused",
          },
        ]),
    ...(missing.length === 0
      ? []
      : [
          {
            rule: `use_backend of ${frontend.name}`,
            value: `${missing.join(", ")} can be named, but nothing leads there`,
            remedy: "a use_backend for each member",
          },
        ]),
    ...frontend.choices.flatMap(({ backend, voters, votes }) => {
      const rule = `use_backend ${backend}`;
      const [server, ...more] = section(backend)?.servers ?? [];
      const ballot = section(voters);
      if (server === undefined || more.length > 0)
        return [{ rule, value: `${1 + more.length} servers behind one vote`, remedy: "one server for each" }];
      if (ballot === undefined)
        return [{ rule, value: `no section ${voters}`, remedy: "name the section of those who vote" }];
      const silent = [...all].filter((address) => !ballot.servers.some((one) => one.address === address));
      const vote = `\\r\\n${server.address}\\r\\n`;
      return [
        ...(silent.length === 0
          ? []
          : [{ rule, value: `${silent.join(", ")} cannot vote for it`, remedy: `all in ${voters}` }]),
        ...(votes * 2 > all.size
          ? []
          : [{ rule, value: `${votes} of ${all.size} decide`, remedy: "more than half: two halves may disagree" }]),
        ...(ballot.check.expects.includes(vote)
          ? []
          : [
              {
                rule: `tcp-check expect of ${voters}`,
                value: ballot.check.expects.join(", ") || "nothing",
                remedy: `${vote}: the address that it leads to`,
              },
            ]),
      ];
    }),
  ];
}
