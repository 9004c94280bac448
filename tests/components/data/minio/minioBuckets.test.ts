import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { minioBucketsScript, minioRetireScript } from "../../../../components/data/minio/minioConfig";
import { reassign } from "../../../support/shellHeader";
import { StubbedHost } from "../../../support/stubbedHost";

const BUCKET = { name: "keybuzz-etcd", versioned: true, accessKey: "keybuzz-etcd", secretKey: "SECRET" };

/** Remembers what it is asked to do; answers which policies a user has. */
const standIn = (folder: string, mappings: string): string => `#!/bin/sh
echo "$*" >>${folder}/asked
case "$*" in *"policy entities"*) cat <<'JSON'
${mappings}
JSON
esac
`;

describe("the script for MinIO's buckets", () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "keybuzz-minio-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function asked(mappings: object): string {
    const mc = join(folder, "mc");
    writeFileSync(mc, standIn(folder, JSON.stringify({ status: "success", result: mappings }, null, 1)));
    chmodSync(mc, 0o755);
    const host = { name: "minio-01", address: "10.0.0.134" } as never;
    const script = reassign(minioBucketsScript(host, "ROOT", [BUCKET]), { client: mc });
    const done = spawnSync("bash", ["-s"], { input: script, encoding: "utf8" });
    expect({ status: done.status, stderr: done.stderr }).toEqual({ status: 0, stderr: "" });
    return readFileSync(join(folder, "asked"), "utf8");
  }

  const attach = "admin policy attach store keybuzz-etcd --user keybuzz-etcd";

  test("attaches the policy to a user of the same name that has none, or another", () => {
    expect(asked({ userMappings: [{ user: "keybuzz-etcd", policies: [] }] })).toContain(attach);
    expect(asked({ userMappings: [{ user: "keybuzz-etcd", policies: ["readonly"] }] })).toContain(attach);
  });

  test("does not attach it twice, which mc refuses", () => {
    expect(asked({ userMappings: [{ user: "keybuzz-etcd", policies: ["a", "keybuzz-etcd"] }] })).not.toContain(attach);
  });

  test("passwords are no arguments", () => {
    expect(asked({ userMappings: [] })).not.toMatch(/SECRET|ROOT/);
  });
});

describe("the script that ends MinIO's keys", () => {
  test("takes away those that are there", () => {
    const host = new StubbedHost();
    try {
      const mc = host.stub("mc", '[[ $* != *"user info"* || $* == *keybuzz-chatwoot ]]');
      const store = { name: "minio-01", address: "10.0.0.134" };
      const script = minioRetireScript(store, "ROOT", ["keybuzz-chatwoot", "keybuzz-gone"]);
      const { status, error, asked } = host.run(reassign(script, { client: mc }));
      expect({ status, error }).toEqual({ status: 0, error: "" });
      expect(asked.filter((call) => call.includes("remove"))).toEqual([
        "mc --quiet admin user remove store keybuzz-chatwoot",
      ]);
      expect(asked.join("\n")).not.toContain("ROOT");
    } finally {
      host.dispose();
    }
  });
});
