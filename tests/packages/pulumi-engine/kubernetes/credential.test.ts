import { join } from "node:path";
import { startLocalKubernetes, type InProcessKubernetes } from "@standin/kubernetes-api";
import type { EngineOptions } from "@standin/pulumi-engine";
import { kubernetesProvider } from "@standin/pulumi-engine/providers/kubernetes";
import { tlsProviderAt } from "@standin/pulumi-engine/providers/tls";
import { byName, errors, Stand } from "../support/stand";

// A program in another process, for each run.
jest.setTimeout(120_000);

const DAY = 24 * 3600 * 1000;
let day = 0;
const now = (): Date => new Date(Date.now() + day * DAY);
const NOTHING = { create: 0, update: 0, replace: 0, delete: 0 };

describe.each([false, true])("a kubeconfig whose certificate the program signs itself: %s", (signs) => {
  const stand = new Stand();
  let kubernetes: InProcessKubernetes;
  beforeAll(async () => {
    day = 0;
    kubernetes = await startLocalKubernetes({ stateFile: ":memory:", now });
  });
  afterAll(async () => {
    await kubernetes.close();
    stand.dispose();
  });

  const run = (command: EngineOptions["command"], text = "first", identifier = "one") =>
    stand.runWith(command, {
      projectDir: join(__dirname, "..", "programs", "credential"),
      providers: { kubernetes: kubernetesProvider, tls: tlsProviderAt(now) },
      config: {
        "credential:kubeconfig": kubernetes.writtenKubeconfig,
        "credential:signs": String(signs),
        "credential:text": text,
        "credential:identifier": identifier,
        "credential:authority": kubernetes.authorities.client.certificate,
        "credential:authorityKey": kubernetes.authorities.client.privateKey,
      },
      secretConfigKeys: ["credential:authorityKey"],
    });

  test("it works, and nothing changes for half a year", async () => {
    expect(errors(await run("up"))).toBe("");
    day = 182;
    const again = await run("up");
    expect(errors(again)).toBe("");
    expect(again.summary).toMatchObject(NOTHING);
    expect(errors(await run("refresh"))).toBe("");
  });

  test("under another name it would be another cluster, and is refused", async () => {
    expect(errors(await run("up", "first", "two"))).toMatch(/clusterIdentifier changes: the Pulumi CLI would replace/);
  });

  if (!signs) {
    test("past its end preview, up, refresh and destroy fail, with the day on which it ended", async () => {
      day = 366;
      for (const command of ["preview", "up", "refresh", "destroy"] as const)
        expect(errors(await run(command, "second"))).toMatch(
          /Unauthorized: the client certificate in the kubeconfig is good until \d{4}-\d\d-\d\d/,
        );
    });
    return;
  }

  test("then the next up renews it: the provider is updated, and no object is touched", async () => {
    day = 184;
    const preview = await run("preview");
    expect(errors(preview)).toBe("");
    expect(byName(preview, "client")).toBeDefined();
    const renewed = await run("up");
    expect(errors(renewed)).toBe("");
    expect(renewed.summary).toMatchObject({ ...NOTHING, replace: 1, update: 1 });
    const changed = renewed.resources.filter(({ op }) => op !== "same").map(({ op, type }) => `${op} ${type}`);
    expect(changed.sort()).toEqual([
      "replace tls:index/locallySignedCert:LocallySignedCert",
      "update pulumi:providers:kubernetes",
    ]);
    expect((await run("up")).summary).toMatchObject(NOTHING);
  });

  test("past its end refresh and destroy fail; preview and up renew it first, also with other changes", async () => {
    day = 600;
    for (const command of ["refresh", "destroy"] as const)
      expect(errors(await run(command))).toMatch(
        /Unauthorized: the client certificate in the kubeconfig is good until/,
      );
    expect(errors(await run("preview", "second"))).toBe("");
    const late = await run("up", "second");
    expect(errors(late)).toBe("");
    expect((await run("up", "second")).summary).toMatchObject(NOTHING);
    expect(errors(await run("refresh"))).toBe("");
    expect(errors(await run("destroy"))).toBe("");
  });
});
