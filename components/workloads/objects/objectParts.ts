import { APP_LABEL } from "../../topology/party";
import type { RawObject } from "./objectsEntry";

// What of objects that others wrote is looked at: nothing of their shape is sure.

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** The label by which the estate's filters know the pods of an object that has some. */
export function podName(object: RawObject): string | undefined {
  const label = record(record(templateOf(object)["metadata"])["labels"])[APP_LABEL];
  return typeof label === "string" ? label : undefined;
}

/** The container's port behind a Service's; the same where the objects do not say. */
export function containerPort(objects: readonly RawObject[], name: string, port: number): number {
  const service = objects.find(({ kind, metadata }) => kind === "Service" && metadata.name === name);
  const target = listOf(record(service?.["spec"])["ports"]).find((one) => one["port"] === port)?.["targetPort"];
  if (typeof target === "number") return target;
  const containers = objects
    .filter((object) => podName(object) === name)
    .flatMap((object) => listOf(record(templateOf(object)["spec"])["containers"]));
  const named = containers.flatMap((one) => listOf(one["ports"])).find((one) => one["name"] === target);
  const found = target === undefined ? undefined : named?.["containerPort"];
  return typeof found === "number" ? found : port;
}

/** Of pods, wherever a kind has it. */
function templateOf(object: RawObject): Readonly<Record<string, unknown>> {
  const spec = record(object["spec"]);
  return record(spec["template"] ?? record(record(spec["jobTemplate"])["spec"])["template"]);
}

export function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(record) : [];
}
