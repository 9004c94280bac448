// Keys and sources as a host script leaves them, asked of the real apt-get and the real gpg: a flat repository in a
// folder, signed by a key that is made here. Nothing of this machine's own lists is read or written.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderScript } from "../../../components/machines/render";
import { FakeHost } from "../../components/machines/support/fakeHost";
import { sample } from "../../components/machines/support/sampleConfig";

jest.setTimeout(120_000);

const KEY = "/etc/apt/keyrings/keybuzz-tool.asc";
const SOURCE = "/etc/apt/sources.list.d/keybuzz-tool.sources";

const has = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;
const atHand = ["gpg", "apt-get", "apt-config"].every(has);
// One line says why, where it cannot run.
const whereAptIs = atHand ? describe : describe.skip;
if (!atHand) process.stderr.write("skipped: real apt and gpg are not on this machine\n");

whereAptIs("a host script and a signed repository", () => {
  let dir: string;
  let host: FakeHost;
  let trusted: string;
  let stranger: string;

  const gpg = (...args: readonly string[]): string => {
    const run = spawnSync(
      "gpg",
      ["--batch", "--no-options", "--homedir", join(dir, "gnupg"), "--passphrase", "", ...args],
      {
        encoding: "utf8",
      },
    );
    if (run.status !== 0) throw new Error(run.stderr);
    return run.stdout;
  };
  const newKey = (name: string): string => {
    gpg("--quick-generate-key", `${name} <${name}@example.org>`, "ed25519", "sign", "never");
    return /^fpr:+([0-9A-F]{40}):/m.exec(gpg("--with-colons", "--list-keys", `${name}@example.org`))?.[1] ?? "";
  };
  const sign = (key: string): void => {
    const repository = join(dir, "repository");
    mkdirSync(repository, { recursive: true });
    writeFileSync(join(repository, "Packages"), "");
    const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    writeFileSync(
      join(repository, "Release"),
      `Date: ${new Date().toUTCString().replace("GMT", "UTC")}\nSHA256:\n ${empty} 0 Packages\n`,
    );
    rmSync(join(repository, "InRelease"), { force: true });
    gpg("--local-user", key, "--clearsign", "--output", join(repository, "InRelease"), join(repository, "Release"));
  };
  const publish = (...keys: readonly string[]): void =>
    writeFileSync(join(host.fake, "web", "key.asc"), gpg("--armor", "--export", ...keys));
  const script = (): string =>
    renderScript(
      sample(
        {
          aptRepositories: [
            {
              name: "tool",
              uri: "https://packages.example.org/debian",
              suites: ["./"],
              components: [],
              key: { kind: "url", url: "https://packages.example.org/key.asc", fingerprint: trusted },
            },
          ],
          packages: [{ name: "jq" }],
        },
        {},
      ),
    ).script;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "keybuzz-apt-"));
    mkdirSync(join(dir, "gnupg"), { mode: 0o700 });
    host = new FakeHost();
    trusted = newKey("trusted");
    stranger = newKey("stranger");
    sign(trusted);
    publish(trusted);
    host.double("gpg", '#!/bin/bash\nexec /usr/bin/env PATH=/usr/bin:/bin gpg "$@"\n');
    // apt-get update is the real one, in a world of its own; an installation is noted only.
    host.double(
      "apt-get",
      `#!/bin/bash
set -e
echo "apt-get $*" >>"$FAKE/calls"
case " $* " in
*" update "*)
  world="${dir}/world"; rm -rf "$world"; mkdir -p "$world/sources" "$world/state/lists/partial" "$world/cache/archives/partial"
  for one in "$KEYBUZZ_ROOT"/etc/apt/sources.list.d/*.sources; do
    [ -e "$one" ] || continue
    sed -e "s#^Signed-By: #&$KEYBUZZ_ROOT#" -e "s#https://packages.example.org/debian#file:${dir}/repository#" "$one" >"$world/sources/\${one##*/}"
  done
  PATH=/usr/bin:/bin exec apt-get "$@" -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$world/sources" -o Dir::Etc::trusted=/dev/null \\
    -o Dir::Etc::trustedparts=/dev/null -o Dir::State="$world/state" -o Dir::Cache="$world/cache" -o APT::Sandbox::User="$(id -un)" ;;
*) mkdir -p "$FAKE/packages"; for name in jq ca-certificates curl gnupg; do echo 1.0 >"$FAKE/packages/$name"; done ;;
esac
`,
    );
  });
  afterEach(() => {
    host.close();
    spawnSync("gpgconf", ["--homedir", join(dir, "gnupg"), "--kill", "all"]);
    rmSync(dir, { recursive: true, force: true });
  });

  test("the repository's lists are read, and a second run changes nothing", () => {
    expect(host.run(script())).toMatchObject({ status: 0, stderr: "" });
    expect(host.run(script()).stdout).toContain("no change");
  });

  test("apt refuses a source without its key, as the order of an earlier version left it; the script mends it", () => {
    host.write(SOURCE, `Types: deb\nURIs: https://packages.example.org/debian\nSuites: ./\nSigned-By: ${KEY}\n`);
    const refused = spawnSync(join(host.dir, "bin", "apt-get"), ["update", "-o", "APT::Update::Error-Mode=any"], {
      encoding: "utf8",
      env: { PATH: "/usr/bin:/bin", KEYBUZZ_ROOT: host.root, FAKE: host.fake },
    });
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toMatch(/NO_PUBKEY|is not signed|no such file|unreadable/i);
    expect(host.run(script())).toMatchObject({ status: 0, stderr: "" });
  });

  test("a repository that another published key signs is not trusted", () => {
    publish(trusted, stranger);
    sign(stranger);
    const run = host.run(script());
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/step packages: cannot update the package lists: .*(NO_PUBKEY|not signed)/);
    sign(trusted);
    expect(host.run(script())).toMatchObject({ status: 0 });
    expect(gpg("--with-colons", "--show-keys", host.path(KEY)).match(/^pub:/gm)).toHaveLength(1);
  });

  test("a copy of the key that has expired is replaced by the one that was prolonged", () => {
    gpg("--quick-set-expire", trusted, "seconds=1");
    spawnSync("sleep", ["2"]);
    host.write(KEY, gpg("--armor", "--export", trusted));
    publish(trusted);
    expect(host.run(script()).stderr).toMatch(/has expired.*; remedy: /);
    gpg("--quick-set-expire", trusted, "never");
    sign(trusted);
    publish(trusted);
    expect(host.run(script())).toMatchObject({ status: 0, stderr: "" });
  });
});
