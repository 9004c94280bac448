import { renderApp } from "../../components/apps/renderApp";
import type { ObjectPatch } from "../../components/apps/objectPatch";
import { Mistakes } from "../../components/mistakes";
import { OwnedNames } from "../../components/workloads/apps/ownedNames";
import { planWorkloads } from "../../components/workloads/workloadPlans";
import type { AppSpec } from "../../stacks/environment";
import { environmentJson, readShape } from "../../stacks/shapeMistakes";
import { environment as prod } from "../../stacks/prod";
import { fakeEstate } from "../components/workloads/fakeServices";

const shop = (patch: ObjectPatch): AppSpec => ({
  name: "shop",
  image: "shop:1",
  patch,
  env: { A: "b" },
  generatedSecrets: ["SESSION_SECRET"],
  migration: { command: ["migrate"] },
  processes: [
    { kind: "web", port: 8080, health: { kind: "http", path: "/up" }, scale: 2 },
    { kind: "cron", name: "report", schedule: "0 3 * * *" },
  ],
});

function planned(patch: ObjectPatch) {
  const mistakes = new Mistakes();
  const given = { nodes: 1, reservedNamespaces: new Map<string, string>(), zones: undefined, names: new OwnedNames() };
  const apps = planWorkloads({ apps: [shop(patch)] }, given, { ...fakeEstate().context, mistakes });
  return { mistakes: mistakes.all, rendered: apps.map(({ app }) => renderApp(app))[0] };
}

test("each object but Secrets and Jobs is given to it, and is what it returns", () => {
  const seen: string[] = [];
  const { mistakes, rendered } = planned((object) => {
    seen.push(object.kind);
    return object.kind === "Deployment" ? { ...object, spec: { ...object.spec, minReadySeconds: 20 } } : object;
  });
  expect(mistakes).toEqual([]);
  expect(rendered?.processes[0]?.workload.spec).toMatchObject({ minReadySeconds: 20, replicas: 2 });
  expect(new Set(seen)).toEqual(
    new Set(["ServiceAccount", "ConfigMap", "Deployment", "Service", "PodDisruptionBudget", "CronJob"]),
  );
});

test("another configuration makes other pods, and nothing else does", () => {
  const template = (patch: ObjectPatch) => planned(patch).rendered?.processes[0]?.workload.spec.template;
  const withData =
    (data: object): ObjectPatch =>
    (one) =>
      one.kind === "ConfigMap" ? { ...one, data } : one;
  const [plain, ...others] = [template((one) => one), template(withData({ A: "c" })), template(withData({ A: "d" }))];
  expect(template((one) => ({ ...one, metadata: { ...one.metadata, labels: { team: "shop" } } }))).toEqual(plain);
  expect(new Set([plain, ...others].map((one) => JSON.stringify(one))).size).toBe(3);
});

test("without one nothing is changed", () => {
  const plain = planned((object) => object).rendered;
  expect(planned((object) => JSON.parse(JSON.stringify(object)) as object).rendered).toEqual(plain);
});

test.each<[string, ObjectPatch, RegExp]>([
  ["another name", (one) => ({ ...one, metadata: { ...one.metadata, name: "chatwoot-web" } }), /another metadata\.name/],
  ["another namespace", (one) => ({ ...one, metadata: { ...one.metadata, namespace: "vault" } }), /another metadata\.namespace/],
  ["another kind", (one) => ({ ...one, kind: "ClusterRole" }), /another kind/],
  ["another selector", (one) => (one.kind === "Service" ? { ...one, spec: { ...one.spec, selector: {} } } : one), /another spec\.selector/],
  ["another's pods", (one) => {
    if (one.kind === "Deployment") one.spec.template.metadata.labels["app.kubernetes.io/name"] = "chatwoot-web";
    return one;
  }, /another spec\.template\.metadata\.labels/],
  ["a secret", (one) => (one.kind === "ConfigMap" ? { ...one, data: { a: "<<secret:minio/root>>" } } : one), /placeholder/],
  ["an error", () => { throw new Error("oh"); }, /it throws oh/],
  ["nothing", () => undefined as unknown as object, /it returns undefined/],
])("%s is refused", (_what, patch, found) => {
  const { mistakes } = planned(patch);
  expect(mistakes.length).toBeGreaterThan(0);
  for (const mistake of mistakes) {
    expect(mistake.path).toBe("workloads.apps[0].patch");
    expect(mistake.found).toMatch(found);
  }
}); // prettier-ignore

test("the environment takes a function there, and nothing else", () => {
  const shape = (patch: unknown) => {
    const { patch: _own, ...plain } = shop((one) => one);
    return readShape({ ...prod, workloads: { ...prod.workloads, apps: [{ ...plain, patch }] } });
  };
  expect(shape((one: object) => one).ok).toBe(true);
  expect(shape("x")).toMatchObject({
    mistakes: [{ mistake: { path: "workloads.apps[0].patch", allowed: "a function that returns the object, changed" } }],
  });
  expect(() => environmentJson()).not.toThrow();
}); // prettier-ignore
