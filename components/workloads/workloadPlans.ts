import type { Endpoint } from "../topology/topology";
import type { AppPlan } from "../apps/appPlan";
import { planChatwoot, type ChatwootArgs } from "./chatwoot";
import { planConnector, type ConnectorArgs } from "./connectors";
import { planErpNext, type ErpNextArgs } from "./erpNext";
import { planKeybuzzApi, type KeybuzzApiArgs } from "./keybuzzApi";
import { planKeybuzzFront, type KeybuzzFrontArgs } from "./keybuzzFront";
import { planLiteLlm, type LiteLlmArgs } from "./liteLlm";
import { planN8n, type N8nArgs } from "./n8n";
import { MistakesError, type Mistake } from "../mistakes";
import { planSuperset, type SupersetArgs } from "./superset";
import type { WorkloadContext } from "./workloadContext";

/** The applications of one environment. Absent means off. */
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
 * Plans every application that is on. LiteLLM comes first, since the others are given its address.
 *
 * @throws MistakesError with the mistakes of all applications
 */
export function planWorkloads(args: WorkloadsArgs, context: WorkloadContext): readonly PlannedWorkload[] {
  const planned: PlannedWorkload[] = [];
  const mistakes: Mistake[] = [];
  const attempt = <Plan extends { readonly app: AppPlan }>(
    make: () => Plan,
    endpoints: (plan: Plan) => readonly Endpoint[],
  ): Plan | undefined => {
    try {
      const plan = make();
      planned.push({ app: plan.app, endpoints: endpoints(plan) });
      return plan;
    } catch (error) {
      if (!(error instanceof MistakesError)) throw error;
      mistakes.push(...error.mistakes);
      return undefined;
    }
  };
  const only = ({ endpoint }: { readonly endpoint: Endpoint }): readonly Endpoint[] => [endpoint];
  const { keybuzzApi, keybuzzFront, chatwoot, liteLlm, n8n, superset, erpNext, connectors = [] } = args;

  const proxy = liteLlm === undefined ? undefined : attempt(() => planLiteLlm(liteLlm, context), only);
  const llm = proxy === undefined ? {} : { llm: proxy.endpoint };
  if (keybuzzApi !== undefined) attempt(() => planKeybuzzApi({ ...keybuzzApi, ...llm }, context), only);
  if (keybuzzFront !== undefined) attempt(() => planKeybuzzFront(keybuzzFront, context), only);
  if (chatwoot !== undefined) attempt(() => planChatwoot(chatwoot, context), only);
  if (n8n !== undefined)
    attempt(
      () => planN8n(n8n, context),
      ({ endpoints }) => Object.values(endpoints),
    );
  if (superset !== undefined) attempt(() => planSuperset(superset, context), only);
  if (erpNext !== undefined) attempt(() => planErpNext(erpNext, context), only);
  // With a mistaken LiteLLM, its users' mistakes would only repeat that.
  const judged = connectors.filter(
    ({ needs }) => liteLlm === undefined || proxy !== undefined || !(needs ?? []).includes("llm"),
  );
  for (const connector of judged) attempt(() => planConnector({ ...connector, ...llm }, context), only);

  if (mistakes.length > 0) throw new MistakesError("the environment's workloads", mistakes);
  return planned;
}
