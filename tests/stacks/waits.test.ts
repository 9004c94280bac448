// Steps of a run take turns: `--parallel 1` runs one at a time. A step that waits for what a later one does never ends.
import { packScript, unpackScript } from "../../components/machines/packScript";
import { knownStacks } from "../../stacks/loadEnvironment";
import type { Registration } from "../../tools/registrations";
import { registeredStack } from "../support/registered";
import { predecessors, waits, type Wait } from "./support/waits";

// A machine shared with other work is slow at times.
jest.setTimeout(180_000);

test.each(knownStacks())("%s: whoever waits for a machine comes after its configuration", (stack) => {
  const found = waits(registeredStack(stack));
  expect(found.filter(({ unordered }) => unordered.length > 0)).toEqual([]);
  // No host's configuration waits for another's.
  expect(found.map(({ command }) => command).filter((name) => name.endsWith("-config"))).toEqual([]);
});

describe("prod", () => {
  let all: readonly Registration[];
  beforeAll(() => void (all = registeredStack("prod")));

  test("waits so", () => {
    expect(waits(all).map(({ command, waitsFor }) => `${command}: ${waitsFor.join(" ")}`)).toMatchSnapshot();
  });

  const edited = (name: string, edit: (one: Registration) => Registration): readonly Wait[] =>
    waits(all.map((one) => (one.urn.endsWith(`::${name}`) ? edit(one) : one))).filter(
      ({ unordered }) => unordered.length > 0,
    );
  const withScript = (one: Registration, edit: (script: string) => string): Registration => {
    const packed = String(one.inputs["stdin"]).replace(/^\[secret\] /, "");
    return { ...one, inputs: { ...one.inputs, stdin: `[secret] ${packScript(edit(unpackScript(packed)))}` } };
  };

  test("a start that is waited for, as it was once, is found", () => {
    const waiting = edited("maria-02-config", (one) =>
      withScript(one, (script) =>
        script.replace("'mariadb.service' 'enabled' 'running' 'begun'", "'mariadb.service' 'enabled' 'running'"),
      ),
    );
    expect(waiting).toEqual([
      { command: "maria-02-config", waitsFor: ["maria-01", "maria-03"], unordered: ["maria-01", "maria-03"] },
    ]);
  });

  test("a check that needs the others is found in a configuration", () => {
    const check = "k3s kubectl get nodes";
    const [{ command, unordered } = { command: "", unordered: [] }] = edited("k3s-master-01-config", (one) =>
      withScript(one, (script) =>
        script.replace(
          "\nkb_end\n",
          `\nkb_keep 'check' <<'KB_DATA'\n${check}\nKB_DATA\nkb_check 'nodes' '1' '1' 'x'\nkb_end\n`,
        ),
      ),
    );
    expect([command, unordered]).toEqual([
      "k3s-master-01-config",
      ["haproxy-01", "haproxy-02", "k3s-master-02", "k3s-master-03"],
    ]);
  });

  test("a command that does not depend on whom it waits for is found", () => {
    const alone = (one: Registration): Registration => ({ ...one, dependencies: [], propertyDependencies: {} });
    expect(edited("queue-03-joined", alone)).toContainEqual({
      command: "queue-03-joined",
      waitsFor: ["queue-01", "queue-02"],
      unordered: ["queue-01", "queue-02"],
    });
    expect(edited("kubernetes-calico-operator", alone).map(({ command }) => command)).toContain(
      "kubernetes-calico-operator",
    );
    expect(edited("k3s-worker-04-joined", alone)[0]?.unordered).toEqual([
      "bastion-01",
      "haproxy-01",
      "haproxy-02",
      "k3s-master-01",
      "k3s-master-02",
      "k3s-master-03",
    ]);
  });

  test("every object in the cluster comes after its servers, the pod network and the agents", () => {
    const objects = all.filter(({ urn }) => /\$kubernetes:(?!crd|operator)/.test(urn));
    expect(objects.length).toBeGreaterThan(100);
    const needed = all.filter(({ urn }) => /::k3s-(master|worker)-\d\d-joined$|-calico-installation$/.test(urn));
    expect(needed).toHaveLength(9);
    const before = predecessors(all);
    const early = objects.filter(({ urn }) => needed.some((one) => !before(urn).has(one.urn)));
    expect(early.map(({ urn }) => urn)).toEqual([]);
  });

  test("nodes restart one after the other: servers, then workers, each emptied before and taken back after", () => {
    const before = predecessors(all);
    const urn = (name: string): string => all.find((one) => one.urn.endsWith(`::${name}`))?.urn ?? `no ${name}`;
    const nodes = ["master-01", "master-02", "master-03", ...[1, 2, 3, 4, 5].map((n) => `worker-0${n}`)];
    const turn = (node: string): string => urn(`kubernetes-turn-k3s-${node}`);
    nodes.forEach((node, i) => {
      const earlier = nodes.slice(0, i).map(turn);
      expect([node, earlier.filter((one) => !before(turn(node)).has(one))]).toEqual([node, []]);
    });
    // Those alone in their duty have nobody who could take their pods.
    for (const node of ["worker-01", "worker-02", "worker-04"]) {
      expect(before(turn(node))).toContain(urn(`kubernetes-drain-k3s-${node}`));
      expect(before(urn(`kubernetes-resume-k3s-${node}`))).toContain(turn(node));
    }
    expect(before(turn("worker-02"))).toContain(urn("kubernetes-resume-k3s-worker-01"));
    // What a drain moves must be able to start elsewhere: no workload comes after it.
    const drain = urn("kubernetes-drain-k3s-worker-01");
    const workloads = all.filter((one) => /\$kubernetes:(apps|batch)\//.test(one.urn));
    expect(workloads.length).toBeGreaterThan(20);
    expect(workloads.filter((one) => !before(drain).has(one.urn)).map((one) => one.urn)).toEqual([]);
  });

  test("a first run waits for no turn: workers join beside each other", () => {
    const before = predecessors(all);
    const turns = all.filter((one) => /::kubernetes-(turn|drain|resume)-k3s-worker-\d\d$/.test(one.urn));
    expect(turns).toHaveLength(11);
    const others = all.filter((one) => !turns.includes(one));
    expect(others.filter((one) => turns.some((turn) => before(one.urn).has(turn.urn))).map((one) => one.urn)).toEqual(
      [],
    );
    const joined = all.filter((one) => /::k3s-worker-\d\d-joined$/.test(one.urn));
    for (const one of joined) for (const other of joined) expect(before(one.urn).has(other.urn)).toBe(false);
  });

  test("a daemon of which nothing is known is asked about", () => {
    const unknown = (): unknown =>
      edited("vector-01-config", (one) =>
        withScript(one, (script) => script.replace("'qdrant.service' 'enabled'", "'consul.service' 'enabled'")),
      );
    expect(unknown).toThrow(/^consul\.service: does its start wait for other machines\? Say so in .*waits\.ts$/);
  });
});
