import type { Declaration, DeclaredRoute } from "../declaration";
import { at, objectKey, text, type EmittedResource } from "../read/graph";
import { selected } from "../read/cluster";
import type { World } from "../read/world";
import type { Harm } from "./harm";
import { subjectOf, type Change } from "./movement";

/** Types whose pods serve. */
export const WORKLOADS = /^kubernetes:apps\/v1:(Deployment|StatefulSet|DaemonSet)$/;
const ROUTES = /:(Ingress|HTTPRoute|Gateway|Service)$/;

/** Is every route of before and after served by somebody, while the one becomes the other? */
export function entryHarms(
  change: Change,
  worlds: { readonly before: World; readonly after: World },
  before: Declaration,
  after: Declaration,
): readonly Harm[] {
  const label = ({ host, path }: DeclaredRoute): string => `${host}${path}`;
  const wanted = new Set(after.routes.map(label));
  const routes = before.routes.filter((route) => wanted.has(label(route)));
  if (routes.length === 0) return [];
  return [...entryKind(worlds, routes.map(label)), ...replacedHarms(change, worlds.after, after.routes)];
}

/** ingress-nginx and a controller of the Gateway API cannot both hold the port that the balancers lead to. */
function entryKind(
  worlds: { readonly before: World; readonly after: World },
  routes: readonly string[],
): readonly Harm[] {
  const [from, to] = [worlds.before, worlds.after].map(entryOf);
  // Where nobody serves yet nobody loses anything; that somebody serves in the end is the verifier's to prove.
  if (from === undefined || to === undefined || from === to) return [];
  return [
    {
      kind: "route",
      subject: `${routes.length} public routes`,
      why: `${from} -> ${to}: both answer on the port that the balancers lead to, so ${from} goes before ${to} can come, and nobody serves ${routes.slice(0, 3).join(", ")}${routes.length > 3 ? ", ..." : ""} in between`,
      way: "another stack beside this one, with its own balancers, and then the names are moved",
      names: [],
    },
  ];
}

/** Who takes the requests. Undefined: nobody yet, as in a first run that was cut off. */
function entryOf({ cluster }: World): string | undefined {
  if (cluster.controller !== undefined) return "ingress-nginx";
  return cluster.gateways.length > 0 ? "a Gateway" : undefined;
}

/** Objects that Kubernetes does not change in place: the old one goes first. */
function replacedHarms(change: Change, world: World, routes: readonly DeclaredRoute[]): readonly Harm[] {
  return change.movements.flatMap((movement): readonly Harm[] => {
    if (movement.operation !== "replace" || movement.deleteFirst !== true) return [];
    const object = subjectOf(movement);
    const served = WORKLOADS.test(object.type)
      ? routes.filter((route) => isBehind(world, object, route))
      : ROUTES.test(object.type) && object.type.startsWith("kubernetes:")
        ? routes.filter(({ namespace }) => namespace === text(at(object.inputs, "metadata", "namespace")))
        : [];
    if (served.length === 0) return [];
    const names = [...new Set(served.map(({ host, path }) => `${host}${path}`))];
    const kind = object.type.split(":").at(-1) ?? object.type;
    return [
      {
        kind: "route",
        subject: names.join(", "),
        why: `${kind} ${objectKey(object)} is deleted and made anew (${movement.because.join(", ")}): nobody answers until its pods are ready`,
        way: `leave what cannot be changed in place; or give the new one another name beside it, and take this one away in a later run`,
        names: [text(at(object.inputs, "metadata", "namespace")) ?? ""],
      },
    ];
  });
}

/** Do requests of this route come to pods of this workload? */
export const isBehind = ({ cluster }: World, object: EmittedResource, { namespace, app }: DeclaredRoute): boolean =>
  selected(cluster, namespace, { "app.kubernetes.io/name": app }).some(
    ({ resource }) => resource?.name === object.name,
  );
