import * as pulumi from "@pulumi/pulumi";
import { atLeastOne } from "../../../components/machines/atLeastOne";

class Worker extends pulumi.CustomResource {
  constructor(
    readonly host: string,
    soldOut: boolean,
  ) {
    super("test:index:Worker", host, {});
    // As the SDK leaves a resource that could not be made, where the run goes on (sdk/nodejs/runtime/resource.ts).
    if (soldOut) Object.assign(this, { urn: pulumi.output(Promise.reject<string>(new Error(`${host}: sold out`))) });
  }
}

const HOSTS = ["worker-01", "worker-02", "worker-03"];

beforeAll(() => pulumi.runtime.setMocks({ call: () => ({}), newResource: ({ name }) => ({ id: name, state: {} }) }));

/** Names of those that remain of three, of which these cannot be made. */
const remaining = (...soldOut: readonly string[]): Promise<readonly string[]> =>
  new Promise((resolve) => {
    const workers = HOSTS.map((host) => new Worker(host, soldOut.includes(host)));
    atLeastOne(workers).apply((made) => resolve(made.map(({ host }) => host)));
  });

test("what could be made is waited for, and what could not takes nobody with it", async () => {
  expect(await remaining()).toEqual(HOSTS);
  expect(await remaining("worker-01")).toEqual(["worker-02", "worker-03"]);
  expect(await remaining("worker-01", "worker-03")).toEqual(["worker-02"]);
});

test("where none could, all of them: whoever waits is left out with them", async () => {
  expect(await remaining(...HOSTS)).toEqual(HOSTS);
});
