import type { ProjectFacts } from "../../stacks/observeProject";
import { k3sReleaseMistakes } from "../../stacks/k3sReleaseRules";
import { environment as staging } from "../../stacks/staging";
import { EXAMPLE_SETTINGS, registered } from "../../stacks/emittedGraph";
import { loadEnvironment } from "../../stacks/loadEnvironment";
import { planEstate } from "../../stacks/plan";

jest.setTimeout(60_000);

const nodes = staging.hosts.filter(({ role }) => role === "k3sServer" || role === "k3sAgent").map(({ name }) => name);

/** A project whose nodes were last asked to have these releases; undefined: made before there was a label. */
function told(wanted: string, ...labels: readonly (string | undefined)[]): readonly string[] {
  const servers = nodes.map((name, i) => {
    const label = labels[i % labels.length];
    return { name, labels: label === undefined ? {} : { k3s: label } };
  });
  const seen = { servers } as unknown as ProjectFacts;
  const environment = { ...staging, kubernetes: { ...staging.kubernetes, k3sVersion: wanted } };
  return k3sReleaseMistakes(environment, seen).map(({ path, found, fix }) => `${path}: ${found}; ${fix}`);
}

test.each([
  ["v1.35.4+k3s1", "v1.35.4-k3s1"],
  ["v1.35.5+k3s1", "v1.35.4-k3s1"],
  ["v1.36.0+k3s1", "v1.35.4-k3s1"],
])("%s is allowed where the nodes were last to have %s", (wanted, label) => {
  expect(told(wanted, label)).toEqual([]);
});

test("a skipped minor version, and a way back, are refused before anything happens, with the way out", () => {
  const [skipped = "", ...others] = told("v1.37.0+k3s1", "v1.35.4-k3s1");
  expect(others).toEqual([]);
  expect(skipped).toMatch(/^kubernetes\.k3sVersion: "v1\.37\.0\+k3s1", while .* were last to have v1\.35\.4\+k3s1; /);
  const [back = ""] = told("v1.34.9+k3s1", "v1.35.4-k3s1");
  expect(back).toContain(`hcloud server remove-label ${nodes[0]} k3s`);
});

test("each release that nodes were left with is judged", () => {
  expect(told("v1.36.0+k3s1", "v1.34.1-k3s1", "v1.35.4-k3s1")).toHaveLength(1);
});

test("of a server without a label, or with one of somebody else's, nothing is known here: it asks itself", () => {
  expect(told("v1.37.0+k3s1", undefined)).toEqual([]);
  expect(told("v1.37.0+k3s1", "edge")).toEqual([]);
});

test("the label is on every node, and on no other machine", async () => {
  const { resources } = await registered(planEstate(loadEnvironment("staging"), EXAMPLE_SETTINGS));
  const labelled = resources
    .filter(({ type, inputs }) => type === "hcloud:index/server:Server" && "k3s" in (inputs["labels"] as object))
    .map(({ name }) => name);
  expect(labelled.sort()).toEqual([...nodes].sort());
});
