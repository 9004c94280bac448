import { CLUSTER_RULE_CASES } from "./clusterRuleCases";
import { DATA_RULE_CASES } from "./dataRuleCases";
import { MACHINE_RULE_CASES } from "./machineRuleCases";
import { POSTGRES_RULE_CASES } from "./postgresRuleCases";
import { UPKEEP_RULE_CASES } from "./upkeepRuleCases";
import type { RuleCase } from "./ruleCase";

/** Two for each rule: one that fires, one that stays silent. Prod's numbers: 8 nodes, three members everywhere. */
export const RULE_CASES: Readonly<Record<string, RuleCase>> = {
  ...CLUSTER_RULE_CASES,
  ...MACHINE_RULE_CASES,
  ...POSTGRES_RULE_CASES,
  ...DATA_RULE_CASES,
  ...UPKEEP_RULE_CASES,
};
