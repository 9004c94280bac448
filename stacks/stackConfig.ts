import * as pulumi from "@pulumi/pulumi";
import { shown, type Mistake } from "../components/mistakes";
import type { Operator } from "../components/machines/operators";
import { isCidr } from "../components/topology/addresses";
import type { SecretSpec } from "../components/secrets/secretRef";
import { nearestFix } from "../components/nearest";
import { HETZNER_ENDPOINT, type ApiAccess } from "./askHetzner";
import { BASTION_PORTS } from "./dialledPorts";
import { FORMER_SETTING, readOperators } from "./operatorSettings";
import { operatorNetworkMistakes } from "./operatorNetworks";
import { SECRET_CONFIG } from "./secretConfig";

/** What belongs to an account and not to the estate. The only file that reads pulumi.Config. */
export interface Settings {
  /** Networks that operators come from. */
  readonly operatorCidrs: readonly string[];
  /** The people who run the estate: an account each, on every machine. */
  readonly operators: readonly Operator[];
  /** Port that is dialled for the bastion's SSH: for a rehearsal (dialledPorts.ts). Default 22. */
  readonly bastionSshPort: number;
  /** The same for the Kubernetes API. Default 6443. */
  readonly bastionKubernetesPort: number;
  /** Hosts, load balancers, applications or secrets whose protection is lifted in this run, or the stack's own name for all. Default: none. */
  readonly consentToDelete: readonly string[];
  /** How many servers the Hetzner project may have: no API tells. Default: not known, and not checked. */
  readonly serverLimit?: number;
  /** Hosts whose release was upgraded on the machine: they have what the environment says, and not what they were made from. Default: none. */
  readonly upgradedHosts?: readonly string[];
  /** The operators' word that the zones are delegated, where Hetzner's own look at them is late. Default: Hetzner is asked. */
  readonly zoneIsDelegated?: boolean;
}

export const SETTINGS: Readonly<Record<keyof Settings, true>> = {
  operatorCidrs: true,
  operators: true,
  bastionSshPort: true,
  bastionKubernetesPort: true,
  consentToDelete: true,
  serverLimit: true,
  upgradedHosts: true,
  zoneIsDelegated: true,
};

/** Where plain strings are read: pulumi.Config in a run, the stack's file in a check, a map in tests. */
export type ConfigReader = (key: string) => string | undefined;

const PROJECT = "keybuzz";

/**
 * All settings, and every mistake in them; a setting with a mistake has a harmless value.
 *
 * @param demanding is it a mistake that one without a default is missing? Default true.
 */
