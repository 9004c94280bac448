import { EXAMPLE_SETTINGS, emittedGraph } from "../../stacks/emittedGraph";
import { leavingRoleMistakes, leavingWorkerMistakes } from "../../stacks/leavingWorkers";
import type { ProjectFacts } from "../../stacks/observeProject";
import { planEstate } from "../../stacks/plan";
import { environment as prod } from "../../stacks/prod";
import { registrations, type Registration } from "../../tools/registrations";
import { unpackScript } from "../../components/machines/packScript";
import { verify } from "../../verifier/verify";

// Registers prod twice.
jest.setTimeout(180_000);

const LEAVING = "k3s-worker-05";
const leaving = {
  ...prod,
  hosts: prod.hosts.map((host) => (host.name === LEAVING ? { ...host, leaving: true } : host)),
};
const without = { ...prod, hosts: prod.hosts.filter(({ name }) => name !== LEAVING) };
const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

/** Names of all that a resource waits for, directly or not. */
function waitedFor(all: readonly Registration[], name: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = all.filter(({ urn }) => nameOf(urn) === name);
  for (let one = open.pop(); one !== undefined; one = open.pop())
    for (const urn of one.dependencies) {
      if (found.has(nameOf(urn))) continue;
      found.add(nameOf(urn));
      open.push(...all.filter((other) => other.urn === urn));
    }
  return found;
}

describe("a worker that leaves", () => {
  let before: readonly Registration[];
  let after: readonly Registration[];
  beforeAll(async () => {
    before = await registrations(planEstate(prod, EXAMPLE_SETTINGS));
    after = await registrations(planEstate(leaving, EXAMPLE_SETTINGS));
  });

  test("no balancer leads to it, and it is emptied; every filter stays open for it until its machine goes", () => {
    const names = (all: readonly Registration[]): ReadonlySet<string> => new Set(all.map(({ urn }) => nameOf(urn)));
    const [had, has] = [names(before), names(after)];
    const gone = [...had].filter((name) => !has.has(name));
    expect(gone.length).toBeGreaterThan(0);
    for (const name of gone) expect(name).toMatch(new RegExp(`^lb-.*${LEAVING}`));
    expect([...has].filter((name) => !had.has(name))).toEqual([`${LEAVING}-empty`]);
    const changed = after.filter(({ urn, inputs }) => {
      const old = before.find((one) => one.urn === urn);
      return old !== undefined && JSON.stringify(old.inputs) !== JSON.stringify(inputs);
    });
    // Its server has a label more; nobody's firewall, configuration or rule is touched.
    expect(changed.map(({ urn }) => nameOf(urn))).toEqual([LEAVING]);
  });

  test("it is emptied by a server, once the workloads are as they are to be and every worker is back from its turn", () => {
    const empty = after.find(({ urn }) => nameOf(urn) === `${LEAVING}-empty`);
    const script = unpackScript(String(empty?.inputs["stdin"]).replace(/^\[secret\] /, ""));
    expect(script).toContain(`readonly NODE='${LEAVING}'`);
    expect(script).toContain("readonly STEP='leave'");
    const waited = waitedFor(after, `${LEAVING}-empty`);
    for (const name of ["ingress-nginx-controller", "chatwoot-web-deployment"]) expect(waited).toContain(name);
    // Its own would take it into service again.
    const turns = after.map(({ urn }) => nameOf(urn)).filter((name) => /^kubernetes-(turn|resume)-/.test(name));
    expect(turns).toContain(`kubernetes-turn-${LEAVING}`);
    for (const name of turns) expect(waited).toContain(name);
  });

  test("the estate is proved meanwhile", async () => {
    const findings = async (environment: typeof prod): Promise<readonly unknown[]> =>
      verify(await emittedGraph(environment, EXAMPLE_SETTINGS)).findings;
    expect(await findings(leaving)).toEqual(await findings(prod));
  });
});

describe("a worker's line that is taken out", () => {
  const seen = (
    labels: Readonly<Record<string, string>>,
    status = "running",
    balancers: number[] = [],
  ): Pick<ProjectFacts, "servers"> => ({
    servers: prod.hosts.map(({ name, role, serverType, address }, id) => ({
      id,
      name,
      labels: { group: role === "k3sAgent" ? "k3sAgents" : role, ...(name === LEAVING ? labels : {}) },
      status: name === LEAVING ? status : "running",
      location: { name: "fsn1" },
      server_type: { name: serverType, architecture: "x86" },
      image: null,
      primary_disk_size: 40,
      private_net: [{ network: 1, ip: address }],
      load_balancers: balancers,
    })),
  });

  test("while it serves: refused, with the way", () => {
    const [{ found, fix } = { found: "", fix: "" }, ...others] = leavingWorkerMistakes(without, seen({}), false);
    expect(others).toEqual([]);
    expect(found).toBe("k3s-worker-05 is not among them, and it is a worker in service");
    expect(fix).toContain(
      "put its line back into stacks/prod.ts with leaving: true, and up; then take it out, and up.",
    );
  });

  test("once it was emptied, where it runs no more, and with all others: let go", () => {
    expect(leavingWorkerMistakes(without, seen({ leaving: "true" }), false)).toEqual([]);
    expect(leavingWorkerMistakes(without, seen({}, "off"), false)).toEqual([]);
    expect(leavingWorkerMistakes(without, seen({}), true)).toEqual([]);
    expect(leavingWorkerMistakes(prod, seen({}), false)).toEqual([]);
  });

  test("while the run that was to empty it has failed, and balancers lead to it as before: refused", () => {
    const found = leavingWorkerMistakes(without, seen({ leaving: "true" }, "running", [1, 2]), false);
    expect(found.map((one) => one.found)).toEqual(["k3s-worker-05 is not among them, and it is a worker in service"]);
  });

  test("only a worker leaves, and one stays", () => {
    expect(leavingRoleMistakes(leaving)).toEqual([]);
    const all = (role: string) => ({
      hosts: prod.hosts.map((host) => (host.role === role ? { ...host, leaving: true } : host)),
    });
    expect(leavingRoleMistakes(all("haproxy")).map(({ found }) => found)).toEqual([
      "true for haproxy-01, which is a haproxy",
      "true for haproxy-02, which is a haproxy",
    ]);
    expect(leavingRoleMistakes(all("k3sAgent"))[0]?.found).toBe("true for k3s-worker-01, and no worker stays");
  });
});
