import { parseKubeconfig } from "@standin/kubernetes-api/wire/connection";
import { kubeconfig } from "../../../../components/cluster/k3s/kubeconfig";

const pem = (label: string, text: string): string => `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;
const ARGS = {
  name: "keybuzz-prod",
  serverUrl: "https://203.0.113.9:6443",
  tlsServerName: "10.0.0.10",
  serverAuthority: pem("CERTIFICATE", "U0VSVkVS"),
  clientCertificate: pem("CERTIFICATE", "Q0xJRU5U"),
  clientKey: pem("EC PRIVATE KEY", "VkVSWS1TRUNSRVQ="),
};

test("the server is dialled at one address, and verified under its own name against its own authority", () => {
  const text = kubeconfig(ARGS);
  expect(parseKubeconfig(text)).toEqual({
    server: "https://203.0.113.9:6443",
    serverName: "10.0.0.10",
    ca: ARGS.serverAuthority,
    insecure: false,
    certificate: ARGS.clientCertificate,
    key: ARGS.clientKey,
    namespace: "default",
  });
  expect(text).not.toContain("insecure");
});

test.each([
  ["clientKey", ARGS.clientCertificate],
  ["clientKey", "VkVSWS1TRUNSRVQ="],
  ["clientCertificate", ARGS.clientKey],
  ["serverAuthority", ""],
])("%s that is none is refused without showing the content", (what, text) => {
  const run = (): string => kubeconfig({ ...ARGS, [what]: text });
  expect(run).toThrow(`${what} is not a`);
  expect(run).not.toThrow("VkVSWS1TRUNSRVQ");
});

test.each(["http://203.0.113.9:6443", "203.0.113.9:6443", "https://203.0.113.9:6443/path"])(
  "server %s is refused",
  (serverUrl) => {
    expect(() => kubeconfig({ ...ARGS, serverUrl })).toThrow(serverUrl);
  },
);
