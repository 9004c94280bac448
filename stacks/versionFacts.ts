/** What is known of something that the estate runs in a version of its own. */
export interface VersionFacts {
  /** Repository of an image without its tag; "k3s", "calico", "gateway-api". */
  readonly of: string;
  /** The day on which its maker's advisories and releases were last looked through. */
  readonly looked: string;
  /** The day from which the line that we run gets no more fixes. Default: none is announced. */
  readonly endOfLife?: string;
  /** Why its end is no reason to have left it already. Default: it is one. */
  readonly afterEnd?: string;
  readonly holes: readonly KnownHole[];
}

export interface KnownHole {
  /** "CVE-2026-42208". */
  readonly id: string;
  readonly what: string;
  /** The first version that has the fix: of our line, or of the next one where ours has none. */
  readonly fixedIn: string;
  /** Why we run a version without the fix, and what ends that. Default: we do not. */
  readonly left?: string;
}

const LOOKED = "2026-11-28";

/** Everything that has a version in `stacks/versions.ts` or in components, sorted as docs/versions.md shows it. */
export const VERSION_FACTS: readonly VersionFacts[] = [
  // One minor release lives fourteen months (kubernetes.io, Patch releases).
  {
    of: "k3s",
    looked: LOOKED,
    endOfLife: "2027-02-28",
    holes: [
      { id: "CVE-2026-54250", what: "an etcd snapshot that is restored writes outside its folder", fixedIn: "1.35.3" },
    ],
  },
  // The last two advisories of Tigera for Calico itself.
  {
    of: "calico",
    looked: LOOKED,
    holes: [
      { id: "CVE-2024-33522", what: "whoever is on a node becomes root by its CNI binary", fixedIn: "3.27.3" },
      { id: "CVE-2023-41378", what: "a client that stops half way holds Typha up, without a login", fixedIn: "3.26.3" },
    ],
  },
  // CRDs: nothing of it runs.
  { of: "gateway-api", looked: LOOKED, holes: [] },
  {
    of: "registry.k8s.io/ingress-nginx/controller",
    looked: LOOKED,
    endOfLife: "2026-03-31",
    afterEnd:
      "The last release; no hole with a fix is known in it. Ingresses come from this program alone, without snippets. A stack leaves it by kubernetes.ingress (decision 8).",
    holes: [
      {
        id: "CVE-2026-24512",
        what: "an Ingress' paths and annotations write nginx' configuration",
        fixedIn: "1.14.3",
      },
    ],
  },
  {
    of: "nginx",
    looked: LOOKED,
    holes: [
      { id: "CVE-2026-42945", what: "buffer overflow in rewrites, without a login", fixedIn: "1.30.1" },
      { id: "CVE-2026-9256", what: "buffer overflow in rewrites with overlapping captures", fixedIn: "1.30.2" },
    ],
  },
  { of: "ghcr.io/keybuzzio/chatwoot-keybuzz", looked: LOOKED, holes: [] },
  {
    of: "ghcr.io/berriai/litellm-non_root",
    looked: LOOKED,
    holes: [
      { id: "CVE-2026-42208", what: "SQL injection before any login", fixedIn: "1.83.7" },
      { id: "CVE-2026-49468", what: "login passed by a Host header", fixedIn: "1.84.0" },
    ],
  },
  {
    of: "docker.n8n.io/n8nio/n8n",
    looked: LOOKED,
    holes: [
      { id: "CVE-2026-42226", what: "whoever has a login uses others' credentials", fixedIn: "1.123.33" },
      { id: "CVE-2026-49444", what: "a workflow leaves the Python sandbox", fixedIn: "1.123.48" },
    ],
  },
  {
    of: "apache/superset",
    looked: LOOKED,
    holes: [
      {
        id: "CVE-2026-23982",
        what: "who may write datasets reads data that is not theirs",
        fixedIn: "6.0.0",
        left: "Two major versions on: staging is migrated first, with a copy of prod's tables. It needs a login, and those who have one are the company's own.",
      },
      {
        id: "CVE-2026-23980",
        what: "SQL injection by who may write charts",
        fixedIn: "6.0.0",
        left: "As above: nothing of 4 and 5 was mended.",
      },
      {
        id: "CVE-2026-23983",
        what: "tags tell of users' passwords' hashes",
        fixedIn: "6.0.0",
        left: "As above; tags are off unless they are turned on.",
      },
      {
        id: "CVE-2026-23984",
        what: "who may only read PostgreSQL in SQL Lab writes it",
        fixedIn: "6.0.0",
        left: "As above; an account of the database that may only read is refused by the database itself.",
      },
    ],
  },
  {
    of: "frappe/erpnext",
    looked: LOOKED,
    holes: [
      { id: "CVE-2026-27471", what: "documents are read without a login", fixedIn: "15.98.1" },
      { id: "CVE-2026-44446", what: "SQL injection with a login", fixedIn: "15.104.3" },
      { id: "CVE-2026-44208", what: "discussions are written without a login", fixedIn: "15.107.0" },
      {
        id: "CVE-2026-44447",
        what: "SQL injection with a login",
        fixedIn: "16.9.0",
        left: "Fixed in version 16 alone, which logs in to its database otherwise (docs/decisions/0007). Only the stack for trying changes runs it.",
      },
    ],
  },
  {
    of: "hashicorp/vault",
    looked: LOOKED,
    holes: [
      { id: "CVE-2026-5807", what: "people who unseal or rekey are kept from it, without a login", fixedIn: "2.0.0" },
      { id: "CVE-2026-3605", what: "a policy with a glob lets its holder delete others' secrets", fixedIn: "2.0.0" },
      { id: "CVE-2026-5006", what: "a slash in a name widens a policy that is made of it", fixedIn: "2.0.4" },
      { id: "CVE-2025-5999", what: "who may write identities gives himself all rights", fixedIn: "1.20.0" },
    ],
  },
  {
    of: "hashicorp/vault-k8s",
    looked: LOOKED,
    holes: [{ id: "GO-2026-5856", what: "holes of Go's library", fixedIn: "1.7.6" }],
  },
  {
    of: "quay.io/prometheus/prometheus",
    looked: LOOKED,
    holes: [
      { id: "CVE-2026-42154", what: "a small request takes all memory", fixedIn: "3.11.3" },
      { id: "CVE-2026-40179", what: "names of series run as script in its pages", fixedIn: "3.11.2" },
      { id: "CVE-2026-44990", what: "script in its pages", fixedIn: "3.13.0" },
      { id: "CVE-2026-56852", what: "hole of a library for text", fixedIn: "3.13.2" },
    ],
  },
  {
    of: "quay.io/prometheus/alertmanager",
    looked: LOOKED,
    holes: [{ id: "CVE-2023-40577", what: "alerts run as script in its pages", fixedIn: "0.25.1" }],
  },
  {
    of: "quay.io/prometheus/blackbox-exporter",
    looked: LOOKED,
    holes: [{ id: "CVE-2022-46146", what: "its password is passed by", fixedIn: "0.23.0" }],
  },
  { of: "quay.io/prometheus/node-exporter", looked: LOOKED, holes: [] },
  {
    of: "registry.k8s.io/kube-state-metrics/kube-state-metrics",
    looked: LOOKED,
    holes: [
      { id: "GHSA-g3c8-4qh2-rhrg", what: "profiles of its memory without a login", fixedIn: "2.19.0" },
      { id: "CVE-2026-42504", what: "hole of Go's library", fixedIn: "2.19.1" },
    ],
  },
  {
    of: "docker.io/grafana/grafana",
    looked: LOOKED,
    holes: [{ id: "CVE-2026-21720", what: "requests for avatars stop it, without a login", fixedIn: "12.3.1" }],
  },
];
