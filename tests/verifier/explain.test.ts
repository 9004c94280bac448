// What the verifier says of single ways through prod.
import type { EmittedGraph } from "../../verifier/read/graph";
import { explain } from "../../verifier/explain";
import { UnknownEndError } from "../../verifier/explainUndeclared";
import { prodGraph } from "../support/emitted";

let prod: EmittedGraph;
beforeAll(() => {
  prod = prodGraph();
});

describe("explain", () => {
  test("hop by hop, with every filter and limit", () => {
    const text = explain(prod, "chatwoot-web", "postgres:5432");
    expect(text).toContain("passes   NetworkPolicies of chatwoot/chatwoot-web");
    expect(text).toMatch(/passes {3}IPPool 10\.233\.96\.0\/19: natOutgoing {3}\[the source becomes 10\.0\.0\.1\d\d/);
    expect(text).toContain("passes   lb-data: service 5432 -> ");
    expect(text).toMatch(
      /passes {3}UFW of haproxy-0\d: -A ufw-user-input -p tcp --dport \d+ -s 10\.0\.0\.10 -j ACCEPT/,
    );
    expect(text).toMatch(/passes {3}UFW of db-(master|slave)-0\d: /);
    expect(text).toMatch(/limit: haproxy-01, timeout client of frontend \S+: \d+ s of silence/);
    expect(text).not.toContain("BLOCKED");
  });

  test("the hops of a public route", () => {
    const text = explain(prod, "the internet", "support.keybuzz.io/cable");
    expect(text).toContain("limit: load balancer lb-keybuzz-1: 300 s of silence");
    expect(text).toContain("limit: ingress-nginx, sending: 30 s of silence");
  });

  test("two ends that nobody declared: the filter that stops them first, and what to declare", () => {
    const text = explain(prod, "keybuzz-front", "lb-data:5432");
    expect(text).toMatch(
      /^keybuzz\/keybuzz-front -> lb-data:5432\/tcp \(postgres\/leader\)\n {2}for: nobody's: not declared/,
    );
    expect(text).toContain("BLOCKED  NetworkPolicies of keybuzz/keybuzz-front: missing egress to lb-data tcp 5432");
    expect(text).toMatch(/keybuzz-front must need it \(docs\/applications\.md\): needs: \{ postgres: \{\} \}\.$/);
    const mail = explain(prod, "keybuzz-api", "internet:587");
    expect(mail).toContain("BLOCKED  NetworkPolicies of keybuzz/keybuzz-api: missing egress to the internet tcp 587");
    expect(mail).toContain("needs: { internet: [{ port: 587,");
  });

  test("between machines, too", () => {
    const text = explain(prod, "redis-01", "db-master-01:22");
    expect(text).toContain("BLOCKED  UFW of db-master-01: missing allow tcp 22");
    expect(text).toContain("asks its provider for it");
  });

  test("an end that nobody has: what there is", () => {
    expect(() => explain(prod, "chatwoot", "nonsense")).toThrow(UnknownEndError);
    expect(() => explain(prod, "chatwoot-web", "nonsense")).toThrow(/postgres\//);
  });
});
