import type { End, Picture } from "../picture/model";

/** A picture with so many workers more, each like the first: to register them all would take minutes. */
export function withWorkers(picture: Picture, count: number): Picture {
  const workers = picture.boxes.flatMap(({ sections }) => sections).find(({ title }) => title === "k3sAgents")?.items;
  const [first] = workers ?? [];
  if (workers === undefined || first === undefined) throw new Error(`${picture.stack} has no workers`);
  const more = Array.from({ length: count - workers.length }, (_, index) => {
    const name = `k3s-worker-${String(workers.length + index + 1).padStart(2, "0")}`;
    return { ...first, id: `machine ${name}`, name };
  });
  const widened = (ends: readonly End[]): readonly End[] =>
    ends.map((end) =>
      end.items.includes(first.id) ? { ...end, items: [...end.items, ...more.map(({ id }) => id)] } : end,
    );
  const same = <T>(of: Readonly<Record<string, T>>): Readonly<Record<string, T>> => {
    const known = of[first.id];
    return known === undefined ? of : { ...of, ...Object.fromEntries(more.map(({ id }) => [id, known])) };
  };
  return {
    ...picture,
    boxes: picture.boxes.map((box) => ({
      ...box,
      sections: box.sections.map((one) => (one.items === workers ? { ...one, items: [...workers, ...more] } : one)),
    })),
    flows: picture.flows.map((flow) => ({ ...flow, from: widened(flow.from), to: widened(flow.to) })),
    losses: same(picture.losses),
    prices: same(picture.prices),
  };
}
