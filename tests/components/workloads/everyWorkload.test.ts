import { IngressService } from "../../../components/cluster/ingress/ingressService";
import { hasSecret } from "../../../components/secrets/secretRef";
import { renderPullSecrets } from "../../../components/apps/pullSecrets";
import { renderApp } from "../../../components/apps/renderApp";
import { containers, NAMES, planOf, podSpecs, prod } from "./prodWorkloads";
import { allObjects, expectRendered, expectValid } from "./renderedFile";

describe.each(NAMES)("%s", (name) => {
  const plan = planOf(name);

  it("renders what its file shows", () => {
    expectRendered(name, [...renderPullSecrets([plan]), ...allObjects(plan)]);
  });

  it("names an image by a version", () => {
    for (const { image } of containers(plan)) expect(image).toMatch(/:[^/]*\d/);
    expect(JSON.stringify(allObjects(plan))).not.toContain(":latest");
  });

  it("keeps secrets in Secrets", () => {
    const outside = allObjects(plan).filter(({ kind }) => kind !== "Secret");
    expect(outside.length).toBeGreaterThan(2);
    for (const object of outside) expect(hasSecret(JSON.stringify(object))).toBe(false);
  });

  it("is neither privileged nor root, and has no capability and no API token", () => {
    for (const spec of podSpecs(plan)) {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
      expect(spec.securityContext.runAsUser).toBeGreaterThan(0);
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec).not.toHaveProperty("hostNetwork");
      for (const { securityContext } of spec.containers) {
        expect(securityContext).toMatchObject({
          privileged: false,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
        });
      }
      expect(JSON.stringify(spec.volumes)).not.toContain("hostPath");
    }
  });

  it("limits every container", () => {
    for (const { resources } of containers(plan)) {
      for (const amounts of [resources.requests, resources.limits]) {
        expect(Object.keys(amounts).sort()).toEqual(["cpu", "memory"]);
        for (const amount of Object.values(amounts)) expect(amount).toMatch(/^\d/);
      }
    }
  });

  it("probes every process, on a port that it has", () => {
    for (const { workload } of renderApp(plan).processes) {
      for (const container of workload.spec.template.spec.containers) {
        for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
          expect(probe).toBeDefined();
          if (probe !== undefined && "httpGet" in probe) {
            expect(container.ports?.map((port) => port.name)).toContain(probe.httpGet.port);
            // Chatwoot v3.12.0 has no /health, LiteLLM's calls every model.
            if (["chatwoot", "llm-proxy"].includes(name)) expect(probe.httpGet.path).not.toBe("/health");
          }
        }
      }
    }
  });

  it("selects its pods by the labels that they have", () => {
    for (const { workload, service, disruptionBudget } of renderApp(plan).processes) {
      const { labels } = workload.spec.template.metadata;
      for (const selector of [
        workload.spec.selector.matchLabels,
        service?.spec.selector,
        disruptionBudget?.spec.selector.matchLabels,
      ]) {
        if (selector !== undefined) expect(labels).toMatchObject(selector);
      }
    }
  });
});

describe("every object", () => {
  it("fits the Kubernetes schemas", () => {
    const objects = NAMES.flatMap((name) => [...renderPullSecrets([planOf(name)]), ...allObjects(planOf(name))]);
    expectValid(objects);
  });

  it("is unique in its namespace", () => {
    const keys = NAMES.flatMap((name) => allObjects(planOf(name))).map(
      ({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`,
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("is exposed by routes that the ingress accepts", () => {
    const { topology, exposed } = prod();
    const ingress = new IngressService({
      topology,
      nodes: { kind: "hosts", group: "nodes", hosts: [{ name: "k3s-master-01", address: "10.0.0.100" }] },
      webLoadBalancers: [],
      nodePort: 31695,
      idleTimeoutSeconds: 300,
      certificateHosts: ["*.keybuzz.io"],
    });
    for (const { backend, host, routes } of exposed) ingress.expose(backend, { host, routes });
    expect(ingress.routes()).toHaveLength(exposed.flatMap(({ routes }) => routes).length);
    expect(ingress.hosts).toEqual(
      ["bi", "chat", "erp", "n8n", "platform-api", "platform", "support"].map((name) => `${name}.keybuzz.io`),
    );
  });
});
