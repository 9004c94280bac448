import type { WorkloadsSpec } from "./environment";

/** A host name that the environment shows to the internet, and where it says so. */
export interface PublicHost {
  /** "workloads.chatwoot.host". */
  readonly path: string;
  readonly host: string;
}

/** Public hosts of the typed workloads, each of its own. */
export function ownHosts({
  apps: _apps,
  objects: _objects,
  registries: _registries,
  ...named
}: WorkloadsSpec): readonly PublicHost[] {
  return Object.entries(named).flatMap(([name, spec]) =>
    "host" in spec && typeof spec.host === "string" ? [{ path: `workloads.${name}.host`, host: spec.host }] : [],
  );
}

/** Every public host of the workloads, each once, in the order of the environment: applications may share one. */
export function publicHosts(workloads: WorkloadsSpec): readonly PublicHost[] {
  const exposed = (workloads.apps ?? []).flatMap(({ processes }, i) =>
    processes.flatMap((process, j) =>
      process.kind !== "web"
        ? []
        : (process.expose ?? []).map(({ host }, k) => ({
            path: `workloads.apps[${i}].processes[${j}].expose[${k}].host`,
            host,
          })),
    ),
  );
  const raw = (workloads.objects ?? []).flatMap(({ pods = [] }, i) =>
    pods.flatMap(({ expose = [] }, j) =>
      expose.map(({ host }, k) => ({ path: `workloads.objects[${i}].pods[${j}].expose[${k}].host`, host })),
    ),
  );
  const first = new Map<string, PublicHost>();
  for (const one of [...ownHosts(workloads), ...exposed, ...raw]) if (!first.has(one.host)) first.set(one.host, one);
  return [...first.values()];
}
