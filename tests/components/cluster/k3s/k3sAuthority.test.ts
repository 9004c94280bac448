import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostConfigPart } from "../../../../components/machines/hostConfig";
import { mergeHostConfigs } from "../../../../components/machines/mergeHostConfigs";
import { renderScript } from "../../../../components/machines/render";
import { reassign } from "../../../support/shellHeader";
import { AGENTS, estate, SERVERS } from "../support/estate";

const [first, second] = SERVERS;
const [agent] = AGENTS;
if (first === undefined || second === undefined || agent === undefined) throw new Error("hosts");

const { k3s: own } = estate({ authority: "program" });
const { k3s: former } = estate();
const paths = (part: HostConfigPart): readonly string[] => (part.files ?? []).map(({ path }) => path);
const text = (part: HostConfigPart, path: string): string | undefined =>
  part.files?.find((file) => file.path === path)?.content;
const tokens = (part: HostConfigPart) =>
  ["token", "agent-token"].map((name) => text(part, `/etc/rancher/k3s/${name}`)?.trim());

describe("tokens", () => {
  test("name the authority that the program makes, in the form that K3s writes itself", () => {
    const sum = "<<secret:k3s-server.ca-sum>>";
    const server = `K10${sum}::server:<<secret:kubernetes/server-token>>`;
    const node = `K10${sum}::node:<<secret:kubernetes/agent-token>>`;
    for (const host of SERVERS) expect(tokens(own.fragment(host))).toEqual([server, node]);
    for (const host of AGENTS) expect(tokens(own.fragment(host))).toEqual([undefined, node]);
  });

  test("of a cluster whose authority K3s made are the secrets alone, on every node", () => {
    const [server, node] = ["<<secret:kubernetes/server-token>>", "<<secret:kubernetes/agent-token>>"];
    for (const host of SERVERS) expect(tokens(former.fragment(host))).toEqual([server, node]);
    for (const host of AGENTS) expect(tokens(former.fragment(host))).toEqual([undefined, node]);
  });
});

describe("the program's authority", () => {
  const brought = ["server-ca.crt", "server-ca.key", "client-ca.crt", "client-ca.key"].map(
    (file) => `/etc/rancher/k3s/authority/${file}`,
  );

  test("is brought to the server that makes the cluster, for root alone, and no change of it restarts anything", () => {
    const part = own.fragment(first);
    expect(paths(part).filter((path) => path.includes("/authority/"))).toEqual(brought);
    const files = (part.files ?? []).filter(({ path }) => brought.includes(path));
    expect(files.map(({ secret }) => secret)).toEqual(brought.map(() => true));
    expect(JSON.stringify(part.units)).not.toContain("authority");
    expect(text(part, "/usr/local/sbin/k3s-membership")).toContain("AUTHORITY='/etc/rancher/k3s/authority'");
    expect(text(part, "/usr/local/sbin/k3s-restart-in-turn")).not.toContain("/authority/");
  });

  test("is nowhere else", () => {
    for (const part of [second, agent].map((host) => own.fragment(host))) {
      expect(paths(part).filter((path) => path.includes("/authority/"))).toEqual([]);
    }
    expect(text(own.fragment(second), "/usr/local/sbin/k3s-membership")).toContain("AUTHORITY=''");
    for (const host of [first, second, agent]) {
      expect(JSON.stringify(former.fragment(host))).not.toContain("k3s-server.ca");
      expect(former.fragment(host).steps?.map(({ id }) => id)).not.toContain("k3s-authority");
    }
  });
});

describe("a node of a cluster with another authority", () => {
  const steps = (host: typeof first) => own.fragment(host).steps?.filter(({ id }) => id === "k3s-authority") ?? [];
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "authority-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test.each([first, second, agent])("$name is refused before its first file is written", (host) => {
    const [step] = steps(host);
    expect(step).toMatchObject({ stage: "beforePackages", when: { kind: "unless" } });
    const { script } = renderScript(
      mergeHostConfigs(host.name, [
        { module: "k3s", config: { steps: steps(host), files: own.fragment(host).files ?? [] } },
      ]),
    );
    expect(script.indexOf("kb_step 'k3s-authority'")).toBeGreaterThan(0);
    expect(script.indexOf("kb_step 'k3s-authority'")).toBeLessThan(script.indexOf("kb_file "));
  });

  test.each([
    ["in no cluster yet", undefined, undefined, true],
    ["a server of this one", "ours\n", "ours\n", true],
    ["an agent of this one", undefined, "ours\n", true],
    ["a server of another", "another\n", "another\n", false],
    ["an agent of another", undefined, "another\n", false],
  ])("%s", (_what, server, agentsOwn, fine) => {
    for (const [place, content] of Object.entries({ "server/tls": server, agent: agentsOwn })) {
      mkdirSync(join(directory, place), { recursive: true });
      if (content !== undefined) writeFileSync(join(directory, place, "server-ca.crt"), content);
    }
    const sum = createHash("sha256").update("ours\n").digest("hex");
    const guard = reassign(steps(first)[0]?.run[0] ?? "", { SUM: sum });
    const script = guard.replaceAll("/var/lib/rancher/k3s", directory);
    const { status, stderr } = spawnSync("bash", { input: script, encoding: "utf8" });
    expect(status).toBe(fine ? 0 : 1);
    if (fine) expect(stderr).toBe("");
    else expect(stderr).toMatch(/so nothing was changed\. Set kubernetes\.authority to "k3s"/);
  });
});
