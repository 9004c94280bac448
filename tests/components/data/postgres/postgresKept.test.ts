import { mkdirSync, writeFileSync } from "node:fs";
import type { PatroniDcs } from "../../../../components/data/postgres/patroniConfig";
import { keptScript } from "../../../../components/data/postgres/postgresKept";
import { reassign } from "../../../support/shellHeader";
import { StubbedHost } from "../../../support/stubbedHost";

// The guard itself, run by bash on files.
let host: StubbedHost;
beforeEach(() => void (host = new StubbedHost()));
afterEach(() => host.dispose());

function data(version: number): void {
  mkdirSync(host.path(`data/${version}/keybuzz`), { recursive: true });
  writeFileSync(host.path(`data/${version}/keybuzz/PG_VERSION`), `${version}\n`);
}
const agreesBy = (section: string): void =>
  writeFileSync(host.path("config.yml"), `scope: keybuzz\n${section}:\n  a: 1\n`);

function guard(version: 15 | 16 | 17, dcs: PatroniDcs) {
  const script = keptScript({ host: { name: "db-01", address: "10.0.0.1" }, version, dcs });
  const { status, error } = host.run(reassign(script, { DATA: host.path("data"), CONFIG: host.path("config.yml") }));
  return { status, error };
}

test("a new machine, and one that stays as it is, are let through", () => {
  expect(guard(16, "etcd")).toEqual({ status: 0, error: "" });
  data(16);
  agreesBy("etcd3");
  expect(guard(16, "etcd")).toEqual({ status: 0, error: "" });
  agreesBy("etcd");
  expect(guard(16, "etcd")).toEqual({ status: 0, error: "" });
  agreesBy("raft");
  expect(guard(16, "raft")).toEqual({ status: 0, error: "" });
});

test.each([15, 17] as const)("data of another version than %i stop the run", (version) => {
  data(16);
  const { status, error } = guard(version, "etcd");
  expect(status).toBe(1);
  expect(error).toContain(`db-01 holds data of PostgreSQL 16 (`);
  expect(error).toContain(`and is to have ${version}: leave postgres.version`);
});

test("data that were brought to the new version beside the old are let through", () => {
  data(16);
  data(17);
  expect(guard(17, "etcd").status).toBe(0);
});

test.each([
  ["raft", "etcd"],
  ["etcd3", "raft"],
] as const)("a cluster that agrees by %s does not go to %s", (present, wanted) => {
  agreesBy(present);
  const { status, error } = guard(16, wanted);
  expect(status).toBe(1);
  expect(error).toMatch(
    new RegExp(`^db-01 agrees with its cluster by .* is to do so by ${wanted}.*leave postgres.dcs`),
  );
});
