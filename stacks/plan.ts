import { peakPods } from "../components/apps/peakPods";
import { keptVolumes } from "../components/apps/keptVolumes";
import type { NamespacePlan } from "../components/cluster/pods/namespaces";
import { CALICO_NAMESPACES, namespacePlans } from "../components/cluster/pods/namespaces";
import { networkPolicySpecs, type NetworkPolicyObject } from "../components/cluster/pods/networkPolicySpecs";
import { OPERATOR_GROUPS, operatorGroups, type OperatorGroup } from "../components/cluster/k3s/operatorGroups";
import { Mistakes } from "../components/mistakes";
import type { HostPlan } from "../components/machines/hostPlan";
import { NODE_EXPORTER_NAMESPACE } from "../components/monitoring/monitoringParts";
import type { PlannedMonitoring } from "../components/monitoring/planMonitoring";
import { DELEGATED, planManaged, type ManagedPlan, type WebFacts } from "../components/network/certificatePlan";
import type { Kept, KeptFrom } from "../components/secrets/kept";
import { SecretLedger } from "../components/secrets/secretLedger";
import type { SecretSpec } from "../components/secrets/secretRef";
import { cloudRules, type CloudRule } from "../components/topology/cloudRules";
import { Topology } from "../components/topology/topology";
import { keptObjects } from "../components/workloads/objects/keptObjects";
import type { PlannedObjects } from "../components/workloads/objects/planObjects";
import type { PlannedVault } from "../components/workloads/vault/vault";
import type { PlannedWorkload } from "../components/workloads/workloadPlans";
import { bastionAccess } from "./bastion";
import { consentMistakes } from "./consentRules";
import type { Environment } from "./environment";
import { estateMonitoring } from "./estateMonitoring";
import { estateServices, type EstateServices } from "./estateServices";
import { estateVault } from "./estateVault";
import { estateWorkloads } from "./estateWorkloads";
import { estateParties, type Parties } from "./parties";
import { planHosts } from "./planHosts";
import { publicHosts } from "./publicHosts";
import { zoneOf } from "./webZones";
import { rotationMistakes } from "./rotationRules";
import type { Settings } from "./stackConfig";
import { allowTokens } from "./tokenFlows";

/** One estate, decided to the last rule, before anything is registered. No secret is in it: placeholders stand for them. */
export interface EstatePlan {
  readonly environment: Environment;
  readonly settings: Settings;
  readonly topology: Topology;
  readonly parties: Parties;
  readonly services: EstateServices;
  readonly apps: readonly PlannedWorkload[];
  readonly objects: readonly PlannedObjects[];
  readonly vault: PlannedVault | undefined;
  readonly monitoring: PlannedMonitoring | undefined;
  readonly hosts: readonly HostPlan[];
  /** How often the program's own SSH key was rotated. */
  readonly deployKeyRotation: number;
  /** Of the bastion's public interface. */
  readonly cloudRules: readonly CloudRule[];
  readonly namespaces: readonly NamespacePlan[];
  readonly networkPolicies: readonly NetworkPolicyObject[];
  /** People with a kubeconfig of their own, and the applications' namespaces. */
  readonly operators: { readonly groups: readonly OperatorGroup[]; readonly namespaces: readonly string[] };
  /** Everything that needs a DNS record and a certificate. */
  readonly publicHosts: readonly string[];
  readonly secrets: readonly SecretSpec[];
  /** Texts of the certificate in configuration, where the environment says "uploaded". */
  readonly uploadedCertificate: { readonly certificate: string; readonly privateKey: string } | undefined;
  /** Which hosts have a managed certificate now, where the environment says "managed". */
  readonly managedCertificates: ManagedPlan | undefined;
  /**
   * Is what has that name, or those names, kept from deletion: a host, balancer, network, zone, claim or key? Not where
   * the operators consented by one of them, or by the stack's.
   */
  readonly isProtected: KeptFrom;
}

/**
 * Plans an environment.
 *
 * @param web what the world outside says. Default: an estate in life, with its zone delegated.
 * @throws MistakesError with every mistake that only its plan shows
 */
export function planEstate(environment: Environment, settings: Settings, web: WebFacts = DELEGATED): EstatePlan {
  const mistakes = new Mistakes();
  return mistakes.settle(`stack ${environment.name}`, () => draftEstate(environment, settings, web, mistakes));
}

/**
 * The same, its mistakes added to those that there are; where there are any, the plan is not whole. The order is: who
 * there is, what they offer, who uses it, and what follows from that.
 */
