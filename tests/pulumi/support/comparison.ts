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
    applies: (type, key) => type.startsWith("hcloud:") && /(?:Id|Ids|sshKeys|ptr|networks|publicNets)$/.test(key),
    becomes: withoutNumbers,
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

function withoutNumbers(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(/(?<=[[:,"])\d+(?=[\],}"])/g, "0")) as unknown;
}

/** What both engines must agree on, by URN (which has the types of all parents); the parent's name beside it. */
export function comparable(
  resources: readonly Compared[],
  normalisations: readonly Normalisation[],
): Record<string, unknown> {
  const entries = resources.map(({ urn, type, inputs, parent, protect, retainOnDelete }) => {
    const kept = Object.entries(inputs).map(([key, value]): [string, unknown] => {
      const fitting = normalisations.filter(({ applies }) => applies(type, key, value));
      return [key, fitting.reduce((inner, { becomes }) => becomes(inner), value)];
    });
    const present = Object.fromEntries(kept.filter(([, value]) => value !== undefined));
    return [urn, { inputs: present, parent, protect, retainOnDelete }] as const;
  });
  return Object.fromEntries(entries);
}
