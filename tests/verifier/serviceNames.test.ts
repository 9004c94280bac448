import { namesIn } from "../../verifier/ask/serviceNames";

const names = (text: string): ReturnType<typeof namesIn> =>
  namesIn({ type: "kubernetes:core/v1:ConfigMap", name: "c", inputs: { data: { text } } });

test.each([
  ["http://vault.vault.svc.cluster.local:8200/v1", { service: "vault", namespace: "vault", port: 8200, member: false }],
  ["llm-proxy.ai.svc:4000", { service: "llm-proxy", namespace: "ai", port: 4000, member: false }],
  ["grafana.monitoring.svc", { service: "grafana", namespace: "monitoring", port: undefined, member: false }],
  [
    "vault-0.members.vault.svc.cluster.local:8201",
    { service: "members", namespace: "vault", port: 8201, member: true },
  ],
])("%s", (text, name) => {
  expect(names(text)).toEqual([name]);
});

test("texts that name no Service", () => {
  expect(names("support.keybuzz.io:443 a.svcs.example 10.0.0.10:5432 x.y.svc.example.org")).toEqual([]);
});

test("several names in one text, each once", () => {
  expect(names("a.b.svc:1,a.b.svc:1,a.b.svc:2")).toHaveLength(2);
});
