// The order of keys and sources, and which keys are trusted. Doubles of apt-get and gpg refuse what the real ones refuse;
// aptRepository.test.ts asks the real ones.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderScript } from "../../../components/machines/render";
import type { FakeHost } from "../../components/machines/support/fakeHost";
import { freshHost, script } from "../../components/machines/support/freshHost";
import { FINGERPRINT, sample } from "../../components/machines/support/sampleConfig";

jest.setTimeout(60_000);

const KEY = "/etc/apt/keyrings/keybuzz-tool.asc";
const SOURCE = "/etc/apt/sources.list.d/keybuzz-tool.sources";
const OTHER = "F".repeat(40);
const PAST = "1000000000";

const publish = (host: FakeHost, ...lines: readonly string[]): void =>
  writeFileSync(join(host.fake, "web", "key.asc"), `${lines.join("\n")}\n`);
const lie = (host: FakeHost, path: string, text: string): void => host.write(path, `${text}\n`);

describe("keys of package sources", () => {
  test("come before their source, and the tools that fetch them before both", () => {
    const order = [
      "kb_apt_aside '",
      "kb_package 'gnupg'",
      "kb_install_packages\n",
      "kb_apt_key '",
      `kb_file '${SOURCE}'`,
    ].map((call) => script.indexOf(`\n${call}`));
    expect(order.every((at) => at > 0)).toBe(true);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test("apt prefers the source to the distribution, and goes back to no earlier version, before anything is installed", () => {
    const host = freshHost();
    expect(host.run(script)).toMatchObject({ status: 0 });
    const pin = "/etc/apt/preferences.d/keybuzz-tool";
    expect(host.read(pin)).toBe('Package: *\nPin: origin "packages.example.org"\nPin-Priority: 600\n');
    expect(script.indexOf(`\nkb_file '${pin}'`)).toBeGreaterThan(0);
    expect(script.indexOf(`\nkb_file '${pin}'`)).toBeLessThan(script.indexOf("\nkb_install_packages\n"));
  });

  test("a tool that is declared anyway is there before a key is fetched", () => {
    const text = renderScript(sample({ packages: [{ name: "curl" }] })).script;
    expect(text.indexOf("\nkb_package 'curl'")).toBeGreaterThan(0);
    expect(text.indexOf("\nkb_package 'curl'")).toBeLessThan(text.indexOf("\nkb_apt_key '"));
  });

  test("a host that an earlier version left with a source and no key gets past it", () => {
    const host = freshHost();
    lie(host, SOURCE, `Signed-By: ${KEY}`);
    expect(host.run(script)).toMatchObject({ status: 0, stderr: "" });
    expect(host.read(KEY)).toBe(`${FINGERPRINT}\n`);
    expect(host.exists(SOURCE)).toBe(true);
  });

  test("of several keys that are published, the pinned one alone is trusted", () => {
    const host = freshHost();
    publish(host, OTHER, FINGERPRINT);
    expect(host.run(script)).toMatchObject({ status: 0 });
    expect(host.read(KEY)).toBe(`${FINGERPRINT}\n`);
  });

  test.each([
    ["holds another key as well", `${FINGERPRINT}\n${OTHER}`],
    ["has expired", `${FINGERPRINT} ${PAST}`],
    ["is somebody else's", OTHER],
    ["is empty", ""],
  ])("a key on the host that %s is fetched anew, and nothing else happens", (_what, text) => {
    const host = freshHost();
    host.run(script);
    lie(host, KEY, text);
    const run = host.run(script);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(host.read(KEY)).toBe(`${FINGERPRINT}\n`);
    expect(run.calls.filter((call) => call.startsWith("systemctl"))).toEqual([]);
    expect(host.run(script).stdout).toContain("no change");
  });

  test("a published key that has expired is refused with the reason", () => {
    const host = freshHost();
    publish(host, `${FINGERPRINT} ${PAST}`);
    const run = host.run(script);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/step apt-key.*has expired.*; remedy: .*successor/);
    publish(host, FINGERPRINT);
    expect(host.run(script)).toMatchObject({ status: 0 });
  });
});
