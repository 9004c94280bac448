import { spawnSync } from "node:child_process";
import {
  calicoManifests,
  FELIX_SPEC,
  installationSpec,
  manifestScript,
} from "../../../../components/cluster/pods/calicoConfig";
import { ADDRESSES } from "../support/estate";

test("two pools within K3s' pod network, one for pods, one for tunnels; MTU less VXLAN", () => {
  const { calicoNetwork } = installationSpec({ addresses: ADDRESSES, networkMtu: 1450 });
  expect(calicoNetwork.mtu).toBe(1400);
  expect(calicoNetwork.nodeAddressAutodetectionV4).toEqual({ cidrs: ["10.0.0.0/16"] });
  expect(
    calicoNetwork.ipPools.map(({ cidr, allowedUses, encapsulation }) => ({ cidr, allowedUses, encapsulation })),
  ).toEqual([
    { cidr: "10.233.96.0/19", allowedUses: ["Workload"], encapsulation: "VXLAN" },
    { cidr: "10.233.64.0/24", allowedUses: ["Tunnel"], encapsulation: "VXLAN" },
  ]);
});

test("NetworkPolicies are asked before UFW forwards, and UFW's INPUT after them", () => {
  expect(FELIX_SPEC).toMatchObject({ chainInsertMode: "Insert", defaultEndpointToHostAction: "Return" });
});

test("networks that overlap or leave the pod network are refused, all at once", () => {
  const addresses = {
    ...ADDRESSES,
    workloadPoolCidr: "10.234.0.0/19",
    tunnelPoolCidr: "10.0.64.0/24",
    serviceCidr: "10.0.128.0/18",
  };
  expect(() => installationSpec({ addresses, networkMtu: 1450 })).toThrow(
    /workloadPoolCidr: found "10\.234\.0\.0\/19"; allowed: a network within[^]*tunnelPoolCidr: found "10\.0\.64\.0\/24"[^]*serviceCidr: found "10\.0\.128\.0\/18"; allowed: a network apart from networkCidr/,
  );
  expect(() =>
    installationSpec({ addresses: { ...ADDRESSES, tunnelPoolCidr: "10.233.96.0/24" }, networkMtu: 1450 }),
  ).toThrow('workloadPoolCidr: found "10.233.96.0/19"; allowed: a network apart from tunnelPoolCidr 10.233.96.0/24');
});

test("the manifests' script: everything fetched by HTTPS before anything is applied, a checksum verified where known", () => {
  const [crds, operator] = calicoManifests();
  if (crds === undefined || operator === undefined) throw new Error("manifests");
  const script = manifestScript([{ ...crds, sha256: "b".repeat(64) }, operator]);
  expect(script.lastIndexOf("curl ")).toBeLessThan(script.indexOf("kubectl apply"));
  expect(script).toContain(`echo '${"b".repeat(64)}  '`);
  expect(script).not.toContain("http://");
  expect(spawnSync("bash", ["-n"], { input: script }).status).toBe(0);
});
