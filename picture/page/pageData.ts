import { flowDetails } from "../details/flowDetails";
import { routeDetails } from "../details/routeDetails";
import { Things, type Details } from "../details/thingDetails";
import type { End, Picture } from "../model";
import { bundleLabel } from "../svg";

/** What the page's script knows; everything else it reads from the picture itself. */
export interface PageData {
  /** Everything that can be asked: machines, workloads, boxes, bundles, routes; flows after them. */
  readonly things: readonly Thing[];
  /** Texts that several things share. */
  readonly bodies: readonly string[];
  readonly flows: readonly PageFlow[];
  /** Lists of ids, which several flows share. */
  readonly lists: readonly (readonly string[])[];
}

export interface Thing {
  readonly id: string;
  readonly label: string;
  readonly what: string;
  readonly head: string;
  /** Index of its body. */
  readonly body: number;
  /** Of a bundle: indexes of its flows. */
  readonly flows?: readonly number[];
  /** Of a route: the workload that answers. */
  readonly goal?: string;
}

export interface PageFlow {
  readonly label: string;
  readonly purpose: string;
  readonly html: string;
  /** Indexes of lists: boxes and items at each of its ends. */
  readonly from: number;
  readonly to: number;
  /** Index of its first bundle among the things. */
  readonly bundle: number;
}

export function pageData(picture: Picture): PageData {
  const things = new Things(picture);
  const bodies = interned<string>((body) => body);
  const lists = interned<readonly string[]>((list) => JSON.stringify(list));
  const flowIndex = new Map(picture.flows.map(({ id }, index) => [id, index]));
  const told = (id: string, label: string, what: string, { head, body }: Details): Thing => {
    return { id, label, what, head, body: bodies.index(body) };
  };
  const all: Thing[] = [];
  for (const box of picture.boxes) {
    all.push(told(box.id, box.name, box.kind, things.box(box.id)));
    for (const { items } of box.sections)
      for (const { id, name } of items) {
        const [what = ""] = id.split(" ");
        all.push(told(id, name, `${what} of ${box.name}`, things.item(id, box.id)));
      }
  }
  const bundleIndex = new Map<string, number>();
  for (const bundle of picture.bundles) {
    for (const flow of bundle.flows) if (!bundleIndex.has(flow)) bundleIndex.set(flow, all.length);
    const flows = bundle.flows.flatMap((id) => flowIndex.get(id) ?? []);
    const [name = "", ...what] = bundleLabel(bundle).split(": ");
    all.push({ ...told(bundle.id, name, what.join(": "), things.bundle(bundle)), flows });
  }
  for (const route of picture.routes) {
    const { host, path, kind } = route.declared;
    const details = { head: "", body: routeDetails(route) };
    all.push({ ...told(route.id, `${host}${path}`, `${kind} route`, details), goal: route.workload });
  }
  const ids = (ends: readonly End[]): readonly string[] => ends.flatMap(({ box, items }) => [box, ...items]);
  return {
    things: all,
    flows: picture.flows.map((flow) => ({
      label: flow.label,
      purpose: flow.purpose,
      html: flowDetails(flow),
      from: lists.index(ids(flow.from)),
      to: lists.index(ids(flow.to)),
      bundle: bundleIndex.get(flow.id) ?? -1,
    })),
    bodies: bodies.all,
    lists: lists.all,
  };
}

/** Equal things once, by their number. */
function interned<T>(key: (one: T) => string): { readonly all: readonly T[]; readonly index: (one: T) => number } {
  const all: T[] = [];
  const known = new Map<string, number>();
  return {
    all,
    index: (one) => {
      const found = known.get(key(one)) ?? all.length;
      if (found === all.length) all.push(one);
      known.set(key(one), found);
      return found;
    },
  };
}
