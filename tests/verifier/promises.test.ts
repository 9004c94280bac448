// What a listener promises is held against what HAProxy and the balancers do: whom it leads to, how soon it leaves one.
import { withFile, withInput, type Edit } from "../../verifier/mutations/graphEdits";
import type { EmittedGraph } from "../../verifier/read/graph";
import { findingsAfter } from "../incidents/support";
import { environment as local } from "../../stacks/local";
import { emitted, prodGraph } from "../support/emitted";

const HAPROXY = "/etc/haproxy/haproxy.cfg";
let prod: EmittedGraph;
beforeAll(() => {
  prod = prodGraph();
});

const inHaproxy = (rewrite: (config: string) => string): Edit => withFile("haproxy-01", HAPROXY, rewrite);
const inSection = (name: string, from: RegExp | string, to: string): Edit =>
  inHaproxy((config) =>
    config.replace(new RegExp(`^backend ${name}\n(?: .*\n)*`, "m"), (section) => section.replace(from, to)),
  );

describe("sound: listeners lead to whom they promise, and leave a silent member in time", () => {
  test.each<readonly [string, Edit, string]>([
    ["writes may meet a replica", inSection("postgres-leader", "uri /primary", "uri /replica"), "it asks /replica"],
    ["writes meet any member", inSection("postgres-leader", "uri /primary", "uri /health"), "it asks /health"],
    ["reads go to the leader", inSection("postgres-replicas", /uri \S+/, "uri /primary"), "it asks /primary"],
    [
      "the leader is taken for what accepts",
      inSection("postgres-leader", /^ *(option httpchk|http-check .*)\n/gm, ""),
      "it asks tcp",
    ],
    ["a dead leader stays", inSection("postgres-leader", /fall \d+/, "fall 100"), "s at most"],
    ["a dead replica stays", inSection("postgres-replicas", /inter \S+/, "inter 1m"), "s at most"],
    ["RabbitMQ is not checked", inSection("rabbitmq-amqp", / check$/gm, ""), "never: nothing is checked"],
    ["a dead API server stays", inSection("kubernetes-api", /fall \d+/, "fall 20"), "s at most"],
    [
      "Sentinels that are silent are believed",
      inSection("redis-primary.redis-01.named", "fall 1", "fall 50"),
      "s at most",
    ],
  ])("%s", (_, edit, value) => {
    expect(findingsAfter(prod, edit)).toContainEqual(
      expect.objectContaining({ question: "sound", value: expect.stringContaining(value) as string }),
    );
  });

  test("a balancer that notices late", () => {
    const service = prod.resources.find(
      ({ type, inputs }) =>
        type === "hcloud:index/loadBalancerService:LoadBalancerService" && inputs["listenPort"] === 5432,
    );
    expect(findingsAfter(prod, withInput(service?.name ?? "", ["healthCheck", "retries"], 5))).toContainEqual(
      expect.objectContaining({
        subject: "postgres/leader: any member, a silent one left within 12 s",
        value: "after 20 s at most",
      }),
    );
  });

  test("two writers of Galera at once, where HAProxy stands in ProxySQL's place", () => {
    expect(
      findingsAfter(
        emitted(local),
        withFile(undefined, HAPROXY, (text) => text.replace("check backup", "check")),
      ),
    ).toContainEqual(
      expect.objectContaining({
        subject: "mariadb/entry: one writer",
        value: "maria-01, maria-02 take writes at the same time",
      }),
    );
  });
});
