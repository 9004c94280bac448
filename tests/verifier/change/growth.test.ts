import type { EmittedEstate } from "../../../diff/model/emitted";
import { judgeChange } from "../../../verifier/change/judgeChange";
import { change, edited, inputs, of, prodEstate } from "./support/prodEstate";

// How the judge's time grows with the workers: processor time, as the machine may be busy with other things.
jest.setTimeout(600_000);

const WORKER = "k3s-worker-04";
const prod = prodEstate();

/** Prod with so many more workers like one that it has; addresses outside of the estate's plan. */
function withWorkers(count: number): EmittedEstate {
  const own = JSON.stringify(prod.resources.filter(({ urn }) => urn.endsWith(`::${WORKER}`) || urn.includes(`::${WORKER}-`) || urn.endsWith(`-${WORKER}`)));
  const names = Array.from({ length: count }, (_, index) => `k3s-worker-${100 + index}`);
  const more = names.flatMap((name, index) =>
    JSON.parse(
      own.replaceAll(WORKER, name).replaceAll("10.0.0.113", `10.0.${2 + Math.floor(index / 200)}.${1 + (index % 200)}`),
    ) as EmittedEstate["resources"],
  );
  const declaration = JSON.parse(
    JSON.stringify(prod.declaration).replaceAll(`"${WORKER}"`, [WORKER, ...names].map((name) => `"${name}"`).join(",")),
  ) as unknown;
  return { ...prod, resources: [...prod.resources, ...more], declaration };
} // prettier-ignore

/** Seconds of processor time to judge that every node gets another release of K3s, and one worker goes. */
function secondsFor(count: number): number {
  const before = withWorkers(count);
  const labels = (one: EmittedEstate["resources"][number]) => ({ ...(one.inputs["labels"] as object), k3s: "v1.99.0-k3s1" });
  const released = edited(before, (one) => (one.type.endsWith(":Server") && one.name.startsWith("k3s-") ? inputs({ labels: labels(one) })(one) : one));
  const restarted = edited(released, (one) => (/-turn-k3s-|^k3s-.*-config$/.test(one.name) ? inputs({ stdin: "[secret] another" })(one) : one));
  const after = { ...restarted, resources: restarted.resources.filter(({ urn }) => !urn.includes("k3s-worker-100")) };
  const planned = change(before, edited(after, of([], (one) => one)));
  const began = process.cpuUsage();
  const { harms } = judgeChange(planned, "prod");
  const { user, system } = process.cpuUsage(began);
  expect(harms.map(({ kind }) => kind)).toContain("version");
  return (user + system) / 1e6;
} // prettier-ignore

test("ten times the workers take about ten times as long, and 500 far less than 20 s", () => {
  secondsFor(5);
  const [few, many] = [secondsFor(50), secondsFor(500)];
  expect(many).toBeLessThan(20);
  expect(many / few).toBeLessThan(30);
});
