import type { RuleGroup } from "../alertRule";
import { careRules } from "./careRules";
import { haproxyRules, mariadbRules, objectStoreRules, rabbitRules, redisRules } from "./dataRules";
import { ingressRules } from "./ingressRules";
import { kubernetesRules } from "./kubernetesRules";
import { machineRules } from "./machineRules";
import { postgresRules } from "./postgresRules";
import type { RuleFacts } from "./ruleFacts";
import { vaultRules } from "./vaultRules";

/** Every rule that makes sense in an estate: an absent cluster has none, a single member has no quorum to lose. */
export function allRules(known: RuleFacts): readonly RuleGroup[] {
  const { postgres, redis, rabbitmq, mariadb, objectStore, vault } = known;
  return [
    ingressRules(known),
    kubernetesRules(known),
    machineRules(),
    haproxyRules(),
    ...(postgres === undefined ? [] : [postgresRules(postgres)]),
    ...(redis === undefined ? [] : [redisRules(redis)]),
    ...(rabbitmq === undefined ? [] : [rabbitRules(rabbitmq)]),
    ...(mariadb === undefined ? [] : [mariadbRules(mariadb)]),
    ...(objectStore === undefined ? [] : [objectStoreRules()]),
    ...(vault === undefined ? [] : [vaultRules(vault)]),
    ...careRules(known),
  ];
}
