import { wrong, type Cause } from "./wire/apiError";
import { asText, at, isObject, listAt, numberAt, objectAt, textAt, type Json, type JsonObject } from "./wire/json";
import { containersOf, podTemplateOf } from "./podTemplates";
import { quantity } from "./wire/quantity";
import { selectorMatches } from "./selectors";

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedName = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const portName = /^(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/;

// RBAC names are path segments; CRDs are "<plural>.<group>".
const nameRules: Readonly<Record<string, RegExp>> = {
  Namespace: dnsLabel,
  Service: dnsLabel,
  Role: /^[^/%]+$/,
  ClusterRole: /^[^/%]+$/,
  RoleBinding: /^[^/%]+$/,
  ClusterRoleBinding: /^[^/%]+$/,
};

const required = (field: string): Cause => ({ reason: "FieldValueRequired", field, message: "Required value" });
const quoted = (value: Json | undefined): string => JSON.stringify(value ?? null);

function metadataCauses(object: JsonObject): Cause[] {
  const causes: Cause[] = [];
  const name = textAt(object, "metadata", "name") ?? "";
  const rule = nameRules[asText(object.kind)] ?? dnsSubdomain;
  if (name.length > 253 || !rule.test(name))
    causes.push(
      wrong("metadata.name", `Invalid value: ${quoted(name)}: must match ${rule.source}, at most 253 characters`),
    );
  causes.push(...labelCauses(objectAt(object, "metadata", "labels"), "metadata.labels"));
  for (const key of Object.keys(objectAt(object, "metadata", "annotations")))
    if (!qualifiedName.test(key.toLowerCase()))
      causes.push(wrong("metadata.annotations", `Invalid value: ${quoted(key)}: must be a qualified name`));
  return causes;
}

function labelCauses(labels: JsonObject, field: string): Cause[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...(qualifiedName.test(key) ? [] : [wrong(field, `Invalid value: ${quoted(key)}: must be a qualified name`)]),
    ...(labelValue.test(asText(value))
      ? []
      : [wrong(field, `Invalid value: ${quoted(value)}: a label value has at most 63 of [A-Za-z0-9-_.]`)]),
  ]);
}

function duplicates(items: readonly Json[], key: (item: Json) => string | undefined, field: string): Cause[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const value = key(item);
    if (value === undefined) return [];
    if (!seen.has(value)) {
      seen.add(value);
      return [];
    }
    return [
      { reason: "FieldValueDuplicate", field: `${field}[${index}]`, message: `Duplicate value: ${quoted(value)}` },
    ];
  });
}

function portCauses(value: Json | undefined, field: string): Cause[] {
  if (typeof value !== "number" || (Number.isInteger(value) && value >= 1 && value <= 65535)) return [];
  return [wrong(field, `Invalid value: ${value}: must be between 1 and 65535, inclusive`)];
}

function podCauses(template: JsonObject, path: string): Cause[] {
  const base = path === "" ? "spec" : `${path}.spec`;
  const podSpec = objectAt(template, "spec");
  const causes = labelCauses(
    objectAt(template, "metadata", "labels"),
    `${path === "" ? "" : `${path}.`}metadata.labels`,
  );
  if (listAt(podSpec, "containers").length === 0) causes.push(required(`${base}.containers`));
  const containers = containersOf(podSpec, base);
  causes.push(
    ...duplicates(
      containers.map(({ container }) => container),
      (item) => textAt(item, "name"),
      `${base}.containers`,
    ),
  );
  const volumes = new Set(listAt(podSpec, "volumes").map((volume) => textAt(volume, "name")));
  causes.push(...duplicates(listAt(podSpec, "volumes"), (item) => textAt(item, "name"), `${base}.volumes`));
  for (const { container, path: here } of containers) {
    const name = textAt(container, "name") ?? "";
    if (!dnsLabel.test(name)) causes.push(wrong(`${here}.name`, `Invalid value: ${quoted(name)}: must be a DNS label`));
    if ((textAt(container, "image") ?? "") === "") causes.push(required(`${here}.image`));
    listAt(container, "ports").forEach((port, index) => {
      causes.push(...portCauses(at(port, "containerPort"), `${here}.ports[${index}].containerPort`));
      const label = textAt(port, "name");
      if (label !== undefined && !portName.test(label))
        causes.push(wrong(`${here}.ports[${index}].name`, `Invalid value: ${quoted(label)}: at most 15 of [a-z0-9-]`));
      const hostPort = numberAt(port, "hostPort");
      if (podSpec.hostNetwork === true && hostPort !== undefined && hostPort !== numberAt(port, "containerPort"))
        causes.push(wrong(`${here}.ports[${index}].hostPort`, "must match containerPort when hostNetwork is true"));
    });
    listAt(container, "volumeMounts").forEach((mount, index) => {
      const volume = textAt(mount, "name");
      if (!volumes.has(volume) && !isClaimTemplate(volume))
        causes.push({
          reason: "FieldValueNotFound",
          field: `${here}.volumeMounts[${index}].name`,
          message: `Not found: ${quoted(volume)}`,
        });
    });
    causes.push(...resourceCauses(container, here));
  }
  return causes;

  function isClaimTemplate(volume: string | undefined): boolean {
    return listAt(template, "claimNames").includes(volume ?? "");
  }
}

