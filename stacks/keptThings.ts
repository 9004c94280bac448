import type { NamespacePlan } from "../components/cluster/pods/namespaces";
import type { Kept } from "../components/secrets/kept";
import { keptSecrets } from "../components/secrets/keptSecrets";
import type { SecretSpec } from "../components/secrets/secretRef";
import type { Environment } from "./environment";

/** Something of an estate that is lost for ever with a resource, beside its machines' disks. */
export interface KeptThing extends Kept {
  /** What people may consent by: its own name, and its owner's. */
  readonly names: readonly string[];
}

/** Claims in the cluster, keys that encrypt data, authorities. */
export function keptThings(plan: {
  readonly namespaces: readonly NamespacePlan[];
  readonly secrets: readonly SecretSpec[];
}): readonly KeptThing[] {
  return [
    ...plan.namespaces.flatMap(({ keeps }) => keeps.map((kept) => ({ ...kept, names: [kept.owner] }))),
    ...keptSecrets(plan.secrets).map(({ id, ...kept }) => ({ ...kept, names: [id, kept.owner] })),
  ];
}

/** By type of what is protected, also where nobody is left in the program who knows what it was for. */
const LOST: Readonly<Record<string, string>> = {
  "hcloud:index/server:Server": "its disk, with all that is on it",
  "kubernetes:core/v1:Namespace": "everything in it, with its claims and what is stored in them",
  "kubernetes:core/v1:PersistentVolumeClaim": "the files on it",
  "random:index/randomPassword:RandomPassword": "a key: what it encrypts can be read by nobody any more",
  "tls:index/privateKey:PrivateKey": "an authority: whatever trusts it trusts nobody until it is given another",
};

/** What is lost for ever with a protected resource of that type, in words; undefined: what its name says. */
export const lostWith = (type: string): string | undefined => LOST[type];

/** What the consent of this run gives up, a sentence for each name: told while it can still be taken back. */
export function consentWarnings(
  { name: stack, protect }: Pick<Environment, "name" | "protect">,
  consent: readonly string[],
  things: readonly KeptThing[],
): readonly string[] {
  if (!protect) return [];
  return consent.flatMap((name) => {
    const given = things.filter(({ names }) => name === stack || names.includes(name));
    if (given.length === 0) return [];
    const lost = [...new Set(given.map(({ loses }) => loses))].join("; ");
    return [
      `keybuzz:consentToDelete names ${name}: from this up on nothing keeps a later one, or a destroy, from deleting ` +
        `for ever ${lost}. Take it back with: pulumi config rm keybuzz:consentToDelete, and up`,
    ];
  });
}
