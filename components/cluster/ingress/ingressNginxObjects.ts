import type { RollOut } from "../../apps/awaitLimits";
import { INGRESS_NAMESPACE } from "../pods/namespaces";
import { CONTROLLER_HEALTH } from "./controllerHealth";
import { CONTROLLER_ARGS, GRACE_SECONDS, INGRESS_NGINX_IMAGE } from "./ingressNginxConfig";

export const INGRESS_LABELS = {
  "app.kubernetes.io/name": "ingress-nginx",
  "app.kubernetes.io/component": "controller",
} as const;
export const INGRESS_SERVICE_ACCOUNT = "ingress-nginx";

const READY = { initialDelaySeconds: 5, periodSeconds: 10, failureThreshold: 3 } as const;
const MIN_READY_SECONDS = 10;

/** Node by node, and each controller may let its connections end first. */
export function controllerRollOut(nodes: number): RollOut {
  const startSeconds = READY.initialDelaySeconds + READY.periodSeconds * READY.failureThreshold + MIN_READY_SECONDS;
  return { pods: nodes, atOnce: 1, startSeconds, graceSeconds: GRACE_SECONDS };
}

/**
 * One controller on each node, on the node's own network: the load balancers reach it without another hop, and it
 * sees their addresses.
 */
export function controllerDaemonSet() {
  return {
    metadata: { name: "ingress-nginx-controller", namespace: INGRESS_NAMESPACE, labels: INGRESS_LABELS },
    spec: {
      selector: { matchLabels: INGRESS_LABELS },
      revisionHistoryLimit: 5,
      minReadySeconds: MIN_READY_SECONDS,
      updateStrategy: {
        type: "RollingUpdate",
        // Two of them cannot share a node's ports, so the old one goes first, one node at a time.
        rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
      },
      template: {
        metadata: { labels: INGRESS_LABELS },
        spec: {
          hostNetwork: true,
          dnsPolicy: "ClusterFirstWithHostNet",
          serviceAccountName: INGRESS_SERVICE_ACCOUNT,
          priorityClassName: "system-node-critical",
          terminationGracePeriodSeconds: GRACE_SECONDS,
          nodeSelector: { "kubernetes.io/os": "linux" },
          // Servers and the workers kept for AI and monitoring are ingress nodes as well.
          tolerations: [{ operator: "Exists", effect: "NoSchedule" }],
          containers: [controllerContainer()],
        },
      },
    },
  };
}

function controllerContainer() {
  const probe = {
    httpGet: { ...CONTROLLER_HEALTH, scheme: "HTTP" },
    periodSeconds: 10,
    timeoutSeconds: 1,
    successThreshold: 1,
  };
  return {
    name: "controller",
    image: INGRESS_NGINX_IMAGE,
    imagePullPolicy: "IfNotPresent",
    args: [...CONTROLLER_ARGS],
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
      { name: "LD_PRELOAD", value: "/usr/local/lib/libmimalloc.so" },
    ],
    ports: [
      { name: "http", containerPort: 80, hostPort: 80, protocol: "TCP" },
      { name: "https", containerPort: 443, hostPort: 443, protocol: "TCP" },
      { name: "metrics", containerPort: CONTROLLER_HEALTH.port, hostPort: CONTROLLER_HEALTH.port, protocol: "TCP" },
    ],
    lifecycle: { preStop: { exec: { command: ["/wait-shutdown"] } } },
    livenessProbe: { ...probe, initialDelaySeconds: 10, failureThreshold: 5 },
    readinessProbe: { ...probe, ...READY },
    resources: { requests: { cpu: "200m", memory: "256Mi" }, limits: { memory: "1Gi" } },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 101,
      runAsGroup: 82,
      // nginx gets NET_BIND_SERVICE as a file capability, which no_new_privs would withhold; and on the node's own
      // network ports below 1024 need it (kubernetes/ingress-nginx#3668).
      allowPrivilegeEscalation: true,
      capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
      // It writes its configuration and temporary files.
      readOnlyRootFilesystem: false,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
}

/**
 * The NodePort that the load balancers use. Local: a node answers with its own controller, and the load balancer's
 * address stays the source. TLS has ended before it, so there is one port for both HTTP and HTTPS.
 */
export function controllerService(nodePort: number) {
  return {
    metadata: { name: "ingress-nginx-controller", namespace: INGRESS_NAMESPACE, labels: INGRESS_LABELS },
    spec: {
      type: "NodePort",
      externalTrafficPolicy: "Local",
      ipFamilyPolicy: "SingleStack",
      ipFamilies: ["IPv4"],
      selector: INGRESS_LABELS,
      ports: [{ name: "http", port: 80, targetPort: "http", nodePort, protocol: "TCP", appProtocol: "http" }],
    },
  };
}
