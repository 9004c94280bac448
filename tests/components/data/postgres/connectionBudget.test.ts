import {
  connectionMistakes,
  type ConnectionDemand,
  type ConnectionSupply,
} from "../../../../components/data/postgres/connectionBudget";
import { environment as local } from "../../../../stacks/local";
import { environment as prod } from "../../../../stacks/prod";
import { environment as staging } from "../../../../stacks/staging";
import type { Environment } from "../../../../stacks/environment";
import { planEstate } from "../../../../stacks/plan";
import { EXAMPLE_SETTINGS } from "../../../../stacks/emittedGraph";
import { toldOf } from "../../../support/mistakesOf";
import { CHATWOOT, dataTier, fileOf, first, WORKER } from "../support/dataTier";

const SUPPLY: ConnectionSupply = {
  maxConnections: 100,
  reserved: 20,
  members: 3,
  poolPerHost: 15,
  poolHosts: 2,
  poolMode: "transaction",
  poolClients: 2000,
};
const demand = (pods: number, via: ConnectionDemand["via"] = "leader"): ConnectionDemand => ({
  consumer: "shop/shop-web",
  database: "shop",
  via,
  perPod: 10,
  pods,
});
const found = (demands: readonly ConnectionDemand[], supply: Partial<ConnectionSupply> = {}) =>
  connectionMistakes({ ...SUPPLY, ...supply }, demands).map(
    (one) => `${one.path}: ${one.found}; allowed: ${one.allowed}`,
  );

describe("PostgreSQL's connections at the most replicas", () => {
  test("are enough, to the last one", () => {
    expect(found([demand(8)])).toEqual([]);
    expect(found([demand(5), demand(40, "pooled")])).toEqual([]);
    expect(found([demand(8), demand(8, "replicas")])).toEqual([]);
  });

  test("are not, by one pod, and it says who asks for them", () => {
    expect(found([demand(9)])).toEqual([
      "postgres.connections: 90 at the most replicas (shop/shop-web 9 pods x 10 = 90); allowed: 80: max_connections 100 minus 20 kept for replication, monitoring and people",
    ]);
    expect(found([demand(6), demand(1, "pooled")])[0]).toContain(
      "90 at the most replicas (shop/shop-web 6 pods x 10 = 60, PgBouncer 30)",
    );
  });

  test("of replicas count with one of them down, and a single member has all", () => {
    expect(found([demand(9, "replicas")])[0]).toMatch(/^postgres\.connections\.replicas: 90/);
    expect(found([demand(16, "replicas")], { members: 5 })).toEqual([]);
    expect(found([demand(5), demand(4, "replicas")], { members: 1 })[0]).toMatch(/^postgres\.connections: 90/);
  });

  test("of a pool in session mode are one for each client", () => {
    expect(found([demand(2, "pooled")], { poolMode: "session" })[0]).toMatch(
      /pooled: 20 .*allowed: 15: a server connection/,
    );
    expect(found([demand(201, "pooled")])[0]).toMatch(/pooled: 2010 .*allowed: 2000: clients/);
  });
});

test("PgBouncer opens no more than its share, whatever accounts an application has", () => {
  const { postgres, haproxy } = dataTier({ postgres: { memoryGb: 16 } });
  postgres.database(CHATWOOT, { name: "chatwoot", via: "pooled", purpose: "data" });
  postgres.database(WORKER, { name: "chatwoot", via: "leader", connections: 280, purpose: "data" });
  // 400 for 16 GiB; a quarter of what 20 leave, on two hosts.
  expect(fileOf(postgres.fragment(first(haproxy.hosts)), "/etc/pgbouncer/pgbouncer.ini")).toContain(
    "\nmax_db_connections = 47\n",
  );
  expect(postgres.connectionMistakes(() => 1)).toEqual([]);
  expect(postgres.connectionMistakes((one) => (one === WORKER ? 2 : 1))).toHaveLength(1);
});

test("an estate whose pods may want more is refused, and the stacks are not", () => {
  const apps = (prod.workloads.apps ?? []).map((app) =>
    app.name === "keybuzz-api" ? { ...app, needs: { ...app.needs, postgres: { connections: 20 } } } : app,
  );
  const crowded: Environment = { ...prod, workloads: { ...prod.workloads, apps } };
  for (const stack of [prod, staging, local]) expect(toldOf(() => planEstate(stack, EXAMPLE_SETTINGS))).toEqual([]);
  expect(toldOf(() => planEstate(crowded, EXAMPLE_SETTINGS))).toEqual([
    expect.stringMatching(/^postgres\.connections: .*keybuzz\/keybuzz-api 38 pods x 20 = 760.*allowed/),
  ]);
});
