import type { EmittedGraph } from "../../verifier/read/graph";
import { withFile } from "../../verifier/mutations/graphEdits";
import { findingsAfter } from "../incidents/support";
import { prodGraph } from "../support/emitted";

const HAPROXY = "/etc/haproxy/haproxy.cfg";
let prod: EmittedGraph;
beforeAll(() => {
  prod = prodGraph();
});

describe("sound: Redis' primary is whom the majority of the Sentinels names", () => {
  const PRIMARY = "redis-primary.redis-02";
  test.each([
    [
      "one vote is enough",
      (c: string) => c.replace(`nbsrv(${PRIMARY}.named) ge 2`, `nbsrv(${PRIMARY}.named) ge 1`),
      "1 of 3 decide",
    ],
    [
      "one member is never chosen",
      (c: string) => c.replace(new RegExp(`^.*use_backend ${PRIMARY} .*\n`, "m"), ""),
      "10.0.0.124 can be named, but nothing leads there",
    ],
    [
      "a vote for another",
      (c: string) => c.replace("string \\r\\n10.0.0.124\\r\\n", "string \\r\\n10.0.0.125\\r\\n"),
      "\\r\\n10.0.0.125\\r\\n",
    ],
    [
      "a Sentinel is not asked",
      (c: string) => c.replace(new RegExp(`(backend ${PRIMARY}.named\n(?: .*\n)*?)    server redis-03 .*\n`), "$1"),
      "10.0.0.125 cannot vote for it",
    ],
    [
      "a member for when nobody is named",
      (c: string) => c.replace(new RegExp(`^.*use_backend ${PRIMARY} .*\n`, "m"), `$&    default_backend ${PRIMARY}\n`),
      "redis-primary.redis-02 gets connections while the majority names nobody",
    ],
    [
      "all members that call themselves primary",
      (c: string) =>
        c.replace(/(backend redis-primary\.redis-02\n(?: .*\n)*)/, "$1    server redis-03 10.0.0.125:6379 check\n"),
      "every server that calls itself primary gets connections",
    ],
  ] as const)("%s", (_what, change, value) => {
    const findings = findingsAfter(prod, withFile("haproxy-01", HAPROXY, change));
    const values = findings
      .filter(({ question, at }) => question === "sound" && at === "HAProxy on haproxy-01")
      .map((one) => one.value);
    expect(values.join("\n")).toContain(value);
  });
});
