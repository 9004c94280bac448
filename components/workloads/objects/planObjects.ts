import { processPods, serviceHost } from "../../apps/labels";
import type { Mistakes } from "../../mistakes";
import { allowOutbound } from "../../topology/outbound";
import type { Endpoint } from "../../topology/topology";
import { zoneMistakes } from "../apps/judgePlace";
import { requireServices, type WorkloadContext } from "../workloadContext";
import { isClusterWide, isObject, judgeObjects, type ObjectsAmong } from "./judgeObjects";
import { containerPort } from "./objectParts";
import type { ObjectsEntry, PlacedObject, RawObject } from "./objectsEntry";

export interface PlannedObjects {
  readonly name: string;
  readonly namespace: string;
  readonly objects: readonly RawObject[];
  /** Their pods' Services. */
  readonly endpoints: readonly Endpoint[];
}

export interface ObjectsGiven extends Omit<ObjectsAmong, "owner"> {
  /** Zones of the public hosts, web.zone first. Undefined: what they are, is a mistake itself. */
  readonly zones: readonly string[] | undefined;
}

const ROUTES = [{ kind: "http", path: "/" }] as const;

/**
 * Plans objects that others wrote: each is registered as it is, in the entry's namespace, where all is closed but for
 * what `pods` declares. What they open, or what cannot be read of them, is the verifier's to find.
 */
export function planObjects(
  entries: readonly (ObjectsEntry & { readonly placed: readonly PlacedObject[] })[],
  { zones, ...given }: ObjectsGiven,
  context: WorkloadContext,
  mistakes: Mistakes,
): readonly PlannedObjects[] {
  return entries.flatMap((entry, i): readonly PlannedObjects[] => {
    const owner = `workloads.objects[${i}]`;
    const found = [
      ...judgeObjects(entry, entry.placed, { ...given, owner }),
      ...(entry.pods ?? []).flatMap(({ expose }, j) => zoneMistakes(`pods[${j}].expose`, zones, expose)),
    ];
    mistakes.add(...found.map((one) => ({ ...one, path: `${owner}.${one.path}` })));
    if (found.length > 0) return [];
    const objects = entry.placed.flatMap(({ value }) => (isObject(value) ? [placedIn(value, entry.namespace)] : []));
    return [
      {
        name: entry.name,
        namespace: entry.namespace,
        objects,
        endpoints: declare(entry, objects, context),
      },
    ];
  });
}

function declare(
  { name, namespace, pods = [] }: ObjectsEntry,
  objects: readonly RawObject[],
  context: WorkloadContext,
): readonly Endpoint[] {
  const { topology } = context;
  return pods.flatMap(({ name: app, port, expose = [], internet = [] }) => {
    const party = processPods(namespace, app);
    for (const one of internet) allowOutbound(topology, party, one.port, `${app} ${one.purpose}`);
    if (port === undefined) return [];
    const id = `${namespace}/${app}`;
    const localPort = containerPort(objects, app, port);
    const endpoint = topology.endpoint({
      id,
      provider: party,
      port,
      localPort,
      protocol: "tcp",
      host: serviceHost(party),
    });
    for (const { host, routes = ROUTES } of expose)
      requireServices(context, name, ["ingress"]).ingress.expose(endpoint, { host, routes });
    return [endpoint];
  });
}

function placedIn(object: RawObject, namespace: string): RawObject {
  return isClusterWide(object) ? object : { ...object, metadata: { ...object.metadata, namespace } };
}
