import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  minioBucketsScript,
  minioLayoutScript,
  minioRetireScript,
} from "../../../../components/data/minio/minioConfig";
import { reassign } from "../../../support/shellHeader";
import { dataTier, first } from "../support/dataTier";
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

test("a consumer's key keeps objects, and ends neither its bucket nor what was in it", () => {
  const script = minioBucketsScript({ name: "minio-01", address: "10.0.0.134" }, "ROOT", [BUCKET]);
  const [, text = ""] = /^policies=\('(.*)'\)$/m.exec(script) ?? [];
  const { Statement: statements } = JSON.parse(text) as {
    readonly Statement: readonly { readonly Action: readonly string[]; readonly Resource: readonly string[] }[];
  };
  const actions = statements.flatMap(({ Action }) => Action);
  expect(actions).toEqual(expect.arrayContaining(["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"]));
  expect(
    actions.filter((one) => /\*|DeleteBucket|DeleteObjectVersion|Bypass|PutBucket|PutLifecycle|Policy/.test(one)),
  ).toEqual([]);
  expect(statements.flatMap(({ Resource }) => Resource)).toEqual([
    "arn:aws:s3:::keybuzz-etcd",
    "arn:aws:s3:::keybuzz-etcd/*",
  ]);
});

describe("several machines for MinIO", () => {
  const asked = (format: string, mount: string) => {
    const host = new StubbedHost();
    try {
      host.stub("findmnt", `echo ${mount}`);
      const data = host.path("data");
      const script = reassign(minioLayoutScript(), { data });
      host.run(`mkdir -p ${data}/.minio.sys; echo '${format}' >${data}/.minio.sys/format.json`);
      return host.run(script);
    } finally {
      host.dispose();
    }
  };
  const SINGLE = '{"version":"1","format":"xl-single","id":"7d0c"}';
  const SEVERAL = '{"version":"1","format":"xl","id":"7d0c"}';

  test("are refused over the objects of one, and on a root disk", () => {
    expect(asked(SINGLE, "/var/lib/minio")).toMatchObject({
      status: 1,
      error: expect.stringMatching(
        /found the objects of a single machine .*; allowed: .*; fix: make the new store beside it, and copy/,
      ) as string,
    });
    expect(asked(SEVERAL, "/")).toMatchObject({
      status: 1,
      error: expect.stringMatching(
        /on the root disk, which MinIO refuses to share; allowed: .*; fix: mount a volume/,
      ) as string,
    });
  });

  test("begin, and go on, on volumes of their own", () => {
    expect(asked(SEVERAL, "/var/lib/minio")).toMatchObject({ status: 0, error: "" });
  });

  test("are asked about, one machine is not", () => {
    const steps = (members: number) => {
      const { minio } = dataTier({ minioMembers: members });
      return (minio.fragment(first(minio.hosts)).steps ?? []).map(({ id, stage }) => `${id} ${stage ?? ""}`);
    };
    expect([steps(4), steps(1)]).toEqual([["minio-layout beforePackages"], []]);
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
