import { nearestFix } from "../components/nearest";
import type { NamespacePlan } from "../components/cluster/pods/namespaces";
import type { Kept } from "../components/secrets/kept";
import { keptSecrets } from "../components/secrets/keptSecrets";
import type { SecretSpec } from "../components/secrets/secretRef";
import type { Environment } from "./environment";
import { webZones } from "./webZones";

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

/** Names that people can consent by: machines, balancers, network, zone, what is kept, or the stack for all. */
export function consentNames(environment: ConsentedEstate, things: readonly KeptThing[]): readonly string[] {
  const { name, hosts, web, dataLoadBalancer, mariadbLoadBalancer } = environment;
  const balancers = [dataLoadBalancer, mariadbLoadBalancer, ...web.loadBalancers].flatMap((one) => one?.name ?? []);
  const zones = webZones(environment).map(({ zone }) => zone);
  const plain = [name, ...balancers, ...hosts.map((host) => host.name), `keybuzz-${name}`, ...zones];
  return [...new Set([...plain, ...things.flatMap(({ names }) => names)])];
}

type ConsentedEstate = Pick<
  Environment,
  "name" | "protect" | "hosts" | "web" | "dataLoadBalancer" | "mariadbLoadBalancer"
>;

/**
 * What the consent of this run gives up, a sentence for each name: told while it can still be taken back. One that
 * names nothing, as what is long gone, is told as well: it would let go whatever has that name next.
 */
export function consentWarnings(
  environment: ConsentedEstate,
  consent: readonly string[],
  things: readonly KeptThing[],
): readonly string[] {
  const { name: stack, protect } = environment;
  const known = consentNames(environment, things);
  return consent.flatMap((name) => {
    if (!known.includes(name))
      return [
        `keybuzz:consentToDelete names ${name}, which is nothing of ${stack} (any more): it was left behind, or is mistyped` +
          ` (${nearestFix(name, known)}). Take it back with: pulumi config rm keybuzz:consentToDelete`,
      ];
    const given = protect ? things.filter(({ names }) => name === stack || names.includes(name)) : [];
    if (given.length === 0) return [];
    const lost = [...new Set(given.map(({ loses }) => loses))].join("; ");
    return [
      `keybuzz:consentToDelete names ${name}: from this up on nothing keeps a later one, or a destroy, from deleting ` +
        `for ever ${lost}. Take it back with: pulumi config rm keybuzz:consentToDelete, and up`,
    ];
  });
}
