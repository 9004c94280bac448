import type { WorkloadsSpec } from "./environment";

/** A host name that the environment shows to the internet, and where it says so. */
export interface PublicHost {
  /** "workloads.chatwoot.host". */
  readonly path: string;
  readonly host: string;
}

/** Every public host name of the workloads, in the order of the environment. */
export function publicHosts({ connectors = [], ...named }: WorkloadsSpec): readonly PublicHost[] {
  const specs: readonly (readonly [path: string, spec: object])[] = [
    ...Object.entries(named).map(([name, spec]) => [`workloads.${name}`, spec] as const),
    ...connectors.map((spec, i) => [`workloads.connectors[${i}]`, spec] as const),
  ];
  return specs.flatMap(([path, spec]) =>
    "host" in spec && typeof spec.host === "string" ? [{ path: `${path}.host`, host: spec.host }] : [],
  );
}
