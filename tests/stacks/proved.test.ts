import * as pulumi from "@pulumi/pulumi";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileSpec } from "../../components/machines/hostConfig";
import { UFW_FILES } from "../../components/machines/ufwFiles";
import { EXAMPLE_SETTINGS, registered } from "../../stacks/emittedGraph";
import { loadEnvironment } from "../../stacks/loadEnvironment";
import { planEstate, type EstatePlan } from "../../stacks/plan";
import { NotProvedError, proved } from "../../stacks/proved";
import type { Verdict } from "../../verifier/finding";

const plan = (): EstatePlan => planEstate(loadEnvironment("staging"), EXAMPLE_SETTINGS);

/** The first incident: nodes that drop what pods send. */
function withoutRoutes(whole: EstatePlan): EstatePlan {
  const closed = (file: FileSpec): FileSpec =>
    file.path === UFW_FILES.rules4
      ? { ...file, content: file.content.replaceAll(/^-A ufw-user-forward .*ACCEPT$\n/gm, "") }
      : file;
  return {
    ...whole,
    hosts: whole.hosts.map((host) => ({ ...host, config: { ...host.config, files: host.config.files.map(closed) } })),
  };
}

describe("a plan is proved before it is registered", () => {
  test("what the stack says is proved, and the caller's own run notices nothing", async () => {
    await pulumi.runtime.setMocks(
      { call: () => ({}), newResource: ({ name }) => ({ id: name, state: {} }) },
      "caller",
      "own",
    );
    await expect(proved(plan())).resolves.toBeUndefined();
    expect([pulumi.getProject(), pulumi.getStack()]).toEqual(["caller", "own"]);
  });

  test("two resources of one name are refused, as Pulumi would", async () => {
    const whole = plan();
    await expect(registered({ ...whole, apps: [...whole.apps, ...whole.apps.slice(0, 1)] })).rejects.toThrow(
      /duplicate resource: two resources are called/,
    );
  });

  test("two plans may be registered at once", async () => {
    const [one, two] = await Promise.all([registered(plan()), registered(plan())]);
    expect(one.resources.length).toBeGreaterThan(200);
    expect(two.resources.map(({ name }) => name).sort()).toEqual(one.resources.map(({ name }) => name).sort());
  });

  test("nodes that pass nothing on are refused, with the filter and the remedy", async () => {
    const refused = await proved(withoutRoutes(plan())).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(NotProvedError);
    expect((refused as Error).message).toContain("UFW of staging-k3s-worker-01 (forwarding)");
    expect((refused as Error).message).toMatch(/Nothing was registered\.$/);
  });

  test("where the verdict goes to a file, the message names its number only", async () => {
    const dir = mkdtempSync(join(tmpdir(), "keybuzz-proved-"));
    try {
      const file = join(dir, "verdict.json");
      await expect(proved(withoutRoutes(plan()), file)).rejects.toThrow(/^The verifier refuses this: \d+ finding\(s\)/);
      expect((JSON.parse(readFileSync(file, "utf8")) as Verdict).ok).toBe(false);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
