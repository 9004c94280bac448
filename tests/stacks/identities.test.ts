import { knownStacks } from "../../stacks/loadEnvironment";
import { identities, identityMistakes, readRecord } from "../../tools/identities";
import type { Registration } from "../../tools/registrations";
import { registeredStack } from "../support/registered";

// A machine shared with other work is slow at times.
jest.setTimeout(180_000);

test.each(knownStacks())("%s: everything stands under the name under which it is deployed", (stack) => {
  expect(identityMistakes(stack, readRecord(stack), registeredStack(stack)).join("\n\n")).toBe("");
});

test("local: what pods have their network by is left to its machines' end: `destroy` would wait for it for ever", () => {
  const all = registeredStack("local");
  const kept = all.filter(({ options }) => options["retainOnDelete"] === true).map(({ urn }) => urn.split("::").at(-1));
  expect(kept).toEqual(expect.arrayContaining(["kubernetes-calico-felix", "kubernetes-calico-installation"]));
});

const SERVER = "keybuzz:data:Cluster$hcloud:index/server:Server";
const registration = (tail: string, more: Partial<Registration> = {}): Registration => ({
  urn: `urn:pulumi:prod::keybuzz::${tail}`,
  protect: true,
  inputs: {},
  dependencies: [],
  propertyDependencies: {},
  aliases: [],
  options: {},
  ...more,
});
const before = [registration(`${SERVER}::db-01`), registration("keybuzz:data:Cluster::db", { protect: false })];
const mistakes = (after: readonly Registration[]): readonly string[] =>
  identityMistakes("prod", identities(before), after);

describe("a move", () => {
  const moved = registration("keybuzz:machines:Group$hcloud:index/server:Server::db-01");

  test("of nothing is no mistake", () => {
    expect(mistakes(before)).toEqual([]);
  });

  test("that would replace what is protected is told, with the alias that prevents it", () => {
    expect(mistakes([moved, ...before.slice(1)])[0]).toBe(
      `prod: ${SERVER}::db-01 is protected, and an \`up\` would delete it where it is deployed, with what it holds, ` +
        `and make it anew as ${moved.urn}. Give that one the option ` +
        `aliases: ["urn:pulumi:prod::keybuzz::${SERVER}::db-01"] (or its parent the like), and keep it until every stack is deployed with it`,
    );
  });

  test("with that alias replaces nothing; it must be recorded", () => {
    const aliased = { ...moved, aliases: [`urn:pulumi:prod::keybuzz::${SERVER}::db-01`] };
    const [told, ...others] = mistakes([aliased, ...before.slice(1)]);
    expect(others).toEqual([]);
    expect(told).toMatch(/not as recorded; if that is meant, `npm run graph -- --record` and look at its diff/);
    expect(told).toContain(`  - protected ${SERVER}::db-01\n  + protected keybuzz:machines:Group$hcloud`);
  });

  test("to nowhere is told, with what must be agreed to first", () => {
    expect(mistakes(before.slice(1))[0]).toMatch(/would delete it .* If it is to go: consentToDelete/);
  });

  test("of something else must be recorded", () => {
    const told = mistakes([...before.slice(0, 1), registration("keybuzz:data:Other::db", { protect: false })]);
    expect(told).toEqual([
      expect.stringContaining("  -           keybuzz:data:Cluster::db\n  +           keybuzz:data:Other::db"),
    ]);
  });
});

test("what is protected no longer is told", () => {
  const told = mistakes([{ ...(before[0] as Registration), protect: false }, ...before.slice(1)]);
  expect(told[0]).toBe(
    `prod: ${SERVER}::db-01 was protected and no longer is: whoever forgets it deletes it, with what it holds`,
  );
});

test("a stack without a record is told how to make one", () => {
  expect(() => readRecord("new")).toThrow("new has no record of its identities; make one: `npm run graph -- --record`");
});
