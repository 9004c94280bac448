import { join } from "node:path";
import { stateSummary } from "@standin/pulumi-engine";
import { CloudView } from "./cloudView";
import type { RunDocument, Stand } from "./stand";

/**
 * Kills the command line's process in the middle of an up, when so many more resources have been created.
 *
 * @param options further ones of the command line.
 */
export async function killedUp(stand: Stand, stack: string, after: number, ...options: string[]): Promise<void> {
  const run = stand.startBare("up", "--stack", stack, ...options);
  await run.until(`${after} resources were created`, ({ created }) => created >= after);
  const { code } = await run.signal("SIGKILL");
  // Ended by the signal, not by itself: otherwise nothing was tried.
  expect(code).toBeNull();
}

/** The next up completes, nothing is there twice or unknown, and a further up changes nothing. */
export async function expectWhole(stand: Stand, stack: string, ...options: string[]): Promise<RunDocument> {
  const { code, document } = await stand.document("up", "--stack", stack, ...options);
  expect(document.errors).toEqual([]);
  expect(document.resources.filter(({ status }) => status !== "done")).toEqual([]);
  expect(code).toBe(0);
  const view = await CloudView.open(stand, stack);
  expect(await view.mismatch()).toEqual({ orphans: [], lost: [] });
  const contents = await view.contents();
  expect(contents.length).toBeGreaterThan(50);
  expect(new Set(contents).size).toBe(contents.length);
  await view.close();
  const { resources = [], pending } = stateSummary(join(stand.state, stack, "state.json")) ?? {};
  expect(pending).toEqual([]);
  expect(resources.filter(({ condemned, incomplete }) => condemned || incomplete !== undefined)).toEqual([]);
  expect(new Set(resources.map(({ urn }) => urn)).size).toBe(resources.length);
  const again = await stand.document("up", "--stack", stack);
  expect(again.document.summary).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: resources.length });
  return again.document;
}
