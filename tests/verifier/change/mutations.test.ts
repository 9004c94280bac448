import type { EmittedEstate } from "../../../diff/model/emitted";
import { judgeChange } from "../../../verifier/change/judgeChange";
import { change, dropIn, edited, inputs, of, prodEstate, urnOf, type Edit } from "./support/prodEstate";

// A change that moves safely: every member of every cluster restarts in its turn, and two clusters get larger machines,
// one after the other. Then its order is broken, one piece at a time: is each noticed?
jest.setTimeout(600_000);

const prod = prodEstate();
const CLUSTERS: Readonly<Record<string, readonly [unit: string, ...hosts: string[]]>> = {
  postgres: ["patroni.service", "db-master-01", "db-slave-01", "db-slave-02"],
  redis: ["redis-server.service", "redis-01", "redis-02", "redis-03"],
  rabbitmq: ["rabbitmq-server.service", "queue-01", "queue-02", "queue-03"],
  mariadb: ["mariadb.service", "maria-01", "maria-02", "maria-03"],
};
const RESIZED = [
  ["maria-03", "maria-02", "maria-01"],
  ["queue-03", "queue-02", "queue-01"],
];

const restarts = Object.values(CLUSTERS).flatMap(([unit, ...hosts]) => hosts.map((host) => dropIn(host, unit)));
const resizes: readonly Edit[] = RESIZED.flatMap((hosts) => [
  of(hosts, inputs({ serverType: "ccx33" })),
  of(hosts, (one) => ({ ...one, hooks: [`${one.name}-leaves`, `${one.name}-is-back`] })),
  (one) => {
    const before = hosts[hosts.indexOf(one.name) - 1];
    if (before === undefined || !one.type.endsWith(":Server")) return one;
    return { ...one, dependencies: [...(one.dependencies ?? []), urnOf(prod, before)] };
  },
]);
const safe = (kind: "restarts" | "resizes"): EmittedEstate =>
  edited(prod, ...(kind === "restarts" ? restarts : resizes));

interface Mutation {
  readonly name: string;
  readonly on: "restarts" | "resizes";
  readonly edit: Edit;
}

const isTurn = (name: string): boolean => /-turn-/.test(name) && !name.startsWith("kubernetes-");
/** A turn no longer waits for a turn, one at a time; the last pass of each member is the one in which it restarts. */
const droppedTurns = safe("restarts").resources.filter(({ name }) => isTurn(name)).flatMap(({ name, dependencies = [] }) =>
  dependencies.filter((urn) => isTurn(urn.split("::").at(-1) ?? "")).map((urn): Mutation => ({
    name: `${name} does not wait for ${urn.split("::").at(-1) ?? ""}`,
    on: "restarts",
    edit: of([name], (one) => ({ ...one, dependencies: (one.dependencies ?? []).filter((other) => other !== urn) })),
  })),
); // prettier-ignore
/** A gate is gone: the unit restarts at once. */
const droppedGates = Object.values(CLUSTERS).flatMap(([unit, ...hosts]) =>
  hosts.map((host): Mutation => ({
    name: `${unit} of ${host} restarts at once`,
    on: "restarts",
    edit: (one) => {
      if (one.type !== "keybuzz:machines:Host" || one.name !== host) return one;
      const units = one.inputs["units"] as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
      const { inTurn: _turn, ...rest } = units[unit] ?? {};
      return inputs({ units: { ...units, [unit]: rest } })(one);
    },
  })),
);
const droppedHooks = RESIZED.flat().map((host): Mutation => ({
  name: `nobody lets ${host} go and waits for it`,
  on: "resizes",
  edit: of([host], ({ hooks: _hooks, ...one }) => one),
}));
const droppedOrder = RESIZED.flatMap((hosts) => hosts.slice(1)).map((host): Mutation => ({
  name: `${host} waits for no other server`,
  on: "resizes",
  edit: of([host], (one) =>
    one.type.endsWith(":Server")
      ? { ...one, dependencies: (one.dependencies ?? []).filter((urn) => !urn.includes(":Server::")) }
      : one,
  ),
}));
const MUTATIONS = [...droppedTurns, ...droppedGates, ...droppedHooks, ...droppedOrder];

test("the program as it is moves safely", () => {
  for (const kind of ["restarts", "resizes"] as const)
    expect(judgeChange(change(prod, safe(kind)), "prod").harms).toEqual([]);
});

test("whatever breaks its order is found", () => {
  expect(MUTATIONS.length).toBeGreaterThan(30);
  const bases = { restarts: safe("restarts"), resizes: safe("resizes") };
  const missed = MUTATIONS.filter(({ on, edit }) => judgeChange(change(prod, edited(bases[on], edit)), "prod").ok);
  expect(missed.map(({ name }) => name)).toEqual([]);
});
