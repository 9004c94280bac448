import { KubeError } from "@standin/kubernetes-api/wire/kubeClient";
import type { KindToken } from "./typeToken";

/** The error with the object it is about, and what to do where that is known. */
export function objectError({ apiVersion, kind }: KindToken, id: string, error: unknown, hint = ""): Error {
  const message = error instanceof Error ? error.message : String(error);
  const isConflict = error instanceof KubeError && error.causes.includes("FieldManagerConflict");
  const advice = isConflict
    ? '; someone else has set these fields: leave them out here, or take them over with the annotation pulumi.com/patchForce: "true"'
    : hint;
  return new Error(`${apiVersion} ${kind} ${id}: ${message}${advice}`, { cause: error });
}
