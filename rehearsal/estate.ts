// All that the rehearsal knows of the estate: whatever else it needs of the program is asked for here, and nowhere
// else does it import stacks/, components/ or verifier/ (tests/rehearsal/walls.test.ts).
import type { HostScripts } from "@standin/machines/simulated";
import { INGRESS_CONFIG_MAP } from "../components/cluster/ingress/ingressNginxConfig";
import { INGRESS_CLASS } from "../components/cluster/ingress/ingressObjects";
import { INGRESS_NAMESPACE } from "../components/cluster/pods/namespaces";
import type { HostConfig } from "../components/machines/hostConfig";
import type { HostGroupName, HostPlan } from "../components/machines/hostPlan";
import { awaitedUnits } from "../components/machines/joined";
import { OS_IMAGES } from "../components/machines/osImage";
import { unpackScript } from "../components/machines/packScript";
import { parseScript } from "../components/machines/parseScript";
import { HETZNER_NAME_SERVERS } from "../components/machines/privateRoute";
import { SCRIPT_FORMAT } from "../components/machines/render";
import { parseTakeKey } from "../components/machines/takeKey";
import { nearest } from "../components/nearest";
import type { Environment } from "../stacks/environment";
import { Mistakes, MistakesError } from "../components/mistakes";
import { consentNames as nameable, keptThings } from "../stacks/keptThings";
import { knownStacks, loadEnvironment, readEnvironment } from "../stacks/loadEnvironment";
import { publicHosts } from "../stacks/publicHosts";
import { plainSecretWarnings, secretKeys } from "../stacks/secretConfig";
import { webZones } from "../stacks/webZones";
import type * as Plan from "../stacks/plan";
import type * as PlanStack from "../stacks/planStack";
import type { Verdict } from "../verifier/finding";
import { DECLARING_TYPE } from "../verifier/declaration";
import type { EmittedGraph } from "../verifier/read/graph";
import { textChange } from "../verifier/change/reportChange";
import { deletesFirst, NotJudgeableError, type Change, type Movement } from "../verifier/change/movement";
import type * as ChangeJudge from "../verifier/change/judgeChange";
import { findingText } from "../verifier/report";
import type * as Verifier from "../verifier/verify";

export { BASTION_API_PORT } from "../stacks/bastion";
export { RUNS_FROM } from "../stacks/runsFrom";
export {
  DECLARING_TYPE,
  deletesFirst,
  findingText,
  knownStacks,
  loadEnvironment,
  MistakesError,
  nearest,
  NotJudgeableError,
  textChange,
};
export type ChangeVerdict = ChangeJudge.ChangeVerdict;
export type { Change, EmittedGraph, Environment, HostConfig, HostPlan, Movement, Verdict };

/** The name in Pulumi.yaml: namespace of the settings, and of the components' type tokens. */
export const PROJECT = "keybuzz";

/** Full key of one of the project's settings. */
export const configKey = (key: string): string => `${PROJECT}:${key}`;

/** Settings (without the project) whose values are secret, also of a stack whose file is in error. */
export const secretsOf = (stack: string): readonly string[] => secretKeys(readEnvironment(stack, new Mistakes()));

/** Secrets among a stack file's plain settings (full keys), a sentence each; none of a stack whose file is in error. */
export function plainSecrets(stack: string, keys: readonly string[]): readonly string[] {
  const environment = environmentOf(stack);
  return environment === undefined ? [] : plainSecretWarnings(environment, keys, []);
}

/** What the ingress controller reads: Ingresses of that class, and its own ConfigMap. */
export const WEB_ENTRY = {
  className: INGRESS_CLASS,
  configMap: `${INGRESS_NAMESPACE}/${INGRESS_CONFIG_MAP}`,
} as const;

/** Label that says to which group a server belongs. */
export const GROUP_LABEL = "group";
/** The group that is the way in. */
export const BASTION_GROUP: HostGroupName = "bastion";

/** Where machines without a public interface ask for names. */
export const NAME_SERVERS: readonly string[] = HETZNER_NAME_SERVERS;

/** Names that a stack's operators can consent by. Undefined where the stack's file is itself in error. */
export function consentNames(stack: string): readonly string[] | undefined {
  const environment = environmentOf(stack);
  if (environment === undefined) return undefined;
  try {
    return nameable(environment, keptThings(planned(environment)));
  } catch (error) {
    // The run itself tells what is wrong with the plan.
    if (error instanceof MistakesError) return undefined;
    throw error;
  }
}

