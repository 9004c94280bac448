import { MistakesError } from "../../../components/mistakes";
import { planWorkloads } from "../../../components/workloads/workloadPlans";
import { fakeEstate } from "./fakeServices";
import { CHATWOOT } from "./prodWorkloads";

const API = { image: "nginx:1.29.3-alpine", replicas: 2, maxReplicas: 4 };
const LITELLM = { image: "ghcr.io/berriai/litellm-non_root:main-v1.83.3-stable", replicas: 2 };
const CONNECTOR = {
  name: "bot",
  namespace: "ai",
  image: "bot:1",
  port: 8080,
  replicas: 1,
  readinessPath: "/",
  needs: ["llm"],
} as const;

function mistakePaths(make: () => unknown): readonly string[] {
  try {
    make();
  } catch (error) {
    if (error instanceof MistakesError) return error.mistakes.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe("the workloads of an environment", () => {
  it("are those that are on, LiteLLM first and known to the others", () => {
    const planned = planWorkloads(
      { keybuzzApi: API, liteLlm: LITELLM, chatwoot: CHATWOOT, connectors: [CONNECTOR] },
      fakeEstate().context,
    );
    expect(planned.map(({ app }) => app.name)).toEqual(["llm-proxy", "keybuzz-api", "chatwoot", "bot"]);
    expect(planned.map(({ app }) => app.configMap.entries.LLM_URL)).toEqual([
      undefined,
      "http://llm-proxy.ai.svc.cluster.local:4000",
      undefined,
      "http://llm-proxy.ai.svc.cluster.local:4000",
    ]);
  });

  it("may be none", () => {
    expect(planWorkloads({}, fakeEstate().context)).toEqual([]);
  });

  it("report the mistakes of all of them at once", () => {
    const args = {
      keybuzzApi: { ...API, maxReplicas: 1 },
      chatwoot: { ...CHATWOOT, image: "chatwoot" },
      liteLlm: { ...LITELLM, replicas: 0 },
    };
    expect(mistakePaths(() => planWorkloads(args, fakeEstate().context))).toEqual([
      "workloads.liteLlm > llm-proxy.processes.llm-proxy.scale",
      "workloads.keybuzzApi > keybuzz-api.processes.keybuzz-api.scale.max",
      "workloads.chatwoot > chatwoot.image",
    ]);
  });

  it("do not blame LiteLLM's users for its mistakes, but for its absence", () => {
    const { context } = fakeEstate();
    expect(
      mistakePaths(() => planWorkloads({ liteLlm: { ...LITELLM, replicas: 0 }, connectors: [CONNECTOR] }, context)),
    ).toEqual(["workloads.liteLlm > llm-proxy.processes.llm-proxy.scale"]);
    expect(mistakePaths(() => planWorkloads({ connectors: [CONNECTOR] }, fakeEstate().context))).toEqual([
      "workloads.connectors[0] > bot.needs",
    ]);
  });
});
