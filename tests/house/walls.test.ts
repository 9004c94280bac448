import { spawnSync } from "node:child_process";
import { join } from "node:path";

interface Linted {
  readonly file: string;
  readonly specifier: string;
  readonly messages: readonly string[];
}
interface Arrow extends Linted {
  readonly from: string;
  readonly to: string;
  readonly allowed: boolean;
}

/** Written out, so that a wrong plan fails too: a file, what it imports, and a part of what it is told. */
const REFUSED: readonly (readonly [string, string, string])[] = [
  // index -> stacks -> components -> topology
  ["index.ts", "./components/machines/host", "may import stacks"],
  ["index.ts", "./verifier/verify", "may import stacks"],
  ["stacks/new.ts", "../index", "stacks imports index.ts"],
  ["components/topology/new.ts", "../../stacks/plan", "components/topology imports stacks"],
  ["components/topology/new.ts", "../secrets/secretRef", "nothing but itself"],
  ["components/topology/new.ts", "../machines/hostConfig", "nothing but itself"],
  ["components/topology/new.ts", "../../verifier/verify", "components/topology imports verifier"],
  ["components/topology/new.ts", "@pulumi/pulumi", "knows nothing of Pulumi"],
  ["components/secrets/new.ts", "../network/privateNetwork", "components/secrets imports components/network"],
  ["components/network/new.ts", "../machines/host", "components/network imports components/machines"],
  ["components/machines/new.ts", "../workloads/n8n", "components/machines imports components/workloads"],
  ["components/machines/new.ts", "../apps/appPlan", "components/machines imports components/apps"],
  ["components/machines/new.ts", "../data/quorum", "components/machines imports components/data"],
  ["components/balancing/new.ts", "../data/mariadb/galeraConfig", "imports components/data/mariadb"],
  ["components/apps/new.ts", "../workloads/services", "components/apps imports components/workloads"],
  ["components/apps/new.ts", "../monitoring/monitoring", "components/apps imports components/monitoring"],
  ["components/cluster/pods/new.ts", "../k3s/k3sConfig", "components/cluster/pods imports components/cluster/k3s"],
  ["components/cluster/k3s/new.ts", "../ingress/routes", "components/cluster/k3s imports components/cluster/ingress"],
  ["components/cluster/k3s/new.ts", "../../data/quorum", "components/cluster/k3s imports components/data"],
  ["components/data/new.ts", "./postgres/postgresService", "components/data imports components/data/postgres"],
  ["components/data/redis/new.ts", "../rabbit/rabbitConfig", "components/data/redis imports components/data/rabbit"],
  ["components/data/new/new.ts", "../redis/redisConfig", "components/data/new imports components/data/redis"],
  ["components/data/redis/new.ts", "../../workloads/n8n", "components/data/redis imports components/workloads"],
  ["components/workloads/new.ts", "../monitoring/monitoring", "components/workloads imports components/monitoring"],
  ["components/workloads/vault/new.ts", "../../../stacks/plan", "components/workloads imports stacks"],
  ["components/monitoring/new.ts", "../workloads/services", "components/monitoring imports components/workloads"],
  ["components/monitoring/new.ts", "../../stacks/plan", "components/monitoring imports stacks"],
  // Nothing of the program sees what stands around it.
  ["index.ts", "./rehearsal/cli", "index.ts imports rehearsal"],
  ["stacks/new.ts", "../rehearsal/fleet", "stacks imports rehearsal"],
  ["stacks/new.ts", "../packages/common/src/processes", "stacks imports packages/common"],
  ["stacks/new.ts", "@standin/pulumi-engine", "stacks imports packages/pulumi-engine"],
  ["stacks/new.ts", "../policy/policies", "stacks imports policy"],
  ["stacks/new.ts", "../tools/graph", "stacks imports tools"],
  ["stacks/new.ts", "../picture/buildPicture", "stacks imports picture"],
  ["components/network/new.ts", "../../picture/svg", "components/network imports picture"],
  ["verifier/new.ts", "../picture/model", "verifier imports picture"],
  ["policy/new.ts", "../picture/model", "policy imports picture"],
  ["picture/new.ts", "../stacks/plan", "picture imports stacks"],
  ["picture/new.ts", "../diff/compare", "picture imports diff"],
  ["picture/new.ts", "@pulumi/pulumi", "knows nothing of Pulumi"],
  ["stacks/new.ts", "../tests/support/emitted", "stacks imports tests"],
  ["stacks/new.ts", "../verifier/mutations/mutationList", "stacks imports verifier/mutations"],
  ["components/machines/new.ts", "@standin/machines", "components/machines imports packages/machines"],
  ["components/machines/new.ts", "../../rehearsal/estate", "components/machines imports rehearsal/estate.ts"],
  ["components/data/new.ts", "../../verifier/declaration", "components/data imports verifier/declaration.ts"],
  ["components/workloads/new.ts", "../../tools/graph", "components/workloads imports tools"],
  ["components/workloads/new.ts", "../../tests/support/emitted", "components/workloads imports tests"],
  // The verifier: read -> walk -> ask -> say, and nothing of what it judges.
  ["verifier/read/new.ts", "../../components/topology/topology", "verifier/read imports components/topology"],
  ["verifier/ask/new.ts", "../../stacks/plan", "verifier/ask imports stacks"],
  ["verifier/new.ts", "../policy/policies", "verifier imports policy"],
  ["verifier/read/new.ts", "@pulumi/pulumi", "knows nothing of Pulumi"],
  ["verifier/read/new.ts", "../walk/paths", "verifier/read imports verifier/walk"],
  ["verifier/walk/new.ts", "../ask/closed", "verifier/walk imports verifier/ask"],
  ["verifier/ask/new.ts", "../report", "verifier/ask imports verifier"],
  ["verifier/new.ts", "./mutations/mutation", "verifier imports verifier/mutations"],
  // Beside the program.
  ["policy/new.ts", "../rehearsal/fleet", "policy imports rehearsal"],
  ["policy/new.ts", "../stacks/plan", "policy imports stacks"],
  ["policy/new.ts", "../components/topology/topology", "policy imports components/topology"],
  ["policy/new.ts", "../verifier/mutations/mutation", "policy imports verifier/mutations"],
  ["rehearsal/cli/new.ts", "../../components/data/quorum", "rehearsal imports components/data"],
  ["rehearsal/cli/new.ts", "../../stacks/loadEnvironment", "rehearsal imports stacks"],
  ["rehearsal/new.ts", "../verifier/verify", "rehearsal imports verifier"],
  ["rehearsal/cli/new.ts", "../../tools/graph", "rehearsal imports tools"],
  ["rehearsal/estate.ts", "./fleet", "rehearsal/estate.ts imports rehearsal"],
  ["packages/common/src/new.ts", "@standin/kubernetes-api", "packages/common imports packages/kubernetes-api"],
  ["packages/machines/src/real/new.ts", "../../../../components/machines/render", "imports components/machines"],
  ["packages/machines/src/new.ts", "../../../rehearsal/fleetNeeds", "packages/machines imports rehearsal"],
  ["packages/machines/src/new.ts", "@standin/hetzner-api", "packages/machines imports packages/hetzner-api"],
  ["packages/hetzner-api/src/new.ts", "../../../stacks/plan", "packages/hetzner-api imports stacks"],
  ["packages/pulumi-engine/src/new.ts", "../../../components/topology/topology", "imports components/topology"],
  ["packages/kubernetes-api/src/new.ts", "../../../verifier/verify", "packages/kubernetes-api imports verifier"],
  ["tools/new.ts", "../tests/support/emitted", "tools imports tests"],
  // Each new folder is given its place; nothing comes from outside.
  ["components/newRoom/new.ts", "./other", "stands in no room"],
  ["newTower/new.ts", "./other", "stands in no room"],
  ["tools/new.ts", "../../elsewhere/secret", "out of the repository"],
];

