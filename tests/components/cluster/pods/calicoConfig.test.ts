import { createHash } from "node:crypto";
import {
  calicoManifests,
  FELIX_SPEC,
  installationSpec,
  manifestScript,
  type Manifest,
} from "../../../../components/cluster/pods/calicoConfig";
import { reassign } from "../../../support/shellHeader";
import { StubbedHost } from "../../../support/stubbedHost";
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

test("every field of a pool is written out: what the operator fills in, it owns (tigera/operator#5102)", () => {
  const { calicoNetwork } = installationSpec({ addresses: ADDRESSES, networkMtu: 1450 });
  // Those of the operator's IPPool that it has defaults for (api/v1/installation_types.go, pkg/controller/ippool/defaults.go).
  const filledIn = [
    "name",
    "encapsulation",
    "natOutgoing",
    "nodeSelector",
    "blockSize",
    "disableBGPExport",
    "allowedUses",
    "assignmentMode",
    "disableNewAllocations",
  ];
  for (const pool of calicoNetwork.ipPools) expect(Object.keys(pool)).toEqual(expect.arrayContaining(filledIn));
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

describe("the manifests' script, run by bash against commands that remember", () => {
  let host: StubbedHost;
  beforeEach(() => {
    host = new StubbedHost();
    host.stub("k3s");
    // The last of the arguments is the URL, and its file holds it.
    host.stub("curl", 'while [[ $1 != -o ]]; do shift; done; printf %s "$3" >"$2"; [[ $3 != *"$ABSENT"* ]]');
  });
  afterEach(() => host.dispose());

  const sha256 = (url: string): string => createHash("sha256").update(url).digest("hex");
  const run = (manifests: readonly Manifest[], absent = "nothing is absent") =>
    host.run(reassign(manifestScript(manifests), { k3s: host.path("k3s") }), { ABSENT: absent });
  const verbs = (asked: readonly string[]): readonly string[] =>
    asked.map((call) => call.replace(/^curl .*\//, "curl ").replace(/^(k3s kubectl \w+) .*/, "$1"));

  test("fetches everything by HTTPS before it applies anything, and waits for what must be established", () => {
    const { status, error, asked } = run(calicoManifests());
    expect({ status, error }).toEqual({ status: 0, error: "" });
    expect(verbs(asked)).toEqual([
      "curl operator-crds.yaml",
      "curl tigera-operator.yaml",
      "k3s kubectl apply",
      "k3s kubectl wait",
      "k3s kubectl apply",
    ]);
    for (const call of asked.slice(0, 2))
      expect(call).toMatch(/--proto =https .* https:\/\/raw\.githubusercontent\.com\//);
    expect(asked[3]).toMatch(
      / crd\/installations\.operator\.tigera\.io crd\/felixconfigurations\.crd\.projectcalico\.org$/,
    );
  });

  test("applies nothing where one cannot be fetched", () => {
    const { status, asked } = run(calicoManifests(), "tigera-operator");
    expect([status === 0, verbs(asked)]).toEqual([false, ["curl operator-crds.yaml", "curl tigera-operator.yaml"]]);
  });

  test("verifies a checksum where one is known", () => {
    const manifests = calicoManifests().map((manifest) => ({ ...manifest, sha256: sha256(manifest.url) }));
    expect(run(manifests).status).toBe(0);
    const [first, ...rest] = manifests;
    const { status, error, asked } = run([{ ...(first as Manifest), sha256: "b".repeat(64) }, ...rest]);
    expect([status, verbs(asked)]).toEqual([1, ["curl operator-crds.yaml"]]);
    expect(error).toMatch(/^calico: https:.*operator-crds\.yaml does not match its checksum$/m);
  });
});
