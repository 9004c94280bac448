import { MistakesError } from "../../../components/mistakes";
import type { AppEntry, AppProcess } from "../../../components/workloads/apps/appEntry";
import { planWorkloads, type WorkloadsArgs } from "../../../components/workloads/workloadPlans";
import { fakeEstate } from "./fakeServices";
import { NOTHING_GIVEN } from "./plannedApps";
import { CHATWOOT } from "./prodWorkloads";

const API: AppEntry = {
  name: "keybuzz-api",
  image: "nginx:1.29.3-alpine",
  processes: [{ kind: "web", port: 80, health: { kind: "tcp" }, scale: { min: 2, max: 4 } }],
};
const LITELLM = { image: "ghcr.io/berriai/litellm-non_root:main-v1.83.3-stable", replicas: 2 };
const BOT: AppEntry = {
  name: "bot",
  namespace: "ai",
  image: "bot:1",
  needs: { llm: {} },
  processes: [{ kind: "web", port: 8080, health: { kind: "http", path: "/" }, scale: 1 }],
};

const plan = (args: WorkloadsArgs) => planWorkloads(args, NOTHING_GIVEN(), fakeEstate().context);

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
    const planned = plan({ liteLlm: LITELLM, chatwoot: CHATWOOT, apps: [API, BOT] });
    expect(planned.map(({ app }) => app.name)).toEqual(["llm-proxy", "chatwoot", "keybuzz-api", "bot"]);
    expect(planned.map(({ app }) => app.configMap.entries.LLM_URL)).toEqual([
      undefined,
      undefined,
      undefined,
      "http://llm-proxy.ai.svc.cluster.local:4000",
    ]);
  });

  it("may be none", () => {
    expect(plan({})).toEqual([]);
  });

  it("report the mistakes of all of them at once", () => {
    const args = {
      apps: [{ ...API, processes: API.processes.map((one) => ({ ...one, scale: { min: 2, max: 1 } }) as AppProcess) }],
      chatwoot: { ...CHATWOOT, image: "chatwoot" },
      liteLlm: { ...LITELLM, replicas: 0 },
    };
    expect(mistakePaths(() => plan(args))).toEqual([
      "workloads.liteLlm > llm-proxy.processes.llm-proxy.scale",
      "workloads.chatwoot > chatwoot.image",
      "workloads.apps[0].processes[0].scale.max",
    ]);
  });

  it("do not blame LiteLLM's users for its mistakes, but for its absence", () => {
    expect(mistakePaths(() => plan({ liteLlm: { ...LITELLM, replicas: 0 }, apps: [BOT] }))).toEqual([
      "workloads.liteLlm > llm-proxy.processes.llm-proxy.scale",
    ]);
    expect(mistakePaths(() => plan({ apps: [BOT] }))).toEqual(["workloads.apps[0].needs.llm"]);
  });
});
