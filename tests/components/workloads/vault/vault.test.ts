import { hasSecret } from "../../../../components/secrets/secretRef";
import { networkPolicySpecs } from "../../../../components/cluster/pods/networkPolicySpecs";
import type { Hosts } from "../../../../components/topology/party";
import { MistakesError } from "../../../../components/mistakes";
import type { StatefulSetManifest } from "../../../../components/apps/manifests";
import { renderApp } from "../../../../components/apps/renderApp";
import type { RenderedProcess } from "../../../../components/apps/renderProcess";
import { planVault, type PlannedVault } from "../../../../components/workloads/vault/vault";
import { vaultAccess } from "../../../../components/workloads/vault/vaultAccess";
import type { VaultUnseal } from "../../../../components/workloads/vault/vaultConfig";
import { injectorWebhook } from "../../../../components/workloads/vault/vaultInjector";
import { fakeEstate, type FakeEstate } from "../fakeServices";
import { allObjects, expectRendered, expectValid } from "../renderedFile";

const SERVERS: Hosts = {
  kind: "hosts",
  group: "k3sServers",
  hosts: [{ name: "k3s-master-01", address: "10.0.0.100" }],
};

function plan(unseal: VaultUnseal = { kind: "manual" }, replicas = 3): FakeEstate & { readonly vault: PlannedVault } {
  const estate = fakeEstate();
  const args = { image: "hashicorp/vault:2.1.2", injectorImage: "hashicorp/vault-k8s:1.7.6" };
  const vault = planVault({ ...args, replicas, unseal, failurePolicy: "Fail", apiServers: SERVERS }, estate.context);
  return { ...estate, vault };
}

function objects({ server, injector, failurePolicy }: PlannedVault): readonly object[] {
  const access = vaultAccess();
  return [
    ...allObjects(server),
    ...allObjects(injector),
    ...[access.role, ...access.bindings, injectorWebhook(failurePolicy)],
  ];
}

function members(): RenderedProcess & { readonly workload: StatefulSetManifest } {
  const [process] = renderApp(plan().vault.server).processes;
  if (process?.workload.kind !== "StatefulSet") throw new Error("Vault is no StatefulSet");
  return { ...process, workload: process.workload };
}

function server(): StatefulSetManifest["spec"] {
  return members().workload.spec;
}

function config(vault: PlannedVault): string {
  return vault.server.files.find(({ path }) => path.endsWith(".hcl"))?.content ?? "";
}

