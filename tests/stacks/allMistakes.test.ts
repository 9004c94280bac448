import { Mistakes } from "../../components/mistakes";
import { DELEGATED } from "../../components/network/certificatePlan";
import { judgeEnvironment } from "../../stacks/judgeEnvironment";
import { draftEstate } from "../../stacks/plan";
import { environment as local } from "../../stacks/local";
import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";

type Writable = Record<string, never> & Record<string, unknown>;

/** A copy of local with one mistake of each class in it, made by the edits. */
function broken(...edits: readonly ((copy: typeof local & Writable) => void)[]): unknown {
  const copy = JSON.parse(JSON.stringify(local)) as typeof local & Writable;
  for (const edit of edits) edit(copy);
  return copy;
}

/** All that is told of an environment and its plan, in one run. */
function told(input: unknown, consent: readonly string[] = []): readonly string[] {
  const mistakes = new Mistakes();
  const settings = { ...EXAMPLE_SETTINGS, consentToDelete: consent };
  mistakes.attempt(() => draftEstate(judgeEnvironment(input, mistakes), settings, DELEGATED, mistakes));
  return mistakes.all.map(({ path }) => path);
}

const set = (path: string, value: unknown) => (copy: object) => {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const holder = keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], copy);
  (holder as Record<string, unknown>)[last] = value;
};

const SHAPE = set("hosts.5.serverType", "cx11");
const KEY = set("web.idleTimeout", 60);
const MEANING = set("hosts.7.address", "10.9.0.1");
const PORT = set("dataLoadBalancer.ports.redis", 5432);
const COUNT = (copy: { hosts: readonly { readonly name: string }[] }) =>
  set(
    "hosts",
    copy.hosts.filter(({ name }) => name !== "redis-03"),
  )(copy);
const APPLICATION = set("workloads.apps.2.env", { API_TOKEN: "hunter2" });
const ROUTE = set("workloads.apps.2.processes.0.expose.0.routes.0.heartbeatSeconds", 200);
const SCALE = set("workloads.apps.0.processes.0.scale.max", 1);

const TOLD = {
  shape: "hosts[5].serverType",
  key: "web.idleTimeout",
  meaning: "hosts[7].address",
  port: "dataLoadBalancer.ports.redis",
  count: "hosts",
  application: "workloads.apps[2].env.API_TOKEN",
  route: "chat.keybuzz.test/api/chat/stream (chat-backend, sse).heartbeatSeconds",
  scale: "workloads.apps[0].processes[0].scale.max",
};

test("a sound environment has none, and what a run goes on with is the environment itself", () => {
  expect(told(local)).toEqual([]);
  expect(judgeEnvironment(local, new Mistakes())).toEqual(local);
});

test("mistakes of all classes in one file are told at once, each once", () => {
  const all = told(broken(SHAPE, KEY, MEANING, PORT, COUNT, APPLICATION, ROUTE, SCALE), [
    "db-master-01",
    "db-slave-01",
  ]);
  expect([...all].sort()).toEqual(Object.values(TOLD).sort());
});

test("consent and rotations are judged where hosts and workloads are sound", () => {
  const all = told(broken(KEY, APPLICATION, set("rotations", { "postgres/chatwot": 1 })), [
    "db-master-01",
    "db-slave-01",
  ]);
  expect(all).toEqual([TOLD.key, "keybuzz:consentToDelete", TOLD.application, 'rotations["postgres/chatwot"]']);
});

/** Every place in an environment that has something of its own in it, the first of each list. */
function places(value: unknown, path = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()].slice(0, 1) : Object.entries(value);
  return entries.flatMap(([key, inner]) => places(inner, path === "" ? String(key) : `${path}.${key}`));
}

/** Several at a time, from all over the environment. */
const RUNS = 12;
const runs = Array.from({ length: RUNS }, (_, run) => places(local).filter((_path, i) => i % RUNS === run));

// What stands in a place of the wrong shape stops only those who need it.
test.each(runs)("with mistakes of shape at %s and elsewhere, an application is judged all the same", (...paths) => {
  const all = told(broken(APPLICATION, ...paths.map((path) => set(path, [true]))));
  const judged = all.filter((path) => path === TOLD.application);
  expect(judged).toHaveLength(1);
  // Without its kind nothing knows what else belongs to it.
  const blind = paths.filter((path) => path.endsWith(".kind")).map((path) => path.slice(0, -"kind".length));
  const wanted = paths
    .filter((path) => path.endsWith(".kind") || !blind.some((one) => path.startsWith(one)))
    .map((path) => path.replace(/\.(\d+)/g, "[$1]"));
  expect(all.filter((path) => path !== TOLD.application).sort()).toEqual(wanted.sort());
});
