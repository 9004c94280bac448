import { planApp } from "../../../components/apps/planApp";
import { httpProbes } from "../../../components/apps/probe";
import type { DaemonArgs, ProcessArgs, StatefulArgs } from "../../../components/apps/processArgs";
import { SecretLedger } from "../../../components/secrets/secretLedger";
import { allObjects, expectValid } from "../workloads/renderedFile";
import { app, COMMON, daemon, deployment, only, pathsOf, render, stateful } from "./support/shop";

describe.each<[string, ProcessArgs]>([
  ["Deployment", deployment()],
  ["StatefulSet", stateful({ headless: "store-members" })],
  ["DaemonSet", daemon({ nodeNetwork: true, nodeFilesAt: "/host" })],
])("what holds for every kind: %s", (kind, process) => {
  const [rendered] = render(process).processes;
  const template = rendered?.workload.spec.template;

  it("is that kind, and fits the Kubernetes schemas", () => {
    expect(rendered?.workload.kind).toBe(kind);
    expectValid(allObjects(planApp(app(process), new SecretLedger())));
  });

  it("selects its pods by the labels that they have", () => {
    expect(template?.metadata.labels).toMatchObject(rendered?.workload.spec.selector.matchLabels ?? {});
  });

  it("is neither root nor privileged, and may not write to its image", () => {
    expect(template?.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(template?.spec.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("is probed, limited, and given time to end", () => {
    const [container] = template?.spec.containers ?? [];
    for (const probe of [container?.startupProbe, container?.readinessProbe, container?.livenessProbe])
      expect(probe).toHaveProperty("httpGet.port", "http");
    expect(container?.resources.limits).toEqual({ cpu: "1", memory: "256Mi" });
    expect(template?.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(45);
  });

  it("is replaced when its configuration changes", () => {
    const checksum = (env: Readonly<Record<string, string>>, file: string): unknown =>
      render(process, {
        config: { env, directories: [{ name: "store-files", path: "/etc/store", files: { a: file } }] },
      }).processes[0]?.workload.spec.template.metadata.annotations["keybuzz.io/config-checksum"];
    expect(checksum({ A: "1" }, "x")).toBe(checksum({ A: "1" }, "x"));
    expect(checksum({ A: "2" }, "x")).not.toBe(checksum({ A: "1" }, "x"));
    expect(checksum({ A: "1" }, "y")).not.toBe(checksum({ A: "1" }, "x"));
  });

  it.each<[Partial<ProcessArgs>, string]>([
    [{ resources: { ...COMMON.resources, cpu: { request: "2", limit: "1" } } }, "resources.cpu"],
    [{ probes: httpProbes({ port: "web", readinessPath: "/" }) }, "probes.startup.port"],
    [{ gracePeriodSeconds: 1 }, "gracePeriodSeconds"],
    [{ env: { A: "<<secret:a>>" } }, "env.A"],
    [{ podFields: { "1": "metadata.name" } }, "podFields.1"],
  ])("refuses %j", (change, path) => {
    expect(pathsOf({ ...process, ...change } as ProcessArgs)[0]).toBe(`shop.processes.store.${path}`);
  });
});

describe("a stateful process", () => {
  it("never has two pods on one node, and lets a drain take one of them", () => {
    const { workload, disruptionBudget } = only("StatefulSet", stateful());
    const { affinity, topologySpreadConstraints } = workload.spec.template.spec;
    expect(affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual([
      { topologyKey: "kubernetes.io/hostname", labelSelector: workload.spec.selector },
    ]);
    expect(topologySpreadConstraints).toBeUndefined();
    expect(disruptionBudget?.spec.maxUnavailable).toBe(1);
    expect(only("StatefulSet", stateful({ scale: 1 })).disruptionBudget).toBeUndefined();
  });

  it("keeps a volume of each pod, on the disk of its node", () => {
    const { spec } = only("StatefulSet", stateful()).workload;
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: "Retain", whenScaled: "Retain" });
    expect(spec.volumeClaimTemplates).toEqual([
      {
        metadata: { name: "data" },
        spec: {
          storageClassName: "local-path",
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "10Gi" } },
        },
      },
    ]);
    expect(spec.template.spec.containers[0]?.volumeMounts[0]).toEqual({ name: "data", mountPath: "/data" });
  });

  it("is named by its Service, started one by one, and rolled", () => {
    const { workload, headless } = only("StatefulSet", stateful());
    expect(workload.spec).toMatchObject({ serviceName: "store", updateStrategy: { type: "RollingUpdate" } });
    expect(workload.spec).not.toHaveProperty("podManagementPolicy");
    expect(headless).toBeUndefined();
    expect(workload.metadata.annotations).toBeUndefined();
  });

  it("as members has a Service that names each, and starts all together", () => {
    const { workload, headless, service } = only("StatefulSet", stateful({ headless: "store-members" }));
    expect(workload.spec).toMatchObject({ serviceName: "store-members", podManagementPolicy: "Parallel" });
    expect(headless?.metadata.name).toBe("store-members");
    expect(headless?.spec).toMatchObject({ clusterIP: "None", publishNotReadyAddresses: true });
    expect(service?.spec).not.toHaveProperty("clusterIP");
  });

  it("rolled by people is neither replaced nor waited for", () => {
    const { workload, service } = only("StatefulSet", stateful({ rollout: "byPeople" }));
    expect(workload.spec.updateStrategy).toEqual({ type: "OnDelete" });
    for (const { metadata } of [workload, service ?? workload])
      expect(metadata.annotations).toEqual({ "pulumi.com/skipAwait": "true" });
  });

  it.each<[Partial<StatefulArgs>, string]>([
    [{ volume: { path: "data", sizeGb: 1 } }, "volume.path"],
    [{ volume: { path: "/data", sizeGb: 0.5 } }, "volume.sizeGb"],
    [{ headless: "Members" }, "headless"],
    [{ headless: "store" }, "headless"],
    [{ scale: 0 }, "scale"],
    [{ maxUnavailable: 3 }, "maxUnavailable"],
  ])("refuses %j", (change, path) => {
    expect(pathsOf(stateful(change))).toEqual([`shop.processes.store.${path}`]);
  });

  it("refuses to have no port: nothing would name its pods", () => {
    const check = { kind: "exec", command: ["true"] } as const;
    const probe = { ...COMMON.probes.readiness, check };
    const probes = { startup: probe, readiness: probe, liveness: probe };
    expect(pathsOf(stateful({ ports: {}, probes }))).toEqual(["shop.processes.store.ports"]);
  });
});

describe("a daemon", () => {
  it("runs on every node, whatever that is kept for, and takes them one by one", () => {
    const { workload, service, disruptionBudget } = only("DaemonSet", daemon());
    expect(workload.spec.template.spec).toMatchObject({ tolerations: [{ operator: "Exists", effect: "NoSchedule" }] });
    expect(workload.spec.template.spec).not.toHaveProperty("affinity");
    expect(workload.spec.updateStrategy.rollingUpdate.maxUnavailable).toBe(1);
    expect([service, disruptionBudget]).toEqual([undefined, undefined]);
  });

  it("is on its node's network and sees its files only where it says so", () => {
    const plain = JSON.stringify(only("DaemonSet", daemon()).workload);
    for (const word of ["hostNetwork", "hostPort", "hostPath"]) expect(plain).not.toContain(word);
    const { spec } = only("DaemonSet", daemon({ nodeNetwork: true, nodeFilesAt: "/host" })).workload.spec.template;
    expect(spec).toMatchObject({ hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" });
    expect(spec.containers[0]?.ports).toEqual([{ name: "http", containerPort: 8080, hostPort: 8080, protocol: "TCP" }]);
    expect(spec.containers[0]?.volumeMounts[0]).toEqual({
      name: "host",
      mountPath: "/host",
      readOnly: true,
      mountPropagation: "HostToContainer",
    });
  });

  it.each<[Partial<DaemonArgs>, readonly string[]]>([
    [{ nodeFilesAt: "host" }, ["nodeFilesAt"]],
    [{ ports: { http: 80 } }, []],
    [{ ports: { http: 80 }, nodeNetwork: true }, ["ports.http"]],
  ])("with %j has these mistakes: %j", (change, paths) => {
    expect(pathsOf(daemon(change))).toEqual(paths.map((path) => `shop.processes.store.${path}`));
  });
});
