import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { releaseStep } from "../../../../components/cluster/k3s/k3sRelease";
import type { StepSpec } from "../../../../components/machines/hostConfig";
import { reassign } from "../../../support/shellHeader";
import { StubbedHost } from "../../../support/stubbedHost";
import { estate, SERVERS } from "../support/estate";

// The steps that bring K3s' binary and a node's password, run by bash.
let host: StubbedHost;
beforeEach(() => void (host = new StubbedHost()));
afterEach(() => host.dispose());

const step = (id: string): StepSpec => {
  const [server] = SERVERS;
  const found =
    server === undefined
      ? undefined
      : estate()
          .k3s.fragment(server)
          .steps?.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no step ${id}`);
  return found;
};
const run = (id: string): string => step(id).run.join("\n");

describe("K3s' binary", () => {
  const says = (version: string): string => `printf '%s\\n' 'k3s version ${version} (abc)' {1..20000}`;

  test.each([
    ["of its own release", "v1.35.4+k3s1", false, 0],
    ["of another one", "v1.35.40+k3s1", false, 1],
    ["of another one, with its own beside it for its turn", "v1.34.2+k3s1", true, 0],
  ])("is left alone when what runs is %s", (_which, version, staged, status) => {
    // It has much to say: whoever reads only the beginning breaks its pipe.
    const k3s = host.stub("k3s", says(version));
    if (staged) host.stub("k3s-v1.35.4+k3s1", says("v1.35.4+k3s1"));
    const { when } = step("k3s-binary");
    const guard = when.kind === "unless" ? when.command : "";
    expect(host.run(`set -euo pipefail\n${guard.replaceAll("/usr/local/bin/k3s", k3s)}`).status).toBe(status);
  });

  const BINARY = "k3s itself";
  /** @param sum of the release's list. @param pinned sum that the program knows. */
  const install = (sum: string, pinned?: string) => {
    host.stub(
      "curl",
      `while [[ $1 != -o ]]; do shift; done
      case $3 in *sha256sum-amd64.txt) printf '%s  k3s\\n%s  k3s-arm\\n' '${sum}' '${"0".repeat(64)}' >"$2" ;; *) printf %s '${BINARY}' >"$2" ;; esac`,
    );
    const places = { binary: host.path("k3s"), staged: host.path("k3s-v1.35.4+k3s1") };
    return host.run(reassign(run("k3s-binary"), { ...places, ...(pinned === undefined ? {} : { sum: pinned }) }));
  };
  const right = createHash("sha256").update(BINARY).digest("hex");

  test("is fetched by HTTPS from its release; a new machine has it at once", () => {
    const { status, error, asked } = install(right);
    expect({ status, error }).toEqual({ status: 0, error: "" });
    expect([host.read("k3s"), statSync(host.path("k3s")).mode & 0o777, host.has("k3s.new")]).toEqual([
      BINARY,
      0o755,
      false,
    ]);
    for (const call of asked)
      expect(call).toMatch(
        /--proto =https .* https:\/\/github\.com\/k3s-io\/k3s\/releases\/download\/v[\d.]+%2Bk3s\d\//,
      );
  });

  test("waits beside the one that runs for its node's turn", () => {
    host.stub("k3s", says("v1.34.2+k3s1"));
    const before = host.read("k3s");
    expect(install(right).status).toBe(0);
    expect([host.read("k3s"), host.read("k3s-v1.35.4+k3s1")]).toEqual([before, BINARY]);
  });

  test("is not put in place when its sum is another", () => {
    const { status, error } = install("a".repeat(64));
    expect([status, host.has("k3s"), host.has("k3s-v1.35.4+k3s1")]).toEqual([1, false, false]);
    expect(error).toContain("k3s: the download does not match the checksum of its release");
  });

  test("is held against the sum that the program knows, and against nothing that comes with it", () => {
    expect(install(right, "b".repeat(64)).status).toBe(1);
    const { status, asked } = install("a".repeat(64), right);
    expect([status, asked.length]).toEqual([0, 1]);
  });
});

// What upstream allows, said once by bash on the machine and once in a preview: they never disagree.
describe("from one release of K3s to another", () => {
  const guard = step("k3s-release");
  const asks = (present: string) => {
    const k3s = host.stub("k3s", present === "" ? "exit 127" : `echo 'k3s version ${present} (abc)'`);
    return host.run(reassign(guard.run.join("\n"), { K3S: k3s, WANTED: "v1.35.4+k3s1" }));
  };

  test.each([
    ["v1.35.4+k3s1", "same"],
    ["v1.35.3+k3s9", "newer"],
    ["v1.34.0+k3s1", "newer"],
    ["v1.34.99+k3s2", "newer"],
    ["v1.33.9+k3s1", "skips"],
    ["v0.35.4+k3s1", "skips"],
    ["v1.35.4+k3s2", "older"],
    ["v1.35.5+k3s1", "older"],
    ["v1.36.0+k3s1", "older"],
    ["v2.0.0+k3s1", "older"],
  ] as const)("%s to v1.35.4+k3s1 is %s", (present, wanted) => {
    const { status, error } = asks(present);
    expect(releaseStep(present, "v1.35.4+k3s1")).toBe(wanted);
    expect(status).toBe(wanted === "same" || wanted === "newer" ? 0 : 1);
    if (status === 1) expect(error).toContain(`runs K3s ${present} and is to have v1.35.4+k3s1: `);
  });

  test("a new machine, and a binary that does not run, are no reason to refuse; what is not understood is", () => {
    expect([asks("").status, asks("v1.35.4").status]).toEqual([0, 1]);
  });

  test("is asked before anything is put on the machine", () => {
    expect([guard.stage, guard.when.kind]).toEqual(["beforePackages", "unless"]);
  });
});

test("a node's password is root's alone, and no argument", () => {
  const text = run("k3s-node-password");
  const { status, asked } = host.run(reassign(text, { path: host.path("node/password"), password: "a word" }));
  expect([status, host.read("node/password"), asked]).toEqual([0, "a word\n", []]);
  expect(statSync(host.path("node/password")).mode & 0o777).toBe(0o600);
  expect(statSync(host.path("node")).mode & 0o777).toBe(0o700);
});
