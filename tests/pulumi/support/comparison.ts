/** A resource as both engines tell of it; secrets and unknowns are masked. */
export interface Compared {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly parent?: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}

interface Normalisation {
  readonly reason: string;
  /** Of a property of a resource of `type`; top-level keys only. */
  readonly applies: (type: string, key: string, value: unknown) => boolean;
  /** undefined: left out. */
  readonly becomes: (value: unknown) => unknown;
  /** The key under which it is compared. Default: its own. */
  readonly as?: string;
}

/** Every way in which two runs of the same program may differ, each with its reason. There are no others. */
export const NORMALISATIONS: readonly Normalisation[] = [
  {
    reason: "the CLI writes the version of the plugin into a provider resource",
    applies: (type, key) => type.startsWith("pulumi:providers:") && key === "version",
    becomes: () => undefined,
  },
  {
    reason: "a name left to the provider ends in 7 random digits",
    applies: (type, key, value) =>
      type.startsWith("hcloud:") && key === "name" && typeof value === "string" && /-[0-9a-f]{7}$/.test(value),
    becomes: (value) => String(value).replace(/[0-9a-f]{7}$/, "*"),
  },
  {
    reason: "the Kubernetes provider keeps a Secret's stringData as data, of which it is the write-only form",
    applies: (type, key) => type === "kubernetes:core/v1:Secret" && key === "stringData",
    becomes: (value) => value,
    as: "data",
  },
  {
    reason: "the Kubernetes provider leaves empty lists out once the cluster is there",
    applies: (type) => type.startsWith("kubernetes:"),
    becomes: withoutEmptyLists,
  },
];

/** Values that a run draws or that its cloud gives; only after an up, a preview has them unknown. */
export const DRAWN: readonly Normalisation[] = [
  {
    reason: "a public key belongs to a private key that each run draws",
    applies: (_, key) => key === "publicKey" || key === "hostKey",
    becomes: () => "*",
  },
  {
    reason: "ids count on in each cloud by the order in which its requests came",
    applies: (type) => /^(hcloud|command):/.test(type),
    becomes: withoutIds,
  },
  {
    reason: "public addresses are handed out in the order of the requests",
    applies: (type, key) => type.startsWith("hcloud:") && (key === "ipAddress" || key === "records"),
    becomes: (value) => JSON.parse(JSON.stringify(value).replace(/203\.0\.113\.\d+/g, "*")) as unknown,
  },
  {
    reason: "a checksum of secrets changes with them, and a webhook's certificate authority is made in each run",
    applies: (type) => type.startsWith("kubernetes:"),
    becomes: (value) =>
      JSON.parse(
        JSON.stringify(value).replace(/(?<="(?:keybuzz\.io\/secret-checksum|caBundle)":)"[^"]*"/g, '"*"'),
      ) as unknown,
  },
  {
    reason: "user data names the keys that this run has drawn",
    applies: (type, key) => type.startsWith("hcloud:") && key === "userData",
    becomes: () => "*",
  },
  {
    reason: "a certificate belongs to a key that this run has drawn",
    applies: (type, key) => /^(hcloud|tls):/.test(type) && /^(certificate|certRequestPem|caCertPem)$/.test(key),
    becomes: () => "*",
  },
];

/** Ids of the local cloud: eight digits from 10000001 on, as numbers or as text. */
function withoutIds(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(/(?<=^|[[:,"])1\d{7}(?=[\],}"]|$)/g, "0")) as unknown;
}

function withoutEmptyLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyLists);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => !Array.isArray(inner) || inner.length > 0)
      .map(([key, inner]) => [key, withoutEmptyLists(inner)]),
  );
}

/** What both engines must agree on, by URN (which has the types of all parents); the parent's name beside it. */
export function comparable(
  resources: readonly Compared[],
  normalisations: readonly Normalisation[],
): Record<string, unknown> {
  const entries = resources.map(({ urn, type, inputs, parent, protect, retainOnDelete }) => {
    const kept = Object.entries(inputs).map(([key, value]): [string, unknown] => {
      const fitting = normalisations.filter(({ applies }) => applies(type, key, value));
      const as = fitting.find((one) => one.as !== undefined)?.as ?? key;
      return [as, fitting.reduce((inner, { becomes }) => becomes(inner), value)];
    });
    const present = Object.fromEntries(kept.filter(([, value]) => value !== undefined));
    return [urn, { inputs: present, parent, protect, retainOnDelete }] as const;
  });
  return Object.fromEntries(entries);
}
