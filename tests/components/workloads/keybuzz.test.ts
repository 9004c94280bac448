import { planHttpService } from "../../../components/workloads/httpService";
import { NGINX_RUNTIME } from "../../../components/apps/images";
import { renderApp } from "../../../components/apps/renderApp";
import { environment } from "../../../stacks/prod";
import { fakeEstate } from "./fakeServices";
import { mistakesOfApps } from "./plannedApps";
import { planOf } from "./prodWorkloads";

describe("the KeyBuzz API", () => {
  it("gets an address of everything that it uses", () => {
    const { configMap, secret } = planOf("keybuzz-api");
    expect(secret.entries).toMatchObject({
      DATABASE_URL: "postgres://kb_app:<<secret:postgres/kb_app>>@10.0.0.10:6432/keybuzz?sslmode=require",
      REDIS_URL: "redis://keybuzz-api:<<secret:redis/keybuzz-api>>@10.0.0.10:6379/1",
      RABBITMQ_URL: "amqp://keybuzz:<<secret:rabbitmq/keybuzz>>@10.0.0.10:5672/keybuzz",
      VECTOR_API_KEY: "<<secret:qdrant/api-key>>",
    });
    expect(configMap.entries).toMatchObject({
      MINIO_URL: "http://10.0.0.134:9000",
      VECTOR_URL: "http://10.0.0.136:6333",
      LLM_URL: "http://llm-proxy.ai.svc.cluster.local:4000",
    });
  });

  it("leaves the number of pods to its autoscaler", () => {
    const [api] = renderApp(planOf("keybuzz-api")).processes;
    expect(api?.workload.spec).not.toHaveProperty("replicas");
    expect(api?.autoscaler?.spec).toMatchObject({
      minReplicas: 3,
      maxReplicas: 30,
      scaleTargetRef: { name: "keybuzz-api" },
    });
    expect(api?.service?.spec.ports).toEqual([{ name: "http", port: 80, targetPort: "http", protocol: "TCP" }]);
  });

  it("names every service that the environment lacks, at once", () => {
    const { topology, secrets, postgres, ingress } = fakeEstate().context;
    const api = environment.workloads.apps?.[0];
    const told = mistakesOfApps(api === undefined ? [] : [api], { topology, secrets, postgres, ingress });
    expect(told.map(({ path }) => path)).toEqual(
      ["redis", "rabbitmq", "bucket", "vectors", "llm"].map((need) => `workloads.apps[0].needs.${need}`),
    );
  });
});

describe("a streaming service", () => {
  it("declares sse and websocket routes like any other", () => {
    const { context, exposed } = fakeEstate();
    const { endpoint } = planHttpService(
      {
        name: "chat-backend",
        namespace: "ai",
        image: "registry.example.org/chat-backend:1.4.2",
        runtime: NGINX_RUNTIME,
        port: 8001,
        scale: 2,
        readinessPath: "/ready",
        resources: { cpu: { request: "100m", limit: "1" }, memory: { request: "128Mi", limit: "512Mi" } },
        expose: {
          host: "chat.keybuzz.io",
          routes: [
            { kind: "sse", path: "/api/chat/stream", heartbeatSeconds: 15, firstByteSeconds: 2 },
            { kind: "websocket", path: "/api/ws/", heartbeatSeconds: 30 },
            { kind: "http", path: "/" },
          ],
        },
      },
      context,
    );
    expect(exposed).toMatchObject([{ backend: endpoint, host: "chat.keybuzz.io" }]);
    expect(
      context.topology.connect({ kind: "pods", namespace: "keybuzz", app: "keybuzz-api" }, endpoint, "test"),
    ).toMatchObject({
      host: "chat-backend.ai.svc.cluster.local",
      port: 8001,
    });
  });
});
