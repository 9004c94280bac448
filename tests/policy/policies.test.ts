// The policy pack without a CLI: its policies are called as the SDK calls them.
import type { Policy, PolicyResource, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DECLARING_TYPE } from "../../verifier/declaration";
import type { EmittedGraph, EmittedResource } from "../../verifier/read/graph";
import { verify } from "../../verifier/verify";
import { policies } from "../../policy/policies";
import { withFile, without, type Edit } from "../../verifier/mutations/graphEdits";
import { prodGraph, prodThroughGateway } from "../support/emitted";

const JOB = "kubernetes:batch/v1:Job";
const ROUTE = /:(Ingress|HTTPRoute)$/;

interface Violation {
  readonly policy: string;
  readonly message: string;
}

/** As the SDK shows values: reading one that is not known yet throws. */
function asShown<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get: (object, key): unknown => {
      const inner: unknown = Reflect.get(object, key);
      if (inner === "[unknown]") throw new Error(`${String(key)} is not known yet`);
      return asShown(inner);
    },
  });
}

/** Of the components, one has outputs: it declares. */
function outputsOf({ type, inputs, id }: EmittedResource): Readonly<Record<string, unknown>> {
  if (type === DECLARING_TYPE) return inputs;
  return type.startsWith("keybuzz:") ? {} : { ...inputs, id };
}

const violation = ({ name, enforcementLevel }: Policy, message: string): Violation & { readonly refuses: boolean } => ({
  policy: name,
  refuses: enforcementLevel === "mandatory",
  message,
});

/** What the SDK does in a run: every resource's inputs one by one, and at the end the stack. */
function asked(
  graph: EmittedGraph,
  pack: ReturnType<typeof policies> = policies(undefined),
): readonly (Violation & { readonly refuses: boolean })[] {
  const violations: (Violation & { readonly refuses: boolean })[] = [];
  const urn = ({ type, name }: EmittedResource): string => `urn:pulumi:prod::keybuzz::${type}::${name}`;
  const byResource = pack.filter((one): one is ResourceValidationPolicy => "validateResource" in one);
  const byStack = pack.filter((one): one is StackValidationPolicy => "validateStack" in one);
  for (const resource of graph.resources) {
    const { type, name, inputs } = resource;
    for (const policy of byResource) {
      const validations = [policy.validateResource ?? []].flat();
      const props = asShown(type === DECLARING_TYPE ? {} : inputs);
      const args = { type, name, urn: urn(resource), props } as unknown as Parameters<(typeof validations)[number]>[0];
      for (const validate of validations) void validate(args, (message) => violations.push(violation(policy, message)));
    }
  }
  // The graph of the mocks has no order; tests/stacks/awaits.test.ts proves that routes wait for first accounts.
  const jobs = graph.resources.filter(({ type }) => type === JOB).map((job) => ({ urn: urn(job) }));
  const waitsFor = ({ type }: EmittedResource): typeof jobs => (ROUTE.test(type) ? jobs : []);
  const resources = graph.resources.map(
    (resource) =>
      ({
        type: resource.type,
        name: resource.name,
        urn: urn(resource),
        props: outputsOf(resource),
        dependencies: waitsFor(resource),
        propertyDependencies: {},
      }) as unknown as PolicyResource,
  );
  for (const policy of byStack) {
    const args = { resources } as unknown as Parameters<StackValidationPolicy["validateStack"]>[0];
    void policy.validateStack(args, (message) => violations.push(violation(policy, message)));
  }
  return violations;
}

type Asked = Parameters<typeof asked>;
/** What makes a run fail. */
const run = (...args: Asked): readonly Violation[] =>
  asked(...args).flatMap(({ policy, message, refuses }) => (refuses ? [{ policy, message }] : []));
/** What is only said. */
const advice = (...args: Asked): readonly string[] =>
  asked(...args).flatMap(({ message, refuses }) => (refuses ? [] : [message]));

const withoutForwarding: Edit = withFile("k3s-worker-01", "/etc/ufw/user.rules", (rules) =>
  rules
    .split("\n")
    .filter((line) => !line.startsWith("-A ufw-user-forward"))
    .join("\n"),
);

test("prod: no violation", () => {
  expect(run(prodGraph())).toEqual([]);
});

test("what is accepted stands there each time, with its reason, and refuses nothing; so does what is assumed", () => {
  const { accepted, notes } = verify(prodGraph());
  const words = advice(prodGraph());
  expect(accepted.length).toBeGreaterThan(5);
  for (const { finding, reasons } of accepted) {
    const message = words.find((one) => one.includes(`\n      ${finding.subject}: `));
    for (const reason of reasons) expect(message).toContain(reason);
  }
  for (const note of notes) expect(words).toContain(`Note: ${note}`);
  const { assumptions } = verify(prodThroughGateway());
  expect(assumptions.length).toBeGreaterThan(0);
  const gateway = advice(prodThroughGateway());
  for (const one of assumptions) expect(gateway).toContain(`Assumed, and not proved: ${one}`);
});

test("a node that passes nothing on: the verifier's findings, in its words, under the policy of its question", () => {
  const broken = withoutForwarding(prodGraph());
  const { findings } = verify(broken);
  const violations = run(broken);
  expect(violations).toHaveLength(findings.length);
  expect(new Set(violations.map(({ policy }) => policy))).toEqual(new Set(["declared-flows-open"]));
  for (const { subject, at, rule, value, remedy } of findings) {
    const message = `${subject}\n      at:     ${at}: ${rule}\n      found:  ${value}\n      remedy: ${remedy}`;
    expect(violations.map((violation) => violation.message)).toContain(message);
  }
});

test("a stack of HTTPRoutes: no violation as it is, and the same words for a route that is gone", () => {
  const graph = prodThroughGateway();
  expect(run(graph)).toEqual([]);
  const broken = without(({ name }) => name === "chatwoot-web-support-keybuzz-io-cable")(graph);
  const [finding] = verify(broken).findings;
  expect(run(broken)).toEqual([
    {
      policy: "declared-flows-open",
      message: expect.stringContaining(`${finding?.at}: missing: an HTTPRoute attached to it for`) as string,
    },
  ]);
});

test("one process judges an update after its preview: by the newer inputs", () => {
  const pack = policies(undefined);
  expect(run(withoutForwarding(prodGraph()), pack).length).toBeGreaterThan(0);
  expect(run(prodGraph(), pack)).toEqual([]);
});

test("the whole verdict in a file, where one is asked for", () => {
  const dir = mkdtempSync(join(tmpdir(), "keybuzz-policy-"));
  try {
    const file = join(dir, "verdict.json");
    run(prodGraph(), policies(file));
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(JSON.stringify(verify(prodGraph()))));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