export function draftEstate(
  environment: Environment,
  settings: Settings,
  web: WebFacts,
  mistakes: Mistakes,
): EstatePlan {
  if (!mistakes.concerns("hosts")) mistakes.add(...consentMistakes(environment, settings.consentToDelete));
  const topology = new Topology();
  const secrets = new SecretLedger(environment.rotations);
  const parties = estateParties(environment, settings);
  const services = estateServices({
    environment,
    parties,
    topology,
    secrets,
    certificateHosts: publicHosts(environment.workloads).map(({ host }) => host),
  });
  const bastion = bastionAccess(topology, parties, services);
  const vault = estateVault({ environment, topology, secrets, services, mistakes });
  const { apps, objects } = estateWorkloads({ environment, topology, secrets, services, vault, mistakes });
  const monitoring = mistakes.attempt(() => estateMonitoring({ environment, parties, topology, secrets, services }));
  const all = [
    ...apps.map(({ app }) => app),
    ...(vault === undefined ? [] : [vault.server, vault.injector]),
    ...(monitoring?.apps ?? []),
  ];
  allowTokens(topology, services.k3s.apiBackend, all);
  mistakes.add(...services.ingress.mistakes);
  const uploadedCertificate =
    environment.web.certificate === "uploaded"
      ? { certificate: secrets.configured("webCertificate"), privateKey: secrets.configured("webCertificateKey") }
      : undefined;
  const operators = {
    groups: operatorGroups(environment.kubernetes.operatorGroups ?? OPERATOR_GROUPS, secrets),
    namespaces: [...new Set([...apps.map(({ app }) => app.namespace), ...objects.map(({ namespace }) => namespace)])],
  };
  const deployKey = secrets.deployKey();
  const consent = new Set(settings.consentToDelete);
  if (!mistakes.gaveUp) mistakes.add(...(services.postgres?.connectionMistakes((one) => peakPods(all, one)) ?? []));
  // From here on nobody may ask for anything: filters and configurations are derived from what was asked.
  const context = { addresses: environment.network, nodes: services.k3s.nodes.hosts };
  const namespaces = namespacePlans({
    keeps: byNamespace([
      ...all.map((app) => [app.namespace, keptVolumes(app)] as const),
      ...objects.map((entry) => [entry.namespace, keptObjects(entry)] as const),
    ]),
    topology,
    // Nobody's pods belong into these; whoever starts one there all the same is denied as everywhere.
    further: [
      "default",
      "kube-public",
      "kube-node-lease",
      ...CALICO_NAMESPACES,
      ...(monitoring === undefined ? [] : [NODE_EXPORTER_NAMESPACE]),
      // Also of those that ask for nothing, and that nobody asks.
      ...apps.map(({ app }) => app.namespace),
      ...objects.map(({ namespace }) => namespace),
    ],
    ...(monitoring === undefined ? {} : { podSecurity: { [NODE_EXPORTER_NAMESPACE]: "privileged" } }),
  });
  const hosts = planHosts({
    environment,
    topology,
    context,
    services,
    bastion,
    monitoring: monitoring?.service,
    sshKeys: deployKey.publicKey,
    operators: settings.operators,
    mistakes,
  });
  // What was given up has secrets of its own, which would seem not to be there.
  if (!mistakes.gaveUp) mistakes.add(...rotationMistakes(environment, secrets));
  return {
    environment,
    settings,
    topology,
    parties,
    services,
    apps,
    objects,
    vault,
    monitoring,
    hosts,
    deployKeyRotation: deployKey.rotation,
    cloudRules: cloudRules(topology, "bastion"),
    namespaces,
    networkPolicies: networkPolicySpecs(
      topology,
      context,
      namespaces.map(({ name }) => name),
    ),
    operators,
    publicHosts: services.ingress.hosts,
    secrets: secrets.specs,
    uploadedCertificate,
    managedCertificates:
      environment.web.certificate === "managed"
        ? planManaged(
            services.ingress.hosts.map((host) => ({ host, zone: zoneOf(host, environment) })),
            web,
          )
        : undefined,
    isProtected: (...names) => environment.protect && ![...names, environment.name].some((name) => consent.has(name)),
  };
}

function byNamespace(all: readonly (readonly [string, readonly Kept[]])[]): ReadonlyMap<string, readonly Kept[]> {
  const kept = new Map<string, readonly Kept[]>();
  for (const [namespace, some] of all) kept.set(namespace, [...(kept.get(namespace) ?? []), ...some]);
  return kept;
}
