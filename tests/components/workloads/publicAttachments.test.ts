import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PUBLIC_ATTACHMENTS } from "../../../components/workloads/chatwootSettings";

const dir = mkdtempSync(join(tmpdir(), "keybuzz-attachments-"));
const file = join(dir, "public_attachments.rb");
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** As config/storage.yml of Chatwoot makes its service. */
const SCRIPT = `
require "active_storage"
require "active_support/all"
require "active_storage/service"
$LOAD_PATH << File.join(Gem::Specification.find_by_name("activestorage").gem_dir, "app/models")
require "active_storage/filename"
load ARGV[0]
own = { service: "S3", access_key_id: "key", secret_access_key: "secret", region: "us-east-1",
        bucket: "keybuzz-chatwoot", endpoint: "http://10.0.0.134:9000", force_path_style: true }
service = ActiveStorage::Service.configure(:s3_compatible, { s3_compatible: own })
name = ActiveStorage::Filename.new("a b.png")
puts service.url("k3y", expires_in: 300, filename: name, content_type: "image/png", disposition: :inline)
puts service.bucket.client.config.endpoint
`;

/** Rails and Amazon's SDK as they are; Debian has both (ruby-activestorage, ruby-aws-sdk-s3). */
function ruby(script: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const env = { ...process.env, STORAGE_PUBLIC_ENDPOINT: "https://files.keybuzz.io" };
  return spawnSync("ruby", ["-e", script, file], { encoding: "utf8", env });
}

const able = ruby('require "active_storage"; require "aws-sdk-s3"').status === 0;
if (!able) process.stderr.write("skipped: what Rails makes of public_attachments.rb: it is not here\n");

(able ? test : test.skip)("Rails signs attachments for the public host, by path, and uploads to the store", () => {
  writeFileSync(file, PUBLIC_ATTACHMENTS);
  const { stdout, stderr } = ruby(SCRIPT);
  expect(stderr).toBe("");
  const [signed = "", own] = stdout.trim().split("\n");
  expect(signed).toMatch(/^https:\/\/files\.keybuzz\.io\/keybuzz-chatwoot\/k3y\?/);
  expect(new URL(signed).searchParams.get("X-Amz-SignedHeaders")).toBe("host");
  expect(own).toBe("http://10.0.0.134:9000");
});
