import type { Mistake } from "../mistakes";
import { startsPlaceholder } from "../secrets/secretRef";
import { APP_LABEL } from "../topology/party";
import { contentChecksum } from "./checksum";
import type { ConfigMapManifest } from "./manifests";
import type { ObjectPatch, PatchableObject } from "./objectPatch";
import type { RenderedApp } from "./renderedApp";
import type { WorkloadManifest } from "./renderWorkload";

const PATCH_CHECKSUM = "keybuzz.io/patch-checksum";

/** The objects as they are registered. */
export function withPatch(rendered: RenderedApp, patch: ObjectPatch | undefined): RenderedApp {
  if (patch === undefined) return rendered;
  // Judged when it was planned: the kind is the same, and fields beyond those of the type are Kubernetes' matter.
  const one = <T extends PatchableObject>(object: T): T => patch(structuredClone(object)) as T;
  const some = <T extends PatchableObject>(object: T | undefined): T | undefined =>
    object === undefined ? undefined : one(object);
  const configMaps = rendered.configMaps.map(one);
  const checksum = contentOf(configMaps);
  const read = <T extends WorkloadManifest>(workload: T): T =>
    checksum === contentOf(rendered.configMaps) ? workload : rolledBy(workload, checksum);
  return {
    ...rendered,
    serviceAccount: one(rendered.serviceAccount),
    configMaps,
    claim: some(rendered.claim),
    processes: rendered.processes.map((process) => ({
      ...process,
      workload: one(read(process.workload)),
      service: some(process.service),
      headless: some(process.headless),
      autoscaler: some(process.autoscaler),
      disruptionBudget: some(process.disruptionBudget),
    })),
    crons: rendered.crons.map(one),
  };
}

/** Pods read their configuration at their start alone (renderPods), also where only a patch changes it. */
function rolledBy<T extends WorkloadManifest>(workload: T, checksum: string): T {
  const { template } = workload.spec;
  const annotations = { ...template.metadata.annotations, [PATCH_CHECKSUM]: checksum };
  const metadata = { ...template.metadata, annotations };
  return { ...workload, spec: { ...workload.spec, template: { ...template, metadata } } };
}

function contentOf(configMaps: readonly ConfigMapManifest[]): string {
  return contentChecksum(configMaps.map(({ data, ...more }) => [data, (more as { binaryData?: unknown }).binaryData]));
}

/** What of a patch would make an object another, take it out of its filters, or give it a secret. */
export function patchMistakes(rendered: RenderedApp, patch: ObjectPatch): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const judge: ObjectPatch = (object) => {
    const fix = "return the object, with fields changed or added";
    const what = `${object.kind} ${object.metadata.name}`;
    const before = JSON.parse(JSON.stringify(object)) as PatchableObject;
    const add = (found: string, allowed: string): void =>
      void mistakes.push({ path: "patch", found: `${what}: ${found}`, allowed, fix });
    let after: unknown;
    try {
      after = patch(object);
    } catch (error) {
      add(`it throws ${error instanceof Error ? error.message : String(error)}`, "a function of each object");
      return before;
    }
    if (typeof after !== "object" || after === null) {
      add(`it returns ${String(after)}`, "the object");
      return before;
    }
    for (const path of FIXED)
      if (JSON.stringify(at(after, path)) !== JSON.stringify(at(before, path)))
        add(`another ${path.join(".")}`, "the same: names and filters know it by that");
    if (startsPlaceholder(JSON.stringify(after))) add("a secret's placeholder", "none: it would give away a secret");
    return before;
  };
  withPatch(rendered, judge);
  return mistakes;
}

const FIXED = [
  ["apiVersion"],
  ["kind"],
  ["metadata", "name"],
  ["metadata", "namespace"],
  ["spec", "selector"],
  ["spec", "template", "metadata", "labels", APP_LABEL],
  ["spec", "jobTemplate", "spec", "template", "metadata", "labels", APP_LABEL],
] as const;

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Readonly<Record<string, unknown>>)[key] : undefined,
    value,
  );
}
