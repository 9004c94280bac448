import type { Endpoint } from "../topology/topology";
import type { AppPlan } from "../apps/appPlan";
import { planChatwoot, type ChatwootArgs } from "./chatwoot";
import { planConnector, type ConnectorArgs } from "./connectors";
import { planErpNext, type ErpNextArgs } from "./erpNext";
import { planKeybuzzApi, type KeybuzzApiArgs } from "./keybuzzApi";
import { planKeybuzzFront, type KeybuzzFrontArgs } from "./keybuzzFront";
import { planLiteLlm, type LiteLlmArgs } from "./liteLlm";
import { planN8n, type N8nArgs } from "./n8n";
import { Mistakes } from "../mistakes";
import { planSuperset, type SupersetArgs } from "./superset";
import type { WorkloadContext } from "./workloadContext";

/** The applications of one environment. Absent means off. LiteLLM's endpoint is the plan's own matter. */
export interface WorkloadsArgs {
  readonly keybuzzApi?: Omit<KeybuzzApiArgs, "llm">;
  readonly keybuzzFront?: KeybuzzFrontArgs;
  readonly chatwoot?: ChatwootArgs;
  readonly liteLlm?: LiteLlmArgs;
  readonly n8n?: N8nArgs;
  readonly superset?: SupersetArgs;
  readonly erpNext?: ErpNextArgs;
  /** Marketplace connectors and AI services. */
  readonly connectors?: readonly Omit<ConnectorArgs, "llm">[];
}

export interface PlannedWorkload {
  readonly app: AppPlan;
  /** Its Services; the ingress knows which of them have public routes. */
  readonly endpoints: readonly Endpoint[];
}

/**
 * Plans every application that is on, but for those that mistakes are told of already. LiteLLM comes first, since the
 * others are given its address. Mistakes have the path of the application in the environment.
 *
 * @throws MistakesError with the mistakes of all applications, where the context collects none
 */
export function planWorkloads(args: WorkloadsArgs, context: WorkloadContext): readonly PlannedWorkload[] {
  const planned: PlannedWorkload[] = [];
  const mistakes = context.mistakes ?? new Mistakes();
  const attempt = <Plan>(name: string, make: (own: WorkloadContext) => Plan): Plan | undefined => {
    const path = `workloads.${name}`;
    if (mistakes.all.some((mistake) => mistake.path === path)) return undefined;
    const own = mistakes.at(path);
    return own.attempt(() => make({ ...context, mistakes: own }));
  };
  const add = (plan: { readonly app: AppPlan; readonly endpoint: Endpoint } | undefined): void => {
    if (plan !== undefined) planned.push({ app: plan.app, endpoints: [plan.endpoint] });
  };
  const { keybuzzApi, keybuzzFront, chatwoot, liteLlm, n8n, superset, erpNext, connectors = [] } = args;

  const proxy = liteLlm === undefined ? undefined : attempt("liteLlm", (own) => planLiteLlm(liteLlm, own));
  const llm = proxy === undefined ? {} : { llm: proxy.endpoint };
  add(proxy);
  if (keybuzzApi !== undefined) add(attempt("keybuzzApi", (own) => planKeybuzzApi({ ...keybuzzApi, ...llm }, own)));
  if (keybuzzFront !== undefined) add(attempt("keybuzzFront", (own) => planKeybuzzFront(keybuzzFront, own)));
  if (chatwoot !== undefined) add(attempt("chatwoot", (own) => planChatwoot(chatwoot, own)));
  const automation = n8n === undefined ? undefined : attempt("n8n", (own) => planN8n(n8n, own));
  if (automation !== undefined)
    planned.push({ app: automation.app, endpoints: Object.values<Endpoint>(automation.endpoints) });
  if (superset !== undefined) add(attempt("superset", (own) => planSuperset(superset, own)));
  if (erpNext !== undefined) add(attempt("erpNext", (own) => planErpNext(erpNext, own)));
  connectors.forEach((connector, i) => {
    // Without a LiteLLM that should be there, its users' mistakes would only repeat that.
    if (liteLlm !== undefined && proxy === undefined && (connector.needs ?? []).includes("llm")) return;
    add(attempt(`connectors[${i}]`, (own) => planConnector({ ...connector, ...llm }, own)));
  });

  if (context.mistakes === undefined) mistakes.refuse("the environment's workloads");
  return planned;
}
