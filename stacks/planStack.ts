import * as pulumi from "@pulumi/pulumi";
import { Mistakes, type Mistake } from "../components/mistakes";
import type { Resizing } from "../components/machines/resizing";
import { DELEGATED, type WebFacts } from "../components/network/certificatePlan";
import { dialledPortRules } from "./dialledPorts";
import type { Environment } from "./environment";
import { readEstate } from "./loadEnvironment";
import { HETZNER_ENDPOINT, HetznerUnreachableError, type ApiAccess } from "./askHetzner";
import { plainSecretWarnings } from "./secretConfig";
import { consentWarnings, keptThings } from "./keptThings";
import { observeProject, type ProjectFacts } from "./observeProject";
import { observeWeb } from "./observeWeb";
import { draftEstate, type EstatePlan } from "./plan";
import { projectMistakes, projectWarnings } from "./projectRules";
import { ownDoorMistakes, RUNS_FROM, runsFrom } from "./runsFrom";
import { resizedServers } from "./resizedServers";
import { secretKeys } from "./secretConfig";
import { serverPower } from "./serverPower";
import {
  apiAccess,
  missingSecrets,
  missingToken,
  readSettings,
  unknownSettings,
  type ConfigReader,
  type Settings,
} from "./stackConfig";
import { sshAgentMistakes } from "./sshAgent";
import { uploadedCertificateRules } from "./uploadedCertificateRules";
import { webSteps } from "./webSteps";
import { webZones } from "./webZones";

export interface StackPlan {
  readonly plan: EstatePlan;
  /** Values of the configured secrets, by key. */
  readonly configured: Readonly<Record<string, pulumi.Output<string>>>;
  /** What people must do next, a sentence each. */
  readonly nextSteps: readonly string[];
  /** What they had better know before it happens, a sentence each. */
  readonly warnings: readonly string[];
  /** Servers whose type changes. Undefined: none does, or nobody knows. */
  readonly resizing: Resizing | undefined;
}

/**
 * Plans a stack with its configuration, what Hetzner says of its zone, and what is in the project already.
 *
 * @throws MistakesError with all that is wrong or missing: the environment's shape and meaning, what only its plan
 *   shows, settings, secrets and the token
 */
export async function planStack(stack: string): Promise<StackPlan> {
  const config = new pulumi.Config();
  const keys = Object.keys(pulumi.runtime.allConfig());
  const mistakes = new Mistakes();
  const input = readInput(stack, { read: (key) => config.get(key), keys, required: true }, mistakes);
  const { settings } = input;
  const environment = input.environment;
  mistakes.add(...missingToken(), ...dialledPortRules(settings, apiAccess()));
  mistakes.add(...(await sshAgentMistakes(process.env["SSH_AUTH_SOCK"])));
  // What is not sure to be meant is not asked for.
  const access = mistakes.concerns("web") || mistakes.concerns("name") ? undefined : apiAccess();
  const shut = mistakes.concerns("keybuzz:operatorCidrs") ? [] : await ownDoor(settings, access);
  // Whoever only previews may sit elsewhere.
  if (!pulumi.runtime.isDryRun()) mistakes.add(...shut);
  const seen = await mistakes.attemptLater(() => observed(environment, access));
  const { web, notes, project } = seen ?? UNSEEN;
  const undelegated = settings.zoneIsDelegated === true ? [] : web.undelegated;
  const configured: Record<string, pulumi.Output<string>> = {};
  const warnings: string[] = [...plainSecretWarnings(environment, keys, encryptedKeys())];
  let resizing: Resizing | undefined;
  const plan = mistakes.settle(nameOf(stack), () => {
    const draft = draftEstate(environment, settings, { ...web, undelegated }, mistakes);
    // Only what is meant as it stands is held against what is there.
    if (project !== undefined && mistakes.none) {
      const given = { environment, hosts: draft.hosts, settings, seen: project };
      mistakes.add(...projectMistakes(given));
      warnings.push(...projectWarnings(given));
      const servers = resizedServers(draft.hosts, project);
      if (servers.size > 0 && access !== undefined) resizing = { servers, power: serverPower(access) };
    }
    warnings.push(...consentWarnings(environment, settings.consentToDelete, keptThings(draft)));
    for (const spec of draft.secrets) {
      const value = spec.kind === "configured" ? config.getSecret(spec.configKey) : undefined;
      if (spec.kind === "configured" && value !== undefined) configured[spec.configKey] = value;
    }
    mistakes.add(...missingSecrets(draft.secrets, (key) => key in configured));
    if (draft.uploadedCertificate !== undefined) {
      const pair = { certificate: config.get("webCertificate"), privateKey: config.get("webCertificateKey") };
      mistakes.add(...uploadedCertificateRules(pair, draft.publicHosts));
    }
    return draft;
  });
  const doors = shut.map(({ path, found, fix }) => `${path} is ${found}; an up from here is refused: ${fix}`);
  const nextSteps = [...notes, ...doors, ...webSteps(environment, plan.managedCertificates)];
  return { plan, configured, nextSteps, warnings, resizing };
}

