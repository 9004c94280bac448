import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseKubeconfig } from "@standin/kubernetes-api/wire/connection";
import { KubeClient, KubeError } from "@standin/kubernetes-api/wire/kubeClient";
import { State } from "@standin/pulumi-engine/state";
import { Secret } from "@standin/pulumi-engine/values";
import { CloudView } from "./support/cloudView";
import { Stand, type RunDocument } from "./support/stand";

const LIMIT = 240_000;
const STACK = ["--stack", "local"];
const NOTHING = { create: 0, update: 0, replace: 0, delete: 0 };
const changed = ({ resources }: RunDocument): readonly string[] =>
  resources
    .filter(({ op }) => op !== "same")
    .map(({ op, name }) => `${op} ${name}`)
    .sort();

describe("the ways into the cluster", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  /** What `pulumi stack output --show-secrets` would tell. */
  async function output(name: string): Promise<string> {
    const folder = join(stand.state, "local");
    const { passphrase } = JSON.parse(readFileSync(join(folder, "identity.json"), "utf8")) as { passphrase: string };
    const whose = { project: "keybuzz", stack: "local", passphrase, readOnly: true };
    const state = await State.open({ file: join(folder, "state.json"), ...whose });
    const value = state.entries().find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs[name];
    await state.close();
    if (!(value instanceof Secret) || typeof value.value !== "string") throw new Error(`${name} is no secret text`);
    return value.value;
  }

  /** What the API answers to that kubeconfig. */
  async function codes(name: string, ...paths: readonly string[]): Promise<readonly number[]> {
    const client = new KubeClient(parseKubeconfig(await output(name)));
    const answers: number[] = [];
    for (const path of paths)
      answers.push(
        await client.request({ method: "GET", path }).then(
          () => 200,
          (error: unknown) => (error instanceof KubeError ? error.code : 0),
        ),
      );
    client.close();
    return answers;
  }
  const OPEN = "/apis/apps/v1/deployments";
  const SECRETS = "/api/v1/namespaces/chatwoot/secrets";
  const SYSTEM = "/api/v1/namespaces/kube-system/secrets";
  const all = [OPEN, "/api/v1/nodes", SECRETS, SYSTEM] as const;

  test(
    "each group may what it is for; rotated, its old kubeconfig may nothing",
    async () => {
      expect((await stand.document("up", ...STACK)).document.errors).toEqual([]);
      const view = await CloudView.open(stand, "local");
      expect(await codes("kubeconfig", ...all)).toEqual([200, 200, 200, 200]);
      expect(await codes("kubeconfig-admins", ...all)).toEqual([200, 200, 200, 200]);
      expect(await codes("kubeconfig-deployers", ...all)).toEqual([200, 200, 200, 403]);
      expect(await codes("kubeconfig-viewers", ...all)).toEqual([200, 200, 403, 403]);
      await view.close();
      const before = await output("kubeconfig-viewers");
      stand.edit("stacks/local.ts", "  protect:", '  rotations: { "kubernetes/viewers": 1 },\n  protect:');
      const { document } = await stand.document("up", ...STACK);
      expect(document.errors).toEqual([]);
      expect(changed(document).filter((one) => one.startsWith("update"))).toEqual([
        "update keybuzz-viewers-keybuzz-cluster-viewer",
        "update keybuzz-viewers-view",
      ]);
      const after = await CloudView.open(stand, "local");
      expect(await codes("kubeconfig-viewers", ...all)).toEqual([200, 200, 403, 403]);
      const leaver = new KubeClient(parseKubeconfig(before));
      await expect(leaver.request({ method: "GET", path: OPEN })).rejects.toThrow(/User "keybuzz:viewers" cannot list/);
      leaver.close();
      await after.close();
    },
    LIMIT,
  );

  test(
    "half a year later the next up renews them: no object of the cluster, and no machine, is touched",
    async () => {
      const early = await stand.document("up", ...STACK, "--later", "182");
      expect(early.document.errors).toEqual([]);
      expect(changed(early.document)).toEqual([]);
      const { code, document } = await stand.document("up", ...STACK, "--later", "184");
      expect(document.errors).toEqual([]);
      expect(code).toBe(0);
      expect(changed(document)).toEqual([
        "replace kubernetes-program",
        "replace operators-admins",
        "replace operators-deployers",
        "replace operators-viewers-1",
        "update kubernetes",
      ]);
      expect((await stand.document("up", ...STACK)).document.summary).toMatchObject(NOTHING);
    },
    LIMIT,
  );

  test(
    "past their end a destroy says why it fails; the next up renews them all the same, and then it succeeds",
    async () => {
      const { code, stdout } = await stand.run("destroy", ...STACK, "--later", "600");
      expect(code).toBe(1);
      expect(stdout).toContain("Unauthorized: the client certificate in the kubeconfig is good until");
      expect((await stand.document("preview", ...STACK)).document.errors).toEqual([]);
      const late = await stand.document("up", ...STACK);
      expect(late.document.errors).toEqual([]);
      expect(late.code).toBe(0);
      expect((await stand.document("up", ...STACK)).document.summary).toMatchObject(NOTHING);
      expect((await stand.run("destroy", ...STACK)).code).toBe(0);
    },
    LIMIT,
  );

  test(
    "the clock goes forward only",
    async () => {
      expect((await stand.document("preview", ...STACK, "--later", "10")).document.errors).toEqual([]);
      const { code, stdout, stderr } = await stand.run("preview", ...STACK, "--later", "9");
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain("this rehearsal's clock is 10 days ahead already, and goes forward only");
    },
    LIMIT,
  );
});
