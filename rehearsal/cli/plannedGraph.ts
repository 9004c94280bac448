import type { ResourceResult } from "@standin/pulumi-engine/events";
import type { EmittedGraph } from "../estate";

/** What a run registered, as the verifier reads it: what the resources say of themselves, nothing planned anew. */
export function graphOf(resources: readonly ResourceResult[]): EmittedGraph {
  return {
    resources: resources
      .filter(({ op }) => op !== "delete" && op !== "read")
      .map((one) => (one.outputs === undefined ? one : { ...one, inputs: { ...one.inputs, ...one.outputs } })),
  };
}
