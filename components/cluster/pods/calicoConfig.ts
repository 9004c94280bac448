import { join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import { pinnedSum } from "../../pins";
import { refuse, shown, type Mistake } from "../../mistakes";
import type { AddressPlan } from "../../topology/addressPlan";
import { cidrContainsCidr, cidrsOverlap } from "../../topology/addresses";

/** Release whose operator and CRDs are installed; supports Kubernetes 1.35 (docs.tigera.io, requirements). */
export const CALICO_VERSION = "v3.31.7";

/** VXLAN adds 50 bytes to each packet (docs.tigera.io, MTU). */
const VXLAN_OVERHEAD_BYTES = 50;

/** A file that a server fetches and applies once per cluster. */
export interface Manifest {
  readonly url: string;
  /** 64 hex digits. Default: HTTPS and the release's tag are all there is to trust. */
  readonly sha256?: string;
  /** CRDs that must be established afterwards. */
  readonly establishes: readonly string[];
}

/** A file's URL, and its sum where that has been read. */
const pinnedFile = (url: string): Pick<Manifest, "url" | "sha256"> => ({ url, ...pinnedSum(url) });

/** In the order of their application. */
export function calicoManifests(version: string = CALICO_VERSION): readonly Manifest[] {
  const base = `https://raw.githubusercontent.com/projectcalico/calico/${version}/manifests`;
  return [
    {
      ...pinnedFile(`${base}/operator-crds.yaml`),
      establishes: ["installations.operator.tigera.io", "felixconfigurations.crd.projectcalico.org"],
    },
    { ...pinnedFile(`${base}/tigera-operator.yaml`), establishes: [] },
  ];
}

/**
 * spec.calicoNetwork.ipPools of operator.tigera.io/v1 Installation (tigera/operator api/v1/installation_types.go). Every
 * field is written out: what is left to its default the operator writes itself, becomes the owner of the whole list with
 * that, and the next `up` ends in a conflict (tigera/operator#5102).
 */
export interface CalicoPool {
  readonly name: string;
  readonly cidr: string;
  readonly blockSize: number;
  readonly encapsulation: "VXLAN";
  readonly natOutgoing: "Enabled" | "Disabled";
  readonly nodeSelector: string;
  readonly allowedUses: readonly ("Workload" | "Tunnel")[];
  readonly disableBGPExport: boolean;
  readonly assignmentMode: "Automatic" | "Manual";
  readonly disableNewAllocations: boolean;
}

/** The part of operator.tigera.io/v1 Installation that is set here. */
export interface InstallationSpec {
  readonly variant: "Calico";
  readonly calicoNetwork: {
    readonly linuxDataplane: "Iptables";
    readonly bgp: "Disabled";
    /** Bytes; inside the tunnel. */
    readonly mtu: number;
    readonly hostPorts: "Disabled";
    readonly containerIPForwarding: "Enabled";
    readonly nodeAddressAutodetectionV4: { readonly cidrs: readonly string[] };
    readonly ipPools: readonly CalicoPool[];
  };
  /** Nothing uses FlexVolumes, and the directory is read-only on some images. */
  readonly flexVolumePath: "None";
}

/** The part of crd.projectcalico.org/v1 FelixConfiguration that is set here. */
export interface FelixSpec {
  /**
   * Insert: Calico's chains come before UFW's. In FORWARD that is what enforces NetworkPolicies at all: with routed
   * traffic allowed, UFW's own chain accepts every new forwarded connection (ufw-init-functions,
   * ufw-track-forward), so Calico's rules behind it (Append) would never be asked.
   */
  readonly chainInsertMode: "Insert";
  /**
   * Return: what a pod sends to its own node goes on to UFW's INPUT after the policies, so the node's firewall
   * decides. Accept would open every port of the node to its pods.
   */
  readonly defaultEndpointToHostAction: "Return";
  readonly ipv6Support: false;
  readonly logSeverityScreen: "Warning";
}

export interface CalicoArgs {
  readonly addresses: AddressPlan;
  /** Bytes that the private network carries: 1450 on Hetzner. */
  readonly networkMtu: number;
}

/**
 * Two pools within K3s' cluster-cidr: pods get addresses from one, the nodes' VXLAN interfaces from the other, so
 * that a policy can tell a process on a node (the ingress) from a pod.
 *
 * @throws MistakesError with every mistake at once.
 */
export function installationSpec({ addresses, networkMtu }: CalicoArgs): InstallationSpec {
  refuse("Calico", addressMistakes(addresses));
  const pool = {
    encapsulation: "VXLAN",
    nodeSelector: "all()",
    disableBGPExport: true,
    assignmentMode: "Automatic",
    disableNewAllocations: false,
  } as const;
  return {
    variant: "Calico",
    calicoNetwork: {
      linuxDataplane: "Iptables",
      bgp: "Disabled",
      mtu: networkMtu - VXLAN_OVERHEAD_BYTES,
      hostPorts: "Disabled",
      containerIPForwarding: "Enabled",
      nodeAddressAutodetectionV4: { cidrs: [addresses.networkCidr] },
      ipPools: [
        {
          name: "workloads",
          cidr: addresses.workloadPoolCidr,
          blockSize: 26,
          natOutgoing: "Enabled",
          allowedUses: ["Workload"],
          ...pool,
        },
        {
          name: "tunnels",
          cidr: addresses.tunnelPoolCidr,
          // One address per node, so one per block: a /24 serves 256 nodes (docs/decisions/0005).
          blockSize: 32,
          natOutgoing: "Disabled",
          allowedUses: ["Tunnel"],
          ...pool,
        },
      ],
    },
    flexVolumePath: "None",
  };
}

export const FELIX_SPEC: FelixSpec = {
  chainInsertMode: "Insert",
  defaultEndpointToHostAction: "Return",
  ipv6Support: false,
  logSeverityScreen: "Warning",
};

function addressMistakes(addresses: AddressPlan): readonly Mistake[] {
  const { networkCidr, podCidr, serviceCidr, workloadPoolCidr, tunnelPoolCidr } = addresses;
  const mistakes: Mistake[] = [];
  const apart = (nameA: string, a: string, nameB: string, b: string): void => {
    if (cidrsOverlap(a, b))
      mistakes.push({
        path: nameA,
        found: shown(a),
        allowed: `a network apart from ${nameB} ${b}`,
        fix: "give one of them another range",
      });
  };
  for (const [name, cidr] of [
    ["workloadPoolCidr", workloadPoolCidr],
    ["tunnelPoolCidr", tunnelPoolCidr],
  ] as const) {
    if (!cidrContainsCidr(podCidr, cidr)) {
      mistakes.push({
        path: name,
        found: shown(cidr),
        allowed: `a network within podCidr ${podCidr}, K3s' cluster-cidr`,
        fix: "choose a part of it",
      });
    }
  }
  apart("workloadPoolCidr", workloadPoolCidr, "tunnelPoolCidr", tunnelPoolCidr);
  apart("podCidr", podCidr, "serviceCidr", serviceCidr);
  apart("podCidr", podCidr, "networkCidr", networkCidr);
  apart("serviceCidr", serviceCidr, "networkCidr", networkCidr);
  return mistakes;
}

/**
 * Fetches and applies the manifests, on a server. Idempotent: server-side apply of the same text changes nothing.
 * Every file is fetched before the first is applied.
 */
export function manifestScript(manifests: readonly Manifest[]): string {
  return shellScript(join(__dirname, "applyManifests.sh"), {
    urls: manifests.map(({ url }) => url),
    sums: manifests.map(({ sha256 }) => sha256 ?? ""),
    establishes: manifests.map(({ establishes }) => establishes.map((crd) => `crd/${crd}`).join(" ")),
  });
}