/** Keys of the configuration that are secret, as the SDK is told them. */
function encryptedKeys(): readonly string[] {
  const told: unknown = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]");
  return Array.isArray(told) ? told.map(String) : [];
}

/** Would the bastion answer this run? Another cloud than Hetzner's sees it come from elsewhere, unless it says from where. */
async function ownDoor({ operatorCidrs }: Settings, access: ApiAccess | undefined): Promise<readonly Mistake[]> {
  if (access?.endpoint !== HETZNER_ENDPOINT && process.env[RUNS_FROM] === undefined) return [];
  return ownDoorMistakes(operatorCidrs, await runsFrom());
}

/** A stack's configuration, as far as it can be read. */
export interface ConfigSource {
  readonly read: ConfigReader;
  /** All that there are, with their project: "keybuzz:operatorCidrs". */
  readonly keys: readonly string[];
  /** Must there be what has no default? */
  readonly required: boolean;
}

/**
 * Plans a stack to judge it: nobody is asked, secrets and token are not needed, and without settings nobody's network
 * stands for the operators'.
 *
 * @throws MistakesError with all that is wrong
 */
export function judgedPlan(stack: string, source: ConfigSource): EstatePlan {
  const mistakes = new Mistakes();
  const { environment, settings } = readInput(stack, source, mistakes);
  return mistakes.settle(nameOf(stack), () => draftEstate(environment, settings, DELEGATED, mistakes));
}

function readInput(
  stack: string,
  { read, keys, required }: ConfigSource,
  mistakes: Mistakes,
): { readonly environment: Environment; readonly settings: Settings } {
  const environment = readEstate(stack, mistakes);
  const { settings, mistakes: unsettled } = readSettings(read, required);
  mistakes.add(...unsettled, ...unknownSettings(keys, secretKeys(environment)));
  return { environment, settings };
}

const nameOf = (stack: string): string => `stack ${stack.split("/").at(-1)}`;

interface Seen {
  readonly web: WebFacts;
  /** Undefined: nobody was asked. */
  readonly project: ProjectFacts | undefined;
  readonly notes: readonly string[];
}

const UNSEEN: Seen = { web: DELEGATED, project: undefined, notes: [] };

/** A preview needs nothing from the network: where Hetzner cannot be asked, it says what it takes for granted. */
async function observed(environment: Environment, access: ApiAccess | undefined): Promise<Seen> {
  if (access === undefined) return UNSEEN;
  const preview = pulumi.runtime.isDryRun();
  const asked = preview ? { ...access, tries: 1 } : access;
  try {
    const [web, project] = await Promise.all([observeWeb(environment, asked), observeProject(asked)]);
    return { web, project, notes: [] };
  } catch (error) {
    if (!preview || !(error instanceof HetznerUnreachableError)) throw error;
    const zones = webZones(environment).map(({ zone }) => zone);
    const note =
      `Hetzner could not be asked, so this preview takes ${zones.join(" and ")} for delegated and no certificate for failed, ` +
      "and nothing was held against what is in the project";
    return { ...UNSEEN, notes: [note] };
  }
}
