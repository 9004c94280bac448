import type { Declaration, DeclaredEndpoint } from "../declaration";
import type { Harm } from "./harm";

/**
 * Does whoever is asked answer on the same port before and after? Consumers and providers change one after the other:
 * in between the ones ask where the others do not answer any more, or not yet.
 */
export function portHarms(before: Declaration, after: Declaration): readonly Harm[] {
  const old = endpoints(before);
  return [...endpoints(after)].flatMap(([id, now]): readonly Harm[] => {
    const was = old.get(id);
    if (was === undefined || (was.port === now.port && was.protocol === now.protocol)) return [];
    return [
      {
        kind: "way",
        subject: id,
        why: `port ${was.port}/${was.protocol} -> ${now.port}/${now.protocol}: between the change of who asks and of who answers nobody is reached`,
        way: `leave ${was.port}; another port is another endpoint beside this one, which goes when nobody asks there any more`,
        names: [],
      },
    ];
  });
}

/** Of machines and balancers: Services of the cluster change their ports with their pods. */
function endpoints({ flows }: Declaration): ReadonlyMap<string, DeclaredEndpoint> {
  const machines = flows.filter(({ to }) => to.provider.kind === "hosts" || to.provider.kind === "loadBalancer");
  return new Map(machines.map(({ to }) => [to.id, to]));
}
