import { GraphIndex, type EmittedResource } from "../../verifier/read/graph";

const LB = "hcloud:index/loadBalancer:LoadBalancer";
const SERVICE = "hcloud:index/loadBalancerService:LoadBalancerService";
const balancer = (name: string, id?: string): EmittedResource => ({
  type: LB,
  name,
  inputs: {},
  urn: `urn:${name}`,
  ...(id === undefined ? {} : { id }),
});
const service = (more: Partial<EmittedResource>): EmittedResource => ({
  type: SERVICE,
  name: "s",
  inputs: {},
  ...more,
});
const referred = (one: EmittedResource, ...others: readonly EmittedResource[]): string | undefined =>
  new GraphIndex({ resources: [one, ...others] }).refer(one, "loadBalancerId", LB)?.name;

test("by a known id, as text or number", () => {
  expect(referred(service({ inputs: { loadBalancerId: 7 } }), balancer("a", "6"), balancer("b", "7"))).toBe("b");
  expect(referred(service({ inputs: { loadBalancerId: "6" } }), balancer("a", "6"), balancer("b", "7"))).toBe("a");
});

test("while the id is unknown: by what the value depends on", () => {
  const one = service({
    inputs: { loadBalancerId: "[unknown]" },
    dependencies: ["urn:a", "urn:b"],
    propertyDependencies: { loadBalancerId: ["urn:b"] },
  });
  expect(referred(one, balancer("a"), balancer("b"))).toBe("b");
});

test("by what the whole resource depends on, if that leaves one of the type", () => {
  const inputs = { loadBalancerId: "[unknown]" };
  expect(referred(service({ inputs, dependencies: ["urn:a", "urn:other"] }), balancer("a"), balancer("b"))).toBe("a");
  expect(referred(service({ inputs, dependencies: ["urn:a", "urn:b"] }), balancer("a"), balancer("b"))).toBeUndefined();
  expect(referred(service({ inputs }), balancer("a"))).toBeUndefined();
});

test("an empty id refers to nobody, not to whoever has none either", () => {
  expect(referred(service({ inputs: { loadBalancerId: "" } }), balancer("a", ""))).toBeUndefined();
});

test("a list of references is told whole, or not at all", () => {
  const one = service({ inputs: { ids: ["1", "[unknown]"] }, propertyDependencies: { ids: ["urn:a"] } });
  const index = new GraphIndex({ resources: [one, balancer("a", "1")] });
  expect(index.referAll(one, "ids", LB)).toBeUndefined();
  expect(index.referAll(service({ inputs: { ids: ["1"] } }), "ids", LB)?.map(({ name }) => name)).toEqual(["a"]);
});
