import { planApp } from "../../../components/apps/planApp";
import { SecretLedger } from "../../../components/secrets/secretLedger";
import { app, deployment, only, pathsOf, render } from "./support/shop";

describe("what any process may ask for", () => {
  it("a worker kept for it, and no other", () => {
    const { spec } = only("Deployment", deployment({ placement: { only: "monitoring" } })).workload.spec.template;
    expect(spec).toMatchObject({
      nodeSelector: { "keybuzz.io/duty": "monitoring" },
      tolerations: [{ key: "keybuzz.io/duty", operator: "Equal", value: "monitoring", effect: "NoSchedule" }],
    });
    expect(spec).not.toHaveProperty("affinity");
    expect(spec.topologySpreadConstraints).toHaveLength(1);
  });

  it("fields of its pod, before the variables that refer to them", () => {
    const { spec } = only(
      "Deployment",
      deployment({ podFields: { ME: "metadata.name" }, env: { URL: "http://$(ME)" } }),
    ).workload.spec.template;
    expect(spec.containers[0]?.env).toEqual([
      { name: "ME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "URL", value: "http://$(ME)" },
    ]);
  });

  it("directories: ConfigMaps, and Secrets where there is a secret in them", () => {
    const directories = [
      { name: "store-rules", path: "/etc/rules", files: { "a.yml": "a: 1" } },
      { name: "store-access", path: "/etc/access", files: { ca: "plain", key: "<<secret:store/key>>" } },
    ];
    const { configMaps, secrets, processes } = render(deployment(), { config: { env: {}, directories } });
    expect(configMaps.map(({ metadata, data }) => [metadata.name, data])).toEqual([
      ["store-rules", { "a.yml": "a: 1" }],
    ]);
    expect(secrets.map(({ metadata, stringData }) => [metadata.name, Object.keys(stringData)])).toEqual([
      ["store-access", ["ca", "key"]],
    ]);
    const { containers, volumes } = processes[0]?.workload.spec.template.spec ?? {};
    expect(containers?.[0]?.volumeMounts.slice(-2)).toEqual([
      { name: "store-rules", mountPath: "/etc/rules", readOnly: true },
      { name: "store-access", mountPath: "/etc/access", readOnly: true },
    ]);
    expect(volumes?.slice(-2)).toEqual([
      { name: "store-rules", configMap: { name: "store-rules" } },
      { name: "store-access", secret: { secretName: "store-access", defaultMode: 0o440 } },
    ]);
    const plan = planApp(app(deployment(), { config: { env: {}, directories } }), new SecretLedger());
    expect(plan.checksumKey).toBeDefined();
  });

  it.each([
    [{ name: "Rules", path: "/etc/rules", files: { a: "" } }, "directories"],
    [{ name: "rules", path: "rules", files: { a: "" } }, "directories.rules.path"],
    [{ name: "rules", path: "/etc/rules", files: { "a/b": "" } }, "directories.rules.files"],
    [{ name: "rules", path: "/etc/rules", files: {} }, "directories.rules.files"],
  ])("but no directory such as %j", (directory, path) => {
    expect(pathsOf(deployment(), { config: { env: {}, directories: [directory] } })).toEqual([`shop.config.${path}`]);
  });

  it("and none twice", () => {
    const directories = ["/a", "/b"].map((path) => ({ name: "rules", path, files: { a: "" } }));
    expect(pathsOf(deployment(), { config: { env: {}, directories } })).toEqual(["shop.config.directories"]);
  });

  it("rights in the cluster, which come with a token and a role of its own", () => {
    const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }];
    const { clusterRights, processes, serviceAccount } = render(deployment(), { clusterRights: rules, partOf: "mall" });
    expect(clusterRights?.role).toMatchObject({ metadata: { name: "keybuzz-shop" }, rules });
    expect(clusterRights?.binding).toMatchObject({
      roleRef: { name: "keybuzz-shop" },
      subjects: [{ kind: "ServiceAccount", name: "shop", namespace: "shop" }],
    });
    expect(processes[0]?.workload.spec.template.spec.automountServiceAccountToken).toBe(true);
    expect(serviceAccount.metadata.labels["app.kubernetes.io/part-of"]).toBe("mall");
    expect(render(deployment()).clusterRights).toBeUndefined();
  });

  it("a variable that names the file of a secret, but not one that holds it", () => {
    const env = (value: string) => pathsOf(deployment(), { config: { env: { ADMIN_PASSWORD__FILE: value } } });
    expect(env("/etc/store/password")).toEqual([]);
    expect(env("hunter2")).toEqual(["shop.config.env.ADMIN_PASSWORD__FILE"]);
  });
});
