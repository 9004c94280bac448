import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import { planEstate } from "../../stacks/plan";
import { allObjects, expectValid } from "../components/workloads/renderedFile";
import { prodWith, writtenApps } from "./support/page";

jest.setTimeout(120_000);

const written = writtenApps().map(({ app }) => app);
const apps = planEstate(prodWith(written), EXAMPLE_SETTINGS).apps.filter(({ app }) =>
  written.some(({ name }) => name === app.name),
);

test("what is made of the page's entries fits the schemas of Kubernetes", () => {
  const objects = apps.flatMap(({ app }) => allObjects(app));
  expect(new Set(objects.map(({ kind }) => kind))).toEqual(
    new Set([
      "ServiceAccount", "ConfigMap", "Secret", "Job", "CronJob", "Deployment", "StatefulSet", "DaemonSet", "Service",
      "HorizontalPodAutoscaler", "PodDisruptionBudget",
    ]),
  ); // prettier-ignore
  expectValid(objects);
});

test("each pod is as narrow as those of the typed workloads: no root, no capability, no token, limits", () => {
  const pods = apps.flatMap(({ app }) => allObjects(app)).flatMap(podSpecs);
  expect(pods.length).toBeGreaterThan(15);
  for (const spec of pods) {
    expect(spec).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
    for (const container of [...spec.containers, ...(spec.initContainers ?? [])])
      expect(container).toMatchObject({
        securityContext: {
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        resources: {
          limits: { cpu: expect.stringMatching(/\d/) as string, memory: expect.stringMatching(/\d/) as string },
        },
      });
    expect(JSON.stringify(spec)).not.toMatch(/hostPath|hostNetwork/);
  }
});

test("a sidecar runs beside, what comes before the start only before it", () => {
  const legacy = apps.find(({ app }) => app.name === "legacy");
  const [spec] = legacy === undefined ? [] : allObjects(legacy.app).flatMap(podSpecs);
  expect(spec?.initContainers).toMatchObject([
    { name: "logs", image: "fluent/fluent-bit:4.0.3", restartPolicy: "Always" },
    { name: "warm-up", command: ["/app/warm-up"] },
  ]);
  expect(spec?.initContainers?.[1]).not.toHaveProperty("restartPolicy");
});

interface Spec {
  readonly containers: readonly object[];
  readonly initContainers?: readonly object[];
}

/** Wherever a pod's specification is in an object. */
function podSpecs(object: unknown): readonly Spec[] {
  if (typeof object !== "object" || object === null) return [];
  if ("containers" in object) return [object as Spec];
  return Object.values(object).flatMap(podSpecs);
}
