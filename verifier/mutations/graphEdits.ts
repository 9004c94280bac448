// Changes to an emitted graph, for asking the verifier "and if it were so?". The graph given is never changed.
import type { EmittedGraph, EmittedResource } from "../read/graph";
import { HOST } from "../read/knownTypes";

export type Edit = (graph: EmittedGraph) => EmittedGraph;

/** The graph without some of its resources. */
export function without(drop: (resource: EmittedResource) => boolean): Edit {
  return ({ resources }) => ({ resources: resources.filter((resource) => !drop(resource)) });
}

/** The graph with the value at a path of one resource's inputs replaced; undefined removes it. */
export function withInput(name: string, path: readonly (string | number)[], value: unknown): Edit {
  return ({ resources }) => ({
    resources: resources.map((resource) =>
      resource.name === name
        ? { ...resource, inputs: replaced(resource.inputs, path, value) as EmittedResource["inputs"] }
        : resource,
    ),
  });
}

/** The graph with one file of one host, or of all hosts, rewritten. */
export function withFile(host: string | undefined, path: string, rewrite: (content: string) => string): Edit {
  return ({ resources }) => ({
    resources: resources.map((resource) => {
      if (resource.type !== HOST || (host !== undefined && resource.name !== host)) return resource;
      const files = resource.inputs["files"] as Readonly<Record<string, string>>;
      const content = files[path];
      if (content === undefined) return resource;
      return { ...resource, inputs: { ...resource.inputs, files: { ...files, [path]: rewrite(content) } } };
    }),
  });
}

function replaced(value: unknown, [key, ...rest]: readonly (string | number)[], to: unknown): unknown {
  if (key === undefined) return to;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (rest.length === 0 && to === undefined) return items.filter((_, index) => index !== Number(key));
    return items.map((item, index) => (index === Number(key) ? replaced(item, rest, to) : item));
  }
  const object = (value ?? {}) as Readonly<Record<string, unknown>>;
  const inner = replaced(object[key], rest, to);
  const { [String(key)]: _old, ...others } = object;
  return inner === undefined ? others : { ...object, [key]: inner };
}
