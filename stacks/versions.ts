import { pinnedImage } from "../components/pins";

/** What all stacks run unless one of them tries a newer one first. */
export const VERSIONS = {
  k3s: "v1.35.9+k3s1",
  images: {
    /** Stands in the place of KeyBuzz' own images until they are built (docs/estate.md, KeyBuzz API). */
    placeholder: pinnedImage("nginx:1.30.2-alpine"),
    files: pinnedImage("nginx:1.30.2-alpine"),
    chatwoot: pinnedImage("ghcr.io/keybuzzio/chatwoot-keybuzz:v3.12.0"),
    /** The variant that runs without root. */
    liteLlm: pinnedImage("ghcr.io/berriai/litellm-non_root:v1.86.2"),
    n8n: pinnedImage("docker.n8n.io/n8nio/n8n:1.123.61"),
    /** The variant with database drivers. */
    superset: pinnedImage("apache/superset:4.1.4-dev"),
    erpNext: pinnedImage("frappe/erpnext:v15.121.3"),
    /** The open edition is mended in its newest line alone: of 1.21 it has no image after 1.21.4. */
    vault: pinnedImage("hashicorp/vault:2.1.2"),
    vaultInjector: pinnedImage("hashicorp/vault-k8s:1.7.6"),
  },
} as const;

/** Networks inside the cluster. They are not routed outside of it, so every stack can have the same. */
export const CLUSTER_NETWORKS = {
  podCidr: "10.233.64.0/18",
  workloadPoolCidr: "10.233.96.0/19",
  tunnelPoolCidr: "10.233.64.0/24",
  serviceCidr: "10.233.0.0/18",
  /** Hetzner's private networks carry no more. */
  mtu: 1450,
} as const;
