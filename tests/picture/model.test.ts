import { environment as prod } from "../../stacks/prod";
import { prodPicture as picture } from "./support/prodPicture";

const itemsOf = (box: string): readonly string[] =>
  picture.boxes
    .filter(({ id }) => id === box)
    .flatMap(({ sections }) => sections.flatMap(({ items }) => items.map(({ name }) => name)));
const bundle = (id: string) => picture.bundles.find((one) => one.id === `bundle ${id}`);

test("every machine of the estate stands in one box, with its type", () => {
  const shown = picture.boxes
    .flatMap(({ sections }) => sections.flatMap(({ items }) => items))
    .filter(({ id }) => id.startsWith("machine "))
    .map(({ name, note }) => `${name} ${note}`);
  expect(shown.sort()).toEqual(prod.hosts.map(({ name, serverType }) => `${name} ${serverType}`).sort());
});

test("boxes stand where requests find them", () => {
  const lanes = Object.fromEntries(picture.boxes.map(({ id, lane }) => [id, lane]));
  expect(lanes).toMatchObject({
    "outside internet": "outside",
    "balancer lb-keybuzz-1": "entry",
    "machines kubernetes": "nodes",
    "namespace n8n": "workloads",
    "balancer lb-data": "balancers",
    "machines haproxy": "proxies",
    "machines postgres": "data",
    "outside services": "data",
    "machines bastion": "operations",
    "namespace monitoring": "operations",
    "namespace kube-system": "operations",
  });
  expect(itemsOf("machines kubernetes")).toHaveLength(8);
  expect(itemsOf("namespace vault")).toEqual(["vault", "vault-agent-injector"]);
});

test("each declared flow is in a bundle of its kind", () => {
  const bundled = new Set(picture.bundles.flatMap(({ flows }) => flows));
  expect(picture.flows.filter(({ id }) => !bundled.has(id))).toEqual([]);
  expect(new Set(picture.flows.map(({ id }) => id)).size).toBe(picture.flows.length);
  expect(bundle("web outside internet > balancer lb-keybuzz-1")?.sources).toBe(Infinity);
  // Two jobs, one main, two for webhooks, one for MCP, two workers: all but the job that makes the first account.
  expect(bundle("data namespace n8n > balancer lb-data")?.sources).toBe(7);
  expect(bundle("web machines kubernetes > namespace n8n")?.flows).toHaveLength(3);
  expect(bundle("data machines haproxy > machines postgres")?.sources).toBe(2);
  expect(bundle("within machines redis > machines redis")?.flows).toHaveLength(2);
  expect(bundle("care machines bastion > machines postgres")?.flows).toHaveLength(1);
  expect(bundle("care namespace n8n > namespace kube-system")?.flows).toHaveLength(2);
});

test("a flow has its path with every filter and limit, a route its hops", () => {
  const flow = picture.flows.find(({ label }) => label.startsWith("n8n/n8n-main -> lb-data:5432"));
  expect(flow?.path).toMatchObject({ all: 16, blocked: 0 });
  expect(flow?.path.trails.flatMap(({ steps }) => steps.map(({ at }) => at))).toContain("UFW of haproxy-01");
  expect(flow?.path.limits.map(({ seconds }) => seconds)).toContain(3600);
  const route = picture.routes.find(({ id }) => id === "route support.keybuzz.io/cable");
  expect(route?.paths?.[0]?.hops.map(({ idle }) => idle)).toEqual([300, 300, 30, 30]);
});

test("what goes with a machine, why that is accepted, and what it costs", () => {
  expect(picture.losses["machine redis-01"]).toEqual({ ends: [], reasons: [] });
  expect(picture.losses["machine minio-01"]?.ends).toHaveLength(7);
  expect(picture.losses["machine minio-01"]?.reasons[0]).toMatch(/^One node on purpose/);
  expect(picture.losses["balancer lb-data"]?.ends.length).toBeGreaterThan(20);
  expect(picture.prices["machine bastion-01"]).toEqual({
    text: "19.99 EUR a month",
    of: ["server cpx22", "public ipv4"],
  });
  expect(Object.keys(picture.prices)).toHaveLength(prod.hosts.length + 4);
});
