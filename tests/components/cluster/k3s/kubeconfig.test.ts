import { parse } from "yaml";
import { rewriteKubeconfig } from "../../../../components/cluster/k3s/kubeconfig";

const WRITTEN = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: Q0E=
    server: https://127.0.0.1:6443
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
preferences: {}
users:
- name: default
  user:
    client-certificate-data: Q0VSVA==
    client-key-data: VkVSWS1TRUNSRVQ=
`;
const TARGET = { serverUrl: "https://203.0.113.9:6443", tlsServerName: "10.0.0.10" };

test("only the server's address changes, and its certificate stays verified under its own name", () => {
  const before = parse(WRITTEN) as { clusters: { cluster: object }[] };
  const after = parse(rewriteKubeconfig(WRITTEN, TARGET)) as { clusters: { cluster: object }[] };
  expect(after.clusters[0]?.cluster).toEqual({
    "certificate-authority-data": "Q0E=",
    server: "https://203.0.113.9:6443",
    "tls-server-name": "10.0.0.10",
  });
  expect({ ...after, clusters: [] }).toEqual({ ...before, clusters: [] });
  expect(JSON.stringify(after)).not.toContain("insecure");
});

test.each([
  ["not YAML", "{{{ VkVSWS1TRUNSRVQ="],
  ["another document", "apiVersion: v1\nkind: Secret\ndata: VkVSWS1TRUNSRVQ=\n"],
  ["empty", ""],
  ["no authority", WRITTEN.replace("    certificate-authority-data: Q0E=\n", "")],
  [
    "two clusters",
    WRITTEN.replace("clusters:\n", "clusters:\n- {name: other, cluster: {server: x, certificate-authority-data: y}}\n"),
  ],
])("%s is refused without showing the content", (_name, text) => {
  const run = (): string => rewriteKubeconfig(text, TARGET);
  expect(run).toThrow("kubeconfig of the first server");
  expect(run).not.toThrow("VkVSWS1TRUNSRVQ");
});

test.each(["http://203.0.113.9:6443", "203.0.113.9:6443", "https://203.0.113.9:6443/path"])(
  "server %s is refused",
  (serverUrl) => {
    expect(() => rewriteKubeconfig(WRITTEN, { ...TARGET, serverUrl })).toThrow(serverUrl);
  },
);
