import type { EngineEvent } from "@standin/pulumi-engine/events";
import type { CliEvent, CliStep } from "../../../rehearsal/cli/pulumi/cliEvents";
import { CliResults } from "../../../rehearsal/cli/pulumi/cliResults";

// What the CLI's events look like (taken from runs of 3.260); needs no CLI.
const URN = "urn:pulumi:local::keybuzz::a:b:C$command:remote:Command::one";
const ENVELOPE = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
const step = (op: string, more: Partial<CliStep> = {}): CliStep => ({
  op,
  urn: URN,
  type: "command:remote:Command",
  ...more,
});

function results(...events: CliEvent[]): { results: CliResults; told: EngineEvent[] } {
  return resultsOf("up", ...events);
}

function resultsOf(command: "up" | "preview", ...events: CliEvent[]): { results: CliResults; told: EngineEvent[] } {
  const told: EngineEvent[] = [];
  const gathered = new CliResults(command, (event) => void told.push(event));
  for (const event of events) gathered.take(event);
  return { results: gathered, told };
}

test("a secret that changed is told, though both sides look the same", () => {
  const state = { inputs: { stdin: ENVELOPE, create: "a", __defaults: [] } };
  const metadata = step("update", { old: state, new: state, diffs: ["stdin", "triggers"] });
  const [resource] = results({ resourcePreEvent: { metadata } }, { resOutputsEvent: { metadata } }).results.resources();
  expect(resource).toMatchObject({ op: "update", status: "done", inputs: { stdin: "[secret]", create: "a" } });
  expect(resource?.inputs).not.toHaveProperty("__defaults");
  expect(resource?.diff).toEqual([{ path: "stdin", before: "[secret]", after: "[secret]" }]);
});

test("what a component says of itself, now and before; of other resources nothing", () => {
  const sides = (custom: boolean): Partial<CliStep> => ({
    old: { custom, outputs: { declaration: { flows: [] } } },
    new: { custom, outputs: { declaration: { flows: [1] }, token: ENVELOPE } },
  });
  const [component, other] = [false, true].map((custom) => {
    const metadata = step("same", sides(custom));
    return results({ resourcePreEvent: { metadata } }, { resOutputsEvent: { metadata } }).results.resources()[0];
  });
  expect(component).toMatchObject({
    outputs: { declaration: { flows: [1] }, token: "[secret]" },
    outputsBefore: { declaration: { flows: [] } },
  });
  expect(other).not.toHaveProperty("outputs");
});

test("unknown values, and differences field by field", () => {
  const metadata = step("update", {
    old: { inputs: { a: { b: 1 }, id: "7" } },
    new: { inputs: { a: { b: 2 }, id: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" } },
    detailedDiff: { "a.b": { diffKind: "update" } },
  });
  const [resource] = results({ resourcePreEvent: { metadata } }, { resOutputsEvent: { metadata } }).results.resources();
  expect(resource?.diff).toEqual([
    { path: "a.b", before: 1, after: 2 },
    { path: "id", before: "7", after: "[unknown]" },
  ]);
});

test("of the preview before an up only what it refuses is told", () => {
  const planned: CliEvent[] = [
    { resourcePreEvent: { metadata: step("create"), planning: true } },
    { resOutputsEvent: { metadata: step("create"), planning: true } },
  ];
  expect(resultsOf("preview", ...planned).results.summary().create).toBe(1);
  expect(results(...planned).told).toEqual([]);
  expect(results(...planned).results.resources()).toEqual([]);
  const refusal: CliEvent = { diagnosticEvent: { severity: "error", message: "it is protected", urn: URN } };
  const refused = results(...planned, refusal).results;
  expect(refused.resources()).toMatchObject([{ urn: URN, status: "failed", error: "it is protected" }]);
  expect(refused.summary().create).toBe(0);
  const failed = results(
    ...planned,
    { resourcePreEvent: { metadata: step("create") } },
    { diagnosticEvent: { severity: "error", message: "<{%fg 1%}>no way<{%reset%}>", urn: URN } },
    { resOpFailedEvent: { metadata: step("create") } },
  );
  expect(failed.results.summary().create).toBe(0);
  expect(failed.results.resources()).toMatchObject([{ status: "failed", error: "no way" }]);
  expect(failed.results.errors()).toEqual([]);
  expect(failed.told.at(-1)).toMatchObject({ kind: "step-failed", message: "no way" });
});

test("a step that was cut off is no success; a default provider is no resource; a replacement is told once", () => {
  const cut = results({ resourcePreEvent: { metadata: step("create") } });
  expect(cut.results.resources()).toMatchObject([{ status: "failed", error: "was under way when the run ended" }]);
  const urn = "urn:pulumi:local::keybuzz::pulumi:providers:hcloud::default_1_41_0";
  const provider = { ...step("create"), urn, type: "pulumi:providers:hcloud" };
  expect(results({ resourcePreEvent: { metadata: provider } }).results.resources()).toEqual([]);
  const parts = ["create-replacement", "replace", "delete-replaced"].flatMap((op) => [
    { resourcePreEvent: { metadata: step(op, { keys: ["image"] }) } },
    { resOutputsEvent: { metadata: step(op, { keys: ["image"] }) } },
  ]);
  expect(results(...parts).results.resources()).toMatchObject([
    { op: "replace", status: "done", replaceKeys: ["image"] },
  ]);
});

test("errors without a resource are kept apart", () => {
  const { results: gathered } = results({ diagnosticEvent: { severity: "error", message: "update failed" } });
  expect(gathered.errors()).toEqual(["update failed"]);
});