/** What is lost for ever with a protected resource of that type, in words; undefined: what its name says. */
export { lostWith } from "../stacks/keptThings";

/** The DNS zones of a stack. Undefined where the stack's file is itself in error. */
export function zonesOf(stack: string): readonly string[] | undefined {
  const environment = environmentOf(stack);
  return environment === undefined ? undefined : webZones(environment).map(({ zone }) => zone);
}

/** Names that a stack shows to the internet; none where its file is in error. */
export function publicNames(stack: string): readonly string[] {
  const environment = environmentOf(stack);
  return environment === undefined ? [] : publicHosts(environment.workloads).map(({ host }) => host);
}

/** Settings whose value is a certificate for the public names, and its key. */
export const CERTIFICATE_KEYS = { certificate: "webCertificate", privateKey: "webCertificateKey" } as const;

/** Of a stack's Kubernetes API. */
export interface KubernetesFacts {
  /** Names and addresses in its certificate. */
  readonly names: readonly string[];
  readonly podCidr: string;
  readonly serviceCidr: string;
}

/** Undefined where the stack's file is itself in error. */
export function kubernetesFacts(stack: string): KubernetesFacts | undefined {
  const environment = environmentOf(stack);
  if (environment === undefined) return undefined;
  const { dataLoadBalancer, hosts, network } = environment;
  const servers = hosts.filter(({ role }) => role === "k3sServer");
  return {
    // As K3s' own tls-san: the load balancer before the servers, and each of them.
    names: [dataLoadBalancer.address, ...servers.flatMap(({ name, address }) => [name, address])],
    podCidr: network.podCidr,
    serviceCidr: network.serviceCidr,
  };
}

/** The program says what is wrong with it; what exists can be looked at and destroyed without. */
function environmentOf(stack: string): Environment | undefined {
  try {
    return loadEnvironment(stack);
  } catch {
    return undefined;
  }
}

/**
 * A stack's environment, judged with its plan.
 *
 * @throws MistakesError with all that is wrong, as the program itself would tell it
 */
export function soundEnvironment(stack: string): Environment {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { judgedPlan } = require("../stacks/planStack") as typeof PlanStack;
  return judgedPlan(stack, { read: () => undefined, keys: [], required: false }).environment;
}

/** Name of the release that an environment's machines are of: "bookworm", "jammy". */
export const releaseOf = ({ image }: Environment): string => OS_IMAGES[image].codename;

/** Every host of an estate with what it must be, planned as in a run. */
export const plannedHosts = (environment: Environment): readonly HostPlan[] => planned(environment).hosts;

function planned(environment: Environment): Plan.EstatePlan {
  // Loaded when asked for: the plan brings half of the SDKs with it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { planEstate } = require("../stacks/plan") as typeof Plan;
  return planEstate(environment, {
    operatorCidrs: ["192.0.2.0/24"],
    operators: [],
    bastionSshPort: 22,
    bastionKubernetesPort: 6443,
    consentToDelete: [],
  });
}

const HOST_LINE = `${PROJECT}: host `;

/** The host scripts of components/machines, as a simulated machine understands them. */
export const HOST_SCRIPTS: HostScripts = {
  unpack: unpackScript,
  read: (script) => (script.split("\n", 2)[1] === SCRIPT_FORMAT ? parseScript(script) : undefined),
  first: (changes) => `${changes} change(s) to a new machine, listed in its /var/lib/keybuzz/log/changes`,
  takenKey: parseTakeKey,
  awaits: awaitedUnits,
  line: (host, text) => `${HOST_LINE}${host}: ${text}`,
};

/** A line by which a host script says what went wrong: made to be shown, never with a secret. */
export const isHostComplaint = (line: string): boolean => line.startsWith(HOST_LINE) && line.includes("; remedy: ");

/**
 * What is said of the way from what is there to what is wanted.
 *
 * @throws NotJudgeableError where one of both says nothing of itself
 */
export function changeVerdictOf(change: Change, stack: string): ChangeVerdict {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { judgeChange } = require("../verifier/change/judgeChange") as typeof ChangeJudge;
  return judgeChange(change, stack);
}

/** What the verifier says of an emitted graph. */
export function verdictOf(graph: EmittedGraph): Verdict {
  // Loaded when asked for: status and mistakes need not wait for it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { verify } = require("../verifier/verify") as typeof Verifier;
  return verify(graph);
}
