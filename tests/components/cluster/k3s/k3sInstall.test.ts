import { createHash } from "node:crypto";
import { statSync } from "node:fs";
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
  test.each([
    ["its own release", "v1.35.4+k3s1", 0],
    ["another", "v1.35.40+k3s1", 1],
  ])("is left alone when it is of %s", (_which, version, status) => {
    // It has much to say: whoever reads only the beginning breaks its pipe.
    const k3s = host.stub("k3s", `printf '%s\\n' 'k3s version ${version} (abc)' {1..20000}`);
    const { when } = step("k3s-binary");
    const guard = when.kind === "unless" ? when.command : "";
    expect(host.run(`set -euo pipefail\n${guard.replace("/usr/local/bin/k3s", k3s)}`).status).toBe(status);
  });

  const BINARY = "k3s itself";
  /** @param sum of the release's list. */
  const install = (sum: string) => {
    host.stub(
      "curl",
      `while [[ $1 != -o ]]; do shift; done
      case $3 in *sha256sum-amd64.txt) printf '%s  k3s\\n%s  k3s-arm\\n' '${sum}' '${"0".repeat(64)}' >"$2" ;; *) printf %s '${BINARY}' >"$2" ;; esac`,
    );
    return host.run(reassign(run("k3s-binary"), { binary: host.path("k3s") }));
  };

  test("is fetched by HTTPS from its release, and moved into place", () => {
    const { status, error, asked } = install(createHash("sha256").update(BINARY).digest("hex"));
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

  test("is not put in place when its sum is another", () => {
    const { status, error } = install("a".repeat(64));
    expect([status, host.has("k3s")]).toEqual([1, false]);
    expect(error).toContain("k3s: the download does not match the checksum of its release");
  });
});

test("a node's password is root's alone, and no argument", () => {
  const text = run("k3s-node-password");
  const { status, asked } = host.run(reassign(text, { path: host.path("node/password"), password: "a word" }));
  expect([status, host.read("node/password"), asked]).toEqual([0, "a word\n", []]);
  expect(statSync(host.path("node/password")).mode & 0o777).toBe(0o600);
  expect(statSync(host.path("node")).mode & 0o777).toBe(0o700);
});