const WELCOME: readonly (readonly [string, string])[] = [
  ["index.ts", "./stacks/platform"],
  ["stacks/new.ts", "../components/monitoring/monitoring"],
  ["stacks/new.ts", "../verifier/verify"],
  ["components/monitoring/new.ts", "../apps/registerApp"],
  ["components/workloads/new.ts", "../apps/appPlan"],
  ["components/data/redis/new.ts", "../quorum"],
  ["components/data/redis/new.ts", "../../balancing/haproxyService"],
  ["components/machines/new.ts", "../secrets/secretRef"],
  ["components/machines/new.ts", "@pulumi/pulumi"],
  ["components/data/new/new.ts", "../../topology/topology"],
  ["verifier/ask/new.ts", "../declaration"],
  ["policy/new.ts", "../verifier/verify"],
  ["rehearsal/cli/new.ts", "../estate"],
  ["rehearsal/estate.ts", "../stacks/loadEnvironment"],
  ["rehearsal/estate.ts", "../components/machines/render"],
  ["rehearsal/estate.ts", "../verifier/verify"],
  ["rehearsal/new.ts", "@standin/hetzner-api"],
  ["packages/hetzner-api/src/new.ts", "@standin/common/processes"],
  ["tools/new.ts", "../stacks/plan"],
  ["tests/new.ts", "../tools/graph"],
];

const done = spawnSync(process.execPath, [join(__dirname, "support", "lintArrows.mjs")], {
  input: JSON.stringify({ byHand: [...REFUSED, ...WELCOME].map(([file, specifier]) => [file, specifier]) }),
  encoding: "utf8",
  maxBuffer: 1 << 26,
});
if (done.status !== 0) throw new Error(done.stderr);
const { plan, byHand } = JSON.parse(done.stdout) as {
  readonly plan: readonly Arrow[];
  readonly byHand: readonly Linted[];
};

const told = (file: string, specifier: string): readonly string[] | undefined =>
  byHand.find((one) => one.file === file && one.specifier === specifier)?.messages;

describe("written out by hand", () => {
  test.each(REFUSED)("%s may not import %s", (file, specifier, message) => {
    expect(told(file, specifier)).toEqual([expect.stringContaining(message)]);
  });

  test.each(WELCOME)("%s may import %s", (file, specifier) => {
    expect(told(file, specifier)).toEqual([]);
  });
});

describe("by the plan of the house", () => {
  const forbidden = plan.filter((arrow) => !arrow.allowed);

  test.each(forbidden)("$from -> $to is an error", ({ from, to, messages }) => {
    expect(messages).toEqual([expect.stringContaining(`${from} imports ${to}, and may import `)]);
  });

  test("no other arrow is", () => {
    expect(plan.filter(({ allowed, messages }) => allowed && messages.length > 0)).toEqual([]);
  });
});
