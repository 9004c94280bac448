import { renderPlacement } from "../../components/apps/renderPlacement";
import { Mistakes } from "../../components/mistakes";
import { judgeEnvironment } from "../../stacks/judgeEnvironment";
import { environment as prod } from "../../stacks/prod";

function told(input: unknown): readonly string[] {
  const mistakes = new Mistakes();
  judgeEnvironment(input, mistakes);
  return mistakes.all.map(({ path, found }) => `${path}: ${found}`);
}

const withoutDuty = prod.hosts.map(({ duty, ...host }) => (duty === "ai" ? host : { ...host, ...(duty && { duty }) }));
const vision = (placement: object) => ({
  name: "vision",
  image: "vision:1",
  processes: [{ kind: "worker", health: { kind: "exit" }, scale: 1, placement }],
});

test("a workload that is placed on a duty which no worker has is refused; also where it is only allowed there", () => {
  const { apps = [] } = prod.workloads;
  const workloads = { ...prod.workloads, apps: [...apps, vision({ only: "ai" })] };
  expect(told({ ...prod, workloads })).toEqual([]);
  expect(told({ ...prod, hosts: withoutDuty, workloads })).toEqual([
    'workloads.liteLlm.placement.also: "ai", which is no worker\'s duty here',
    `workloads.apps[${apps.length}].processes[0].placement.only: "ai", which is no worker's duty here`,
  ]);
  const elsewhere = { ...prod.workloads, apps: [vision({ avoid: ["ai"], strict: true })] };
  const { placement: _placement, ...liteLlm } = prod.workloads.liteLlm ?? { image: "llm:1", replicas: 1 };
  expect(told({ ...prod, hosts: withoutDuty, workloads: { ...elsewhere, liteLlm } })).toEqual([]);
});

test("a toleration follows from the placement, and a selector where it is nowhere else", () => {
  const toleration = { key: "keybuzz.io/duty", operator: "Equal", value: "ai", effect: "NoSchedule" };
  expect(renderPlacement({ also: "ai" })).toEqual({ tolerations: [toleration] });
  expect(renderPlacement({ only: "ai" })).toEqual({
    tolerations: [toleration],
    nodeSelector: { "keybuzz.io/duty": "ai" },
  });
});