function resourceCauses(container: JsonObject, path: string): Cause[] {
  const limits = objectAt(container, "resources", "limits");
  const requests = objectAt(container, "resources", "requests");
  const causes: Cause[] = [];
  for (const [group, values] of [["limits", limits] as const, ["requests", requests] as const])
    for (const [name, value] of Object.entries(values))
      if (quantity(value) === undefined)
        causes.push(
          wrong(`${path}.resources.${group}.${name}`, `Invalid value: ${quoted(value)}: no quantity (e.g. 500m, 1Gi)`),
        );
  for (const [name, value] of Object.entries(requests)) {
    const limit = quantity(limits[name]);
    const wanted = quantity(value);
    if (limit !== undefined && wanted !== undefined && wanted > limit)
      causes.push(
        wrong(`${path}.resources.requests`, `Invalid value: ${quoted(value)}: must be at most the ${name} limit`),
      );
  }
  return causes;
}

function workloadCauses(object: JsonObject): Cause[] {
  const pod = podTemplateOf(object);
  if (pod === undefined) return [];
  const claimNames = listAt(object, "spec", "volumeClaimTemplates").map(
    (claim) => textAt(claim, "metadata", "name") ?? "",
  );
  const causes = podCauses({ ...pod.template, claimNames }, pod.path);
  const restart = textAt(pod.template, "spec", "restartPolicy");
  const isJob = object.kind === "Job" || object.kind === "CronJob";
  if (isJob && restart !== "Never" && restart !== "OnFailure")
    causes.push(wrong(`${pod.path}.spec.restartPolicy`, `Unsupported value: ${quoted(restart)}: "OnFailure", "Never"`));
  if (["Deployment", "StatefulSet", "DaemonSet"].includes(asText(object.kind))) {
    if (restart !== "Always")
      causes.push(wrong("spec.template.spec.restartPolicy", `Unsupported value: ${quoted(restart)}: "Always"`));
    const labels = objectAt(pod.template, "metadata", "labels");
    if (!selectorMatches(at(object, "spec", "selector"), labels))
      causes.push(
        wrong(
          "spec.template.metadata.labels",
          `Invalid value: ${quoted(labels)}: \`selector\` does not match template \`labels\``,
        ),
      );
  }
  return causes;
}

function serviceCauses(object: JsonObject): Cause[] {
  const spec = objectAt(object, "spec");
  const ports = listAt(spec, "ports");
  if (spec.type !== "ExternalName" && spec.clusterIP !== "None" && ports.length === 0) return [required("spec.ports")];
  return [
    ...duplicates(ports, (port) => textAt(port, "name"), "spec.ports"),
    ...duplicates(ports, (port) => `${numberAt(port, "port") ?? 0}/${textAt(port, "protocol") ?? ""}`, "spec.ports"),
    ...ports.flatMap((port, index) => [
      ...portCauses(at(port, "port"), `spec.ports[${index}].port`),
      ...portCauses(at(port, "targetPort"), `spec.ports[${index}].targetPort`),
      ...(ports.length > 1 && textAt(port, "name") === undefined ? [required(`spec.ports[${index}].name`)] : []),
      ...nodePortCauses(numberAt(port, "nodePort"), `spec.ports[${index}].nodePort`),
    ]),
  ];
}

function nodePortCauses(nodePort: number | undefined, field: string): Cause[] {
  if (nodePort === undefined || nodePort === 0 || (nodePort >= 30000 && nodePort <= 32767)) return [];
  return [
    wrong(
      field,
      `Invalid value: ${nodePort}: provided port is not in the valid range. The range of valid ports is 30000-32767`,
    ),
  ];
}

function ingressCauses(object: JsonObject): Cause[] {
  return listAt(object, "spec", "rules").flatMap((rule, index) => {
    const host = textAt(rule, "host");
    const base = `spec.rules[${index}]`;
    const causes =
      host === undefined || dnsSubdomain.test(host.replace(/^\*\./, ""))
        ? []
        : [wrong(`${base}.host`, `Invalid value: ${quoted(host)}`)];
    listAt(rule, "http", "paths").forEach((entry, position) => {
      const path = textAt(entry, "path");
      const here = `${base}.http.paths[${position}]`;
      if (textAt(entry, "pathType") !== "ImplementationSpecific" && !(path ?? "").startsWith("/"))
        causes.push(wrong(`${here}.path`, `Invalid value: ${quoted(path)}: must be an absolute path`));
      const service = at(entry, "backend", "service");
      if (
        isObject(service) &&
        (at(service, "port", "name") === undefined) === (at(service, "port", "number") === undefined)
      )
        causes.push(
          wrong(`${here}.backend`, "Invalid value: exactly one of service.port.name and service.port.number"),
        );
    });
    return causes;
  });
}

/** What Kubernetes checks beyond the schema, for the kinds used here. All mistakes at once. */
export function semanticCauses(object: JsonObject): Cause[] {
  const causes = metadataCauses(object);
  if (object.kind === "Service") causes.push(...serviceCauses(object));
  if (object.kind === "Ingress") causes.push(...ingressCauses(object));
  if (object.kind === "HorizontalPodAutoscaler") {
    const [min, max] = [numberAt(object, "spec", "minReplicas") ?? 1, numberAt(object, "spec", "maxReplicas") ?? 0];
    if (max < min)
      causes.push(wrong("spec.maxReplicas", `Invalid value: ${max}: must be greater than or equal to \`minReplicas\``));
  }
  if (object.kind === "PodDisruptionBudget" && at(object, "spec", "minAvailable") !== undefined)
    if (at(object, "spec", "maxUnavailable") !== undefined)
      causes.push(wrong("spec", "Invalid value: minAvailable and maxUnavailable cannot be both set"));
  if (object.kind === "CustomResourceDefinition") {
    const wanted = `${textAt(object, "spec", "names", "plural") ?? ""}.${textAt(object, "spec", "group") ?? ""}`;
    if (textAt(object, "metadata", "name") !== wanted)
      causes.push(wrong("metadata.name", `Invalid value: must be ${quoted(wanted)}`));
  }
  return [...causes, ...workloadCauses(object)];
}
