import type { Resizing } from "../../components/machines/resizing";
import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import { environment as local } from "../../stacks/local";
import { planEstate } from "../../stacks/plan";
import { madeUpId, registrations, type Registration } from "../../tools/registrations";
import { registeredStack } from "../support/registered";

// What a run registers otherwise where Hetzner's servers have another type than they are to have. What then happens, and
// when: tests/scenario/resized.test.ts.
jest.setTimeout(180_000);

const RESIZED = ["db-master-01", "db-slave-01", "db-slave-02", "k3s-master-01", "k3s-worker-01"];
const idOf = (name: string): number => Number(madeUpId("hcloud:index/server:Server", name));
const never = (): never => {
  throw new Error("nobody is asked while resources are registered");
};
const resizing: Resizing = {
  servers: new Map(RESIZED.map((name) => [name, idOf(name)])),
  power: { isOn: never, requireType: never, shutDown: never, start: never },
};
const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);
const named = (all: readonly Registration[], name: string, type: string): Registration => {
  const found = all.find(({ urn }) => urn.endsWith(`${type}::${name}`));
  if (found === undefined) throw new Error(`no ${type} ${name}`);
  return found;
};

describe("servers whose type changes", () => {
  let all: readonly Registration[];
  let before: readonly Registration[];
  beforeAll(async () => {
    before = registeredStack("local");
    all = await registrations(planEstate(local, EXAMPLE_SETTINGS), resizing);
  });
  const server = (name: string): Registration => named(all, name, "hcloud:index/server:Server");
  const serversBefore = (name: string): readonly string[] =>
    server(name)
      .dependencies.filter((urn) => urn.includes("hcloud:index/server:Server::"))
      .map(nameOf);

  test("the members of a cluster wait for each other, the preferred writer last; other clusters do not wait", () => {
    expect(serversBefore("db-slave-02")).toEqual([]);
    expect(serversBefore("db-slave-01")).toEqual(["db-slave-02"]);
    expect(serversBefore("db-master-01")).toEqual(["db-slave-01"]);
    expect(serversBefore("k3s-master-01")).toEqual([]);
  });

  test("a worker waits for the server that empties it, which is switched off as well", () => {
    expect(serversBefore("k3s-worker-01")).toEqual(["k3s-master-01"]);
  });

  test("each has its steps before and after, and whoever runs them is known before", () => {
    for (const name of RESIZED)
      expect(server(name).options["hooks"]).toEqual({
        beforeUpdate: [`${name}-leaves`],
        afterUpdate: [`${name}-is-back`],
      });
    const met = (name: string): readonly string[] =>
      server(name)
        .dependencies.filter((urn) => urn.endsWith("-host-key"))
        .map(nameOf);
    expect(met("db-slave-01")).toEqual(["db-slave-01-host-key"]);
    // A worker is emptied by a server.
    expect(met("k3s-worker-01")).toEqual(["k3s-master-01-host-key", "k3s-worker-01-host-key"]);
    // It is the same machine: nobody meets it anew, and it does not wait for its server's change.
    const hostKey = named(all, "db-slave-01-host-key", "command:remote:Command");
    expect(hostKey.inputs["triggers"]).toEqual([String(idOf("db-slave-01"))]);
    expect(hostKey.dependencies.map(nameOf)).not.toContain("db-slave-01");
  });

  test("nothing else is registered, or otherwise", () => {
    const touched = new Set(RESIZED.flatMap((name) => [name, `${name}-host-key`]));
    const plain = (list: readonly Registration[]): readonly Registration[] =>
      list.filter(({ urn }) => !touched.has(nameOf(urn)));
    expect(all.map(({ urn }) => urn)).toEqual(before.map(({ urn }) => urn));
    expect(plain(all)).toEqual(plain(before));
    for (const { urn, inputs } of all) expect(inputs).toEqual(before.find((one) => one.urn === urn)?.inputs);
  });
});
