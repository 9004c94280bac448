import type { ResourceResult } from "@standin/pulumi-engine/events";
import { lostWith } from "../estate";

/** Types of machines, which are powered off for another size. */
const SERVER = "hcloud:index/server:Server";

/** What a step can cost that a person should know before it is taken; nothing of most steps. */
export type Danger = "deletes" | "replaces" | "losesData" | "powersOff";

/** For programs that read --json: what to stop at. In no order; empty where nothing is lost or away. */
export function dangerOf({ type, op, protect, retainOnDelete, diff }: ResourceResult): readonly Danger[] {
  const ends = op === "delete" || op === "replace";
  return [
    ...(op === "delete" && !retainOnDelete ? (["deletes"] as const) : []),
    ...(op === "replace" ? (["replaces"] as const) : []),
    ...(ends && (protect || lostWith(type) !== undefined) ? (["losesData"] as const) : []),
    ...(op === "update" && type === SERVER && diff.some(({ path }) => path === "serverType")
      ? (["powersOff"] as const)
      : []),
  ];
}
