// What the verifier says of single ways through prod.
import type { EmittedGraph } from "../../verifier/read/graph";
import { explain } from "../../verifier/explain";
import { UnknownEndError } from "../../verifier/explainEnds";
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

  // What people ask, as they would write it.
  test.each<readonly [from: string, to: string, says: readonly RegExp[]]>([
    ["keybuzz-front", "keybuzz-api:80", [/BLOCKED {2}NetworkPolicies of keybuzz\/keybuzz-front/, /apps: \[\{ app: "keybuzz-api", variables/]],
    ["keybuzz-api:80", "chatwoot-web", [/^keybuzz\/keybuzz-api -> chatwoot\/chatwoot-web:3000/, /Only entries of workloads\.apps/]],
    ["n8n", "postgres", [/^n8n\/n8n-main -> lb-data:5432/, /\nn8n\/n8n-worker -> lb-data:5432/]],
    ["superset", "mariadb:3306", [/BLOCKED {2}NetworkPolicies of superset\/superset-web/, /it must not: .* needs: \{ mariadb: \{\} \}/]],
    ["internet", "db-master-01:5432", [/1 paths, 1 blocked/, /BLOCKED {2}db-master-01: missing a public interface/, /through the bastion/]],
    ["operators", "grafana", [/1 paths, 1 blocked/, /pods have no address outside of the cluster/, /expose: .*audience: "operators"/]],
    ["operator", "bastion-01:22", [/^operators .* -> bastion-01:22/, /passes {3}Hetzner firewall/]],
    ["bastion-01", "db-master-01:22", [/^bastion-01 -> db-master-01:22/, /1 paths, all open/]],
    ["db-master-01", "chatwoot-web", [/BLOCKED .*nodes and pods alone, and db-master-01 is neither/]],
    ["k3s-worker-01", "db-master-01:5432", [/^k3s-worker-01 -> db-master-01:5432/, /BLOCKED {2}UFW of db-master-01/]],
    ["db-master-01", "internet:443", [/NAT on bastion-01/, /It is open, though nobody declared it\.$/]],
    ["keybuzz-api", "10.0.0.10:6432", [/^10\.0\.0\.10 is lb-data\.\n\nkeybuzz\/keybuzz-api -> lb-data:6432/, /all open/]],
    ["keybuzz-api", "6432", [/^keybuzz\/keybuzz-api -> lb-data:6432/]],
    ["keybuzz-api", "api.openai.com", [/^api\.openai\.com is nobody of the estate: the internet/, /the internet:443/, /internet: \[\{ port: 443/]],
    ["internet", "https://support.keybuzz.io/api/v1", [/^upload support\.keybuzz\.io\/api -> chatwoot\/chatwoot-web: for everybody/]],
    ["keybuzz-front", "support.keybuzz.io", [/BLOCKED .* egress to the internet tcp 443/, /websocket support\.keybuzz\.io\/cable/]],
  ])("%s -> %s", (from, to, says) => {
    const text = explain(prod, from, to);
    for (const said of says) expect(text).toMatch(said);
    expect(text).not.toMatch(/ 0 paths/);
  }); // prettier-ignore

  test("an end that nobody has: what there is", () => {
    expect(() => explain(prod, "chatwot", "postgres")).toThrow(/near it: chatwoot\//);
    expect(() => explain(prod, "internet", "nowhere.keybuzz.io")).toThrow(
      /support\.keybuzz\.io[\s\S]*expose: \[\{ host/,
    );
    expect(() => explain(prod, "chatwoot", "nonsense")).toThrow(UnknownEndError);
    expect(() => explain(prod, "chatwoot-web", "nonsense")).toThrow(/postgres\//);
  });
});