export function readSettings(
  read: ConfigReader,
  demanding = true,
): {
  readonly settings: Settings;
  readonly mistakes: readonly Mistake[];
} {
  const mistakes: Mistake[] = [];
  const list = (
    key: string,
    sample: string,
    valid: (entry: string) => boolean,
    allowed: string,
    required: boolean,
  ): readonly string[] => {
    const path = `${PROJECT}:${key}`;
    const set = (i: number): string => `pulumi config set --path '${path}[${i}]' ${sample}`;
    const raw = read(key);
    if (raw === undefined) {
      if (required && demanding)
        mistakes.push({ path, found: "nothing", allowed: `a list of ${allowed}`, fix: set(0) });
      return [];
    }
    const entries = parseJson(raw);
    if (!Array.isArray(entries) || (required && entries.length === 0)) {
      const found = entries === undefined ? "a text" : shown(entries);
      mistakes.push({ path, found, allowed: `a list${required ? " with at least one entry" : ""}`, fix: set(0) });
      return [];
    }
    return entries.filter((entry: unknown, i): entry is string => {
      if (typeof entry === "string" && valid(entry)) return true;
      mistakes.push({ path: `${path}[${i}]`, found: shown(entry), allowed, fix: set(i) });
      return false;
    });
  };
  const port = (key: string, fallback: number): number => {
    const raw = read(key);
    if (raw === undefined) return fallback;
    const value = Number(raw);
    if (Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
    mistakes.push({
      path: `${PROJECT}:${key}`,
      found: shown(raw),
      allowed: "a port from 1 to 65535",
      fix: `pulumi config set ${PROJECT}:${key} ${fallback}`,
    });
    return fallback;
  };
  const operators = readOperators(read, demanding);
  const limit = read("serverLimit");
  if (limit !== undefined && !/^[1-9]\d{0,4}$/.test(limit)) {
    mistakes.push({
      path: `${PROJECT}:serverLimit`,
      found: shown(limit),
      allowed: "a number of servers, as Hetzner Console shows it under Limits",
      fix: `pulumi config set ${PROJECT}:serverLimit 50`,
    });
  }
  const settings: Settings = {
    operatorCidrs: list("operatorCidrs", "203.0.113.7/32", isCidr, "a CIDR with zero host bits", true),
    operators: operators.operators,
    bastionSshPort: port("bastionSshPort", BASTION_PORTS.bastionSshPort),
    bastionKubernetesPort: port("bastionKubernetesPort", BASTION_PORTS.bastionKubernetesPort),
    consentToDelete: list(
      "consentToDelete",
      "db-slave-02",
      (name) => name !== "",
      "the name of a host, load balancer, application or secret, or of the stack",
      false,
    ),
    ...(read("upgradedHosts") === undefined
      ? {}
      : { upgradedHosts: list("upgradedHosts", "db-slave-02", (name) => name !== "", "the name of a host", false) }),
    ...(limit === undefined ? {} : { serverLimit: Number(limit) }),
  };
  mistakes.push(...operators.mistakes, ...operatorNetworkMistakes(settings.operatorCidrs));
  const delegated = read("zoneIsDelegated");
  if (delegated !== undefined && delegated !== "true" && delegated !== "false") {
    mistakes.push({
      path: `${PROJECT}:zoneIsDelegated`,
      found: shown(delegated),
      allowed: "true or false",
      fix: `pulumi config set ${PROJECT}:zoneIsDelegated true`,
    });
  }
  // Nobody's network (RFC 5737), so that planning goes on and finds the other mistakes as well.
  const operatorCidrs = settings.operatorCidrs.length > 0 ? settings.operatorCidrs : ["192.0.2.0/24"];
  return { settings: { ...settings, operatorCidrs, zoneIsDelegated: delegated === "true" }, mistakes };
}

/**
 * Keys of this project that nothing reads, such as one with a typo.
 *
 * @param keys all that the stack has, with their project: "keybuzz:operatorCidrs"
 * @param secretKeys those of secrets that the environment may use
 */
export function unknownSettings(keys: readonly string[], secretKeys: readonly string[]): readonly Mistake[] {
  const known = [...Object.keys(SETTINGS), ...secretKeys];
  return keys
    .filter(
      (key) => key.startsWith(`${PROJECT}:`) && ![...known, FORMER_SETTING].includes(key.slice(PROJECT.length + 1)),
    )
    .map((key) => ({
      path: key,
      // Without its value: it may be a secret.
      found: "a setting that nothing reads",
      allowed: known.join(", "),
      fix: `${nearestFix(key.slice(PROJECT.length + 1), known)}: pulumi config rm ${key}`,
    }));
}

/** The configured secrets that the plan names but the stack lacks. */
export function missingSecrets(specs: readonly SecretSpec[], has: (key: string) => boolean): readonly Mistake[] {
  return specs.flatMap((spec) =>
    spec.kind === "configured" && !has(spec.configKey)
      ? [
          {
            path: `${PROJECT}:${spec.configKey}`,
            found: "nothing",
            allowed: SECRET_CONFIG[spec.configKey] ?? "a secret that workloads.apps or workloads.registries names",
            fix: `pulumi config set --secret ${PROJECT}:${spec.configKey}`,
          },
        ]
      : [],
  );
}

/** Where and with what the provider asks Hetzner: configuration, then the variables that Hetzner's tools share. */
export function apiAccess(): ApiAccess | undefined {
  const config = new pulumi.Config("hcloud");
  const given = (key: string, variable: string): string | undefined =>
    [config.get(key), process.env[variable]].find((value) => value !== undefined && value !== "");
  const token = given("token", "HCLOUD_TOKEN");
  return token === undefined
    ? undefined
    : { token, endpoint: given("endpoint", "HCLOUD_ENDPOINT") ?? HETZNER_ENDPOINT };
}

export function missingToken(): readonly Mistake[] {
  if (apiAccess() !== undefined) return [];
  return [
    {
      path: "hcloud:token",
      found: "nothing",
      allowed: "a token of Hetzner Console, Security, API tokens: read and write",
      fix: "pulumi config set --secret hcloud:token",
    },
  ];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