describe("Vault", () => {
  it("renders what its file shows", () => {
    expectRendered("vault", objects(plan().vault));
  });

  it("fits the Kubernetes schemas", () => {
    expectValid(objects(plan().vault));
  });

  it("replaces no pod by itself, starts all members together, and never puts two on one node", () => {
    const { podManagementPolicy, updateStrategy, replicas, template } = server();
    expect([podManagementPolicy, updateStrategy, replicas]).toEqual(["Parallel", { type: "OnDelete" }, 3]);
    expect(template.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toMatchObject([
      { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { "app.kubernetes.io/name": "vault" } } },
    ]);
    expect(template.spec.topologySpreadConstraints).toBeUndefined();
  });

  it("keeps its volumes, on the nodes' own disks", () => {
    expect(server().persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: "Retain", whenScaled: "Retain" });
    expect(server().volumeClaimTemplates[0]?.spec.storageClassName).toBe("local-path");
  });

  it("names its members before they are ready, and leads clients to those that are", () => {
    const { headless, service } = members();
    expect(headless?.spec).toMatchObject({ clusterIP: "None", publishNotReadyAddresses: true });
    expect(service?.spec).not.toHaveProperty("publishNotReadyAddresses");
    expect(headless?.metadata.labels).not.toHaveProperty("app.kubernetes.io/name");
  });

  it("is alive while sealed, but not ready; a standby is both", () => {
    const [container] = server().template.spec.containers;
    const get = (path: string) => ({ httpGet: { path, port: "api", scheme: "HTTPS" } });
    const alive = get("/v1/sys/health?standbyok=true&sealedcode=204&uninitcode=204");
    expect(container?.readinessProbe).toMatchObject(get("/v1/sys/health?standbyok=true"));
    expect(container?.livenessProbe).toMatchObject(alive);
    expect(container?.startupProbe).toMatchObject(alive);
  });

  it("is not waited for, since people must unseal it", () => {
    const { service, headless, workload } = members();
    for (const object of [service, headless, workload])
      expect(object?.metadata.annotations).toEqual({ "pulumi.com/skipAwait": "true" });
  });

  it("joins every member over TLS by names that its certificate has", () => {
    const { vault, secrets } = plan();
    const names = [0, 1, 2].map((i) => `vault-${i}.vault-members.vault.svc.cluster.local`);
    expect([...config(vault).matchAll(/leader_api_addr = "https:\/\/(.+):8200"/g)].map((match) => match[1])).toEqual(
      names,
    );
    const spec = secrets.specs.find(({ id }) => id === "vault/server.cert");
    expect(spec).toMatchObject({ certificate: { dnsNames: expect.arrayContaining(names) as unknown } });
    expect(config(vault)).not.toMatch(/tls_disable|http:\/\//);
  });

  it("knows its own name before it uses it", () => {
    const env = server().template.spec.containers[0]?.env ?? [];
    expect(env[0]).toEqual({ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } });
    expect(env).toContainEqual({
      name: "VAULT_CLUSTER_ADDR",
      value: "https://$(POD_NAME).vault-members.vault.svc.cluster.local:8201",
    });
  });

  it("is neither root nor privileged, writes to its volume and /tmp only", () => {
    const { securityContext, containers, volumes } = server().template.spec;
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(containers[0]?.volumeMounts.filter(({ readOnly }) => readOnly !== true).map((m) => m.mountPath)).toEqual([
      "/vault/data",
      "/tmp",
    ]);
    expect(JSON.stringify(volumes)).not.toContain("hostPath");
  });

  it("keeps secrets in Secrets", () => {
    for (const object of objects(plan({ kind: "transit", address: "https://v.example.org", keyName: "k" }).vault)) {
      if ("kind" in object && object.kind !== "Secret") expect(hasSecret(JSON.stringify(object))).toBe(false);
    }
  });

  it("asks another Vault for its key where the environment says so", () => {
    const { vault, topology } = plan({ kind: "transit", address: "https://v.example.org:8200", keyName: "keybuzz" });
    expect(config(vault)).toMatch(/seal "transit" \{\n {2}address = "https:\/\/v\.example\.org:8200"/);
    expect(Object.keys(vault.server.secret.entries)).toEqual(["VAULT_TOKEN"]);
    const out = topology.flows.filter(({ to }) => to.provider.kind === "internet");
    expect(out.map(({ to }) => to.port)).toEqual([8200]);
    expect(config(plan().vault)).not.toContain("seal");
    expect(plan().topology.flows.some(({ to }) => to.provider.kind === "internet")).toBe(false);
  });

  it("opens its ports to its members and its injector to the API, and nothing more", () => {
    const { topology } = plan();
    const nodes = SERVERS.hosts;
    const addresses = {
      networkCidr: "10.0.0.0/16",
      podCidr: "10.233.64.0/18",
      serviceCidr: "10.233.0.0/18",
      workloadPoolCidr: "10.233.96.0/19",
      tunnelPoolCidr: "10.233.64.0/24",
    };
    const opened = networkPolicySpecs(topology, { addresses, nodes }, ["vault"])
      .filter(({ metadata }) => metadata.name !== "deny-all")
      .map(({ metadata, spec }) => [
        metadata.name,
        (spec.ingress ?? []).map(({ from, ports }) => [ports[0]?.port, JSON.stringify(from)]),
        (spec.egress ?? []).map(({ ports }) => ports[0]?.port),
      ]);
    const members =
      '[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"vault"}},"podSelector":{"matchLabels":{"app.kubernetes.io/name":"vault"}}}]';
    expect(opened).toEqual([
      [
        "allow-vault",
        [
          [8200, members],
          [8201, members],
        ],
        [8200, 8201],
      ],
      [
        "allow-vault-agent-injector",
        [[8080, '[{"ipBlock":{"cidr":"10.0.0.100/32"}},{"ipBlock":{"cidr":"10.233.64.0/24"}}]']],
        [],
      ],
    ]);
  });

  it("may write nothing in the cluster", () => {
    const { role, bindings } = vaultAccess();
    expect(role.rules.flatMap(({ verbs }) => verbs)).toEqual(["get", "list", "watch"]);
    expect(bindings.map(({ roleRef }) => roleRef.name)).toEqual(["system:auth-delegator", "vault-agent-injector"]);
  });

  it("refuses an image without a version", () => {
    const { context } = fakeEstate();
    const args = { injectorImage: "hashicorp/vault-k8s:1.7.6", replicas: 3, failurePolicy: "Fail" } as const;
    expect(() =>
      planVault({ ...args, image: "hashicorp/vault", unseal: { kind: "manual" }, apiServers: SERVERS }, context),
    ).toThrow(MistakesError);
  });
});

describe("the injector's webhook", () => {
  it.each(["Fail", "Ignore"] as const)("holds up labelled pods only: %s", (failurePolicy) => {
    const [webhook, ...others] = injectorWebhook(failurePolicy).webhooks;
    expect(others).toEqual([]);
    expect(webhook).toMatchObject({
      failurePolicy,
      objectSelector: { matchLabels: { "keybuzz.io/vault": "inject" } },
      clientConfig: { service: { name: "vault-agent-injector", namespace: "vault", port: 8080 } },
    });
    expect(webhook?.timeoutSeconds).toBeLessThanOrEqual(30);
  });

  it("is answered by more than one pod, over TLS", () => {
    const [process] = plan().vault.injector.processes;
    expect(process).toMatchObject({ minReplicas: 2 });
    expect(process?.probes).toMatchObject({ readiness: { check: { path: "/health/ready", tls: true } } });
  });
});
