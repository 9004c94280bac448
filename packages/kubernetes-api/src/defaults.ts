import { asText, at, ensureObject, isObject, listAt, objectAt, textAt, type Json, type JsonObject } from "./wire/json";
import { containersOf, podTemplateOf } from "./podTemplates";

/** Sets fields that are absent. */
function fill(target: JsonObject, values: JsonObject): void {
  for (const [name, value] of Object.entries(values)) if (target[name] === undefined) target[name] = value;
}

function probeDefaults(probe: Json | undefined): void {
  if (!isObject(probe)) return;
  fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  if (isObject(probe.httpGet)) fill(probe.httpGet, { path: "/", scheme: "HTTP" });
}

function podDefaults(podSpec: JsonObject, restartPolicy: string): void {
  fill(podSpec, {
    restartPolicy,
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    securityContext: {},
    schedulerName: "default-scheduler",
  });
  if (typeof podSpec.serviceAccountName === "string") fill(podSpec, { serviceAccount: podSpec.serviceAccountName });
  for (const { container } of containersOf(podSpec, "")) {
    const image = textAt(container, "image") ?? "";
    const isLatest = image.endsWith(":latest") || !/[:@]/.test(image.slice(image.lastIndexOf("/") + 1));
    fill(container, {
      terminationMessagePath: "/dev/termination-log",
      terminationMessagePolicy: "File",
      imagePullPolicy: isLatest ? "Always" : "IfNotPresent",
      resources: {},
    });
    for (const port of listAt(container, "ports")) if (isObject(port)) fill(port, { protocol: "TCP" });
    for (const probe of ["livenessProbe", "readinessProbe", "startupProbe"]) probeDefaults(container[probe]);
    for (const field of listAt(container, "env"))
      if (isObject(at(field, "valueFrom", "fieldRef")))
        fill(objectAt(field, "valueFrom", "fieldRef"), { apiVersion: "v1" });
  }
  for (const volume of listAt(podSpec, "volumes")) {
    for (const source of ["configMap", "secret", "projected", "downwardAPI"])
      if (isObject(at(volume, source))) fill(objectAt(volume, source), { defaultMode: 0o644 });
    if (isObject(at(volume, "hostPath"))) fill(objectAt(volume, "hostPath"), { type: "" });
  }
}

function serviceDefaults(spec: JsonObject): void {
  fill(spec, { type: "ClusterIP", sessionAffinity: "None" });
  if (spec.type === "ExternalName") return;
  fill(spec, { internalTrafficPolicy: "Cluster", ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] });
  if (spec.type !== "ClusterIP") fill(spec, { externalTrafficPolicy: "Cluster" });
  if (spec.type === "LoadBalancer") fill(spec, { allocateLoadBalancerNodePorts: true });
  for (const port of listAt(spec, "ports"))
    if (isObject(port)) fill(port, { protocol: "TCP", ...(port.port === undefined ? {} : { targetPort: port.port }) });
}

function jobDefaults(spec: JsonObject): void {
  fill(spec, { completionMode: "NonIndexed", backoffLimit: 6, suspend: false, manualSelector: false });
  fill(spec, { podReplacementPolicy: "TerminatingOrFailed" });
  if (spec.completions === undefined) fill(spec, { completions: 1, parallelism: 1 });
  fill(spec, { parallelism: 1 });
}

const byKind: Readonly<Record<string, (object: JsonObject) => void>> = {
  Deployment: (object) => {
    const spec = ensureObject(object, "spec");
    fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    const strategy = ensureObject(spec, "strategy");
    fill(strategy, { type: "RollingUpdate" });
    if (strategy.type === "RollingUpdate")
      fill(ensureObject(strategy, "rollingUpdate"), { maxUnavailable: "25%", maxSurge: "25%" });
  },
  StatefulSet: (object) => {
    const spec = ensureObject(object, "spec");
    fill(spec, { replicas: 1, revisionHistoryLimit: 10, podManagementPolicy: "OrderedReady" });
    fill(spec, { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } } });
    fill(spec, { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" } });
  },
  DaemonSet: (object) => {
    const spec = ensureObject(object, "spec");
    fill(spec, { revisionHistoryLimit: 10 });
    const strategy = ensureObject(spec, "updateStrategy");
    fill(strategy, { type: "RollingUpdate" });
    if (strategy.type === "RollingUpdate")
      fill(ensureObject(strategy, "rollingUpdate"), { maxUnavailable: 1, maxSurge: 0 });
  },
  Job: (object) => jobDefaults(ensureObject(object, "spec")),
  CronJob: (object) => {
    fill(ensureObject(object, "spec"), {
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
  },
  Service: (object) => serviceDefaults(ensureObject(object, "spec")),
  Secret: (object) => {
    // stringData is write-only: it lands in data.
    const texts = Object.entries(objectAt(object, "stringData"));
    if (texts.length > 0) {
      const data = ensureObject(object, "data");
      for (const [name, text] of texts) data[name] = Buffer.from(asText(text), "utf8").toString("base64");
    }
    delete object.stringData;
    fill(object, { type: "Opaque" });
  },
  Namespace: (object) => {
    const name = textAt(object, "metadata", "name") ?? "";
    ensureObject(object, "metadata", "labels")["kubernetes.io/metadata.name"] = name;
    fill(ensureObject(object, "spec"), { finalizers: ["kubernetes"] });
  },
  PersistentVolumeClaim: (object) => fill(ensureObject(object, "spec"), { volumeMode: "Filesystem" }),
  StorageClass: (object) => fill(object, { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" }),
  NetworkPolicy: (object) => {
    const spec = ensureObject(object, "spec");
    fill(spec, { policyTypes: spec.egress === undefined ? ["Ingress"] : ["Ingress", "Egress"] });
    for (const rule of [...listAt(spec, "ingress"), ...listAt(spec, "egress")])
      for (const port of listAt(rule, "ports")) if (isObject(port)) fill(port, { protocol: "TCP" });
  },
  HorizontalPodAutoscaler: (object) => fill(ensureObject(object, "spec"), { minReplicas: 1 }),
  IngressClass: () => undefined,
};

/**
 * Fills in what the API server fills in, for the commonest kinds and fields (those that controllers and
 * clients rely on). Changes the object. Safe to repeat.
 */
export function applyDefaults(object: JsonObject): void {
  const pod = podTemplateOf(object);
  if (pod !== undefined) {
    const isJob = object.kind === "Job" || object.kind === "CronJob";
    // A Job has no default restart policy: it must be stated, and validation says so.
    podDefaults(ensureObject(pod.template, "spec"), isJob ? "" : "Always");
    if (isJob && objectAt(pod.template, "spec").restartPolicy === "")
      delete objectAt(pod.template, "spec").restartPolicy;
  }
  byKind[asText(object.kind)]?.(object);
}
