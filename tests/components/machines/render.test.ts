import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostConfigPart } from "../../../components/machines/hostConfig";
import { parseScript } from "../../../components/machines/parseScript";
import { renderScript } from "../../../components/machines/render";
import { FakeHost, syntaxError } from "./support/fakeHost";
import { BINARY_TEXT, FINGERPRINT, SAMPLE, sample } from "./support/sampleConfig";

// Processes and handshakes take their time where others use the processor, too.
jest.setTimeout(60_000);

const hosts: FakeHost[] = [];
function freshHost(): FakeHost {
  const host = new FakeHost();
  hosts.push(host);
  host.knowUnit("haproxy.service");
  writeFileSync(join(host.fake, "web", "tool-1.0"), BINARY_TEXT);
  writeFileSync(join(host.fake, "web", "key.asc"), FINGERPRINT);
  return host;
}
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});

const script = renderScript(sample()).script;
const withoutFile = (path: string): HostConfigPart => ({
  ...SAMPLE,
  files: (SAMPLE.files ?? []).filter((file) => file.path !== path),
});
const withFile = (path: string, content: string): HostConfigPart => ({
  ...SAMPLE,
  files: (SAMPLE.files ?? []).map((file) => (file.path === path ? { ...file, content } : file)),
});

describe("a host script", () => {
  test("is valid bash with short lines, and shows no content", () => {
    expect(syntaxError(script)).toBe("");
    expect(Math.max(...script.split("\n").map((line) => line.length))).toBeLessThan(4096);
    expect(script).not.toContain("s3cret-value");
  });

  test("has the same text and hash for the same host, and another for another", () => {
    expect(renderScript(sample())).toEqual(renderScript(sample()));
    expect(renderScript(sample({ packages: [{ name: "jq" }] })).hash).not.toBe(renderScript(sample()).hash);
  });

  test("puts everything in place, and a second run changes nothing", () => {
    const host = freshHost();
    const first = host.run(script);
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).not.toContain("s3cret-value");
    expect(host.read("/etc/haproxy/haproxy.cfg")).toBe("global\n");
    expect(host.mode("/etc/haproxy/haproxy.cfg")).toBe("644");
    expect(host.mode("/etc/tool/password")).toBe("600");
    expect(host.mode("/etc/tool")).toBe("750");
    expect(host.read("/usr/local/bin/tool")).toBe(BINARY_TEXT);
    expect(host.read("/etc/systemd/system/tool-backup.timer")).toContain("OnCalendar=daily");
    expect(host.read("/etc/sysctl.d/90-keybuzz.conf")).toBe("net.core.somaxconn = 4096\n");
    expect(first.calls).toContain("systemctl start tool.service");
    expect(first.calls.filter((call) => /restart|reload (haproxy|tool)/.test(call))).toEqual([]);
    const before = host.snapshot();

    const second = host.run(script);
    expect(second).toMatchObject({ status: 0, stderr: "", stdout: "keybuzz: host db-01: no change\n" });
    expect(second.calls.filter((call) => !call.startsWith("modprobe"))).toEqual([]);
    expect(host.snapshot()).toEqual(before);
    expect(host.read("/prepare-runs")).toBe("x");
    expect(host.read("/change-runs")).toBe("x");
  });

  test("is not eaten by commands that read standard input", () => {
    const host = freshHost();
    host.double("modprobe", "#!/bin/bash\nexec cat >/dev/null\n");
    const greedy = sample({
      steps: [
        {
          id: "greedy",
          when: { kind: "unless", command: 'test -e "$KEYBUZZ_ROOT/ate"' },
          run: ['cat >"$KEYBUZZ_ROOT/ate"'],
        },
      ],
    });
    expect(host.run(renderScript(greedy).script)).toMatchObject({ status: 0 });
    expect(host.read("/ate")).toBe("");
  });

  test("does nothing when it arrives in part", () => {
    const host = freshHost();
    for (const part of [0.3, 0.6, 0.9, 0.999]) {
      expect(host.run(script.slice(0, Math.floor(script.length * part))).status).not.toBe(0);
      expect(host.snapshot()).toEqual({});
    }
  });
});

describe("a change", () => {
  test("reloads, restarts or runs only what depends on it", () => {
    const host = freshHost();
    host.run(script);
    const changed = (path: string, content: string): readonly string[] =>
      host
        .run(renderScript(sample({}, withFile(path, content))).script)
        .calls.filter((call) => call.startsWith("systemctl"));
    expect(changed("/etc/haproxy/haproxy.cfg", "global\n  daemon\n")).toEqual(["systemctl reload haproxy.service"]);
    host.run(script);
    expect(changed("/etc/tool/password", "other\n")).toEqual(["systemctl restart tool.service"]);
    host.run(script);
    expect(changed("/etc/tool/plain.conf", "a=2\n")).toEqual(["systemctl reload tool.service"]);
    host.run(script);
    expect(changed("/etc/early.conf", "later\n")).toEqual([]);
  });

  test("made by hand on the host is taken back", () => {
    const host = freshHost();
    host.run(script);
    const before = host.snapshot();
    host.write("/etc/haproxy/haproxy.cfg", "edited");
    expect(host.run(script).calls).toContain("systemctl reload haproxy.service");
    expect(host.snapshot()).toEqual(before);
  });

  test("that fails its validation leaves every validated file untouched", () => {
    const host = freshHost();
    host.run(script);
    const before = host.snapshot();
    const broken = {
      ...withFile("/etc/haproxy/haproxy.cfg", "wrong\n"),
      files: [
        ...(withFile("/etc/haproxy/haproxy.cfg", "wrong\n").files ?? []),
        { path: "/etc/a.conf", content: "fine", validate: "true %s" },
      ],
    };
    const run = host.run(renderScript(sample({}, broken)).script);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(
      /^keybuzz: host db-01: step file\/etc\/haproxy\/haproxy\.cfg: .*untouched.*; remedy: .+\n$/,
    );
    expect(run.calls.filter((call) => call.startsWith("systemctl"))).toEqual([]);
    const { "/var/lib/keybuzz/manifest": manifest, ...after } = host.snapshot();
    expect(manifest).toContain("/etc/a.conf");
    expect({ ...after, "/var/lib/keybuzz/manifest": before["/var/lib/keybuzz/manifest"] }).toEqual(before);
  });

  test("of a secret that fails its validation shows nothing of it", () => {
    const host = freshHost();
    const leaky = {
      ...SAMPLE,
      files: [{ path: "/etc/tool/password", content: "s3cret-value\n", secret: true, validate: "cat %s; false" }],
    };
    const run = host.run(renderScript(sample({}, leaky)).script);
    expect(run.status).toBe(1);
    expect(run.stdout + run.stderr).not.toContain("s3cret-value");
    expect(run.stderr).toContain("see ");
  });
});

describe("what the configuration no longer has", () => {
  test("is removed, units stopped, dependants reloaded; packages stay", () => {
    const host = freshHost();
    host.run(renderScript(sample({ files: [{ path: "/etc/haproxy/extra.cfg", content: "x" }] })).script);
    const smaller = {
      ...SAMPLE,
      units: SAMPLE.units?.filter(({ name }) => name !== "tool.service") ?? [],
      steps: SAMPLE.steps?.filter(({ id }) => id === "prepare") ?? [],
    };
    const run = host.run(renderScript(sample({}, smaller)).script);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(host.exists("/etc/haproxy/extra.cfg")).toBe(false);
    expect(host.exists("/etc/systemd/system/tool.service")).toBe(false);
    expect(run.calls).toContain("systemctl disable --now tool.service");
    expect(run.calls).toContain("systemctl reload haproxy.service");
    expect(run.calls).toContain("systemctl daemon-reload");
    expect(run.calls.filter((call) => call.startsWith("apt-get"))).toEqual([]);
  });

  test("is put back as it was where something had been there before", () => {
    const host = freshHost();
    host.write("/etc/tool/plain.conf", "the distribution's own\n");
    host.run(script);
    expect(host.read("/etc/tool/plain.conf")).toBe("a=1\n");
    host.run(renderScript(sample({}, withoutFile("/etc/tool/plain.conf"))).script);
    expect(host.read("/etc/tool/plain.conf")).toBe("the distribution's own\n");
  });

  test("never includes SSH or the firewall", () => {
    const host = freshHost();
    for (const unit of ["ssh.service", "ufw.service"]) host.knowUnit(unit);
    const units = ["ssh.service", "ufw.service"].map((name) => ({ name, enabled: true, state: "running" }) as const);
    host.run(renderScript(sample({ units })).script);
    expect(host.run(script).calls.filter((call) => call.includes("disable"))).toEqual([]);
  });
});

describe("a run that is cut off", () => {
  const lines = script.split("\n");
  const body = lines.indexOf("main() {");
  // After every call of the body: the lines that begin with a function's name, and the ends of here-documents.
  const places = lines
    .map((line, index) => ({ line, index }))
    .filter(
      ({ line, index }) => index > body && (line === "KB_DATA" || (line.startsWith("kb_") && !line.includes("<<"))),
    )
    .map(({ index }) => index);

  const cutAfter = (place: number): string =>
    [...lines.slice(0, place + 1), "kill -9 $$", ...lines.slice(place + 1)].join("\n");
  let wanted: Readonly<Record<string, string>>;
  beforeAll(() => {
    const reference = freshHost();
    reference.run(script);
    wanted = reference.snapshot();
  });

  test("one step later each time comes to the same end", () => {
    expect(places.length).toBeGreaterThan(30);
    const host = freshHost();
    for (const place of places) expect(host.run(cutAfter(place)).signal).toBe("SIGKILL");
    expect(host.run(script)).toMatchObject({ status: 0, stderr: "" });
    expect(host.snapshot()).toEqual(wanted);
    expect(host.read("/change-runs")).toBe("x");
  }, 180_000);

  test.each(places.filter((_place, index) => index % 5 === 0))("after line %d converges when run again", (place) => {
    const host = freshHost();
    expect(host.run(cutAfter(place)).signal).toBe("SIGKILL");
    expect(host.run(script)).toMatchObject({ status: 0, stderr: "" });
    expect(host.snapshot()).toEqual(wanted);
    expect(host.run(script).stdout).toBe("keybuzz: host db-01: no change\n");
  });

  test("between writing a file and reloading its unit reloads it the next time", () => {
    const host = freshHost();
    host.run(script);
    const next = renderScript(sample({}, withFile("/etc/haproxy/haproxy.cfg", "global\n  daemon\n"))).script;
    expect(
      host.run(next.replace("\nkb_put_validated\nkb_binary", () => "\nkb_put_validated\nkill -9 $$\nkb_binary")).signal,
    ).toBe("SIGKILL");
    expect(host.read("/etc/haproxy/haproxy.cfg")).toContain("daemon");
    expect(host.run(next).calls).toContain("systemctl reload haproxy.service");
  });

  test("by an end of time cleans up behind itself", () => {
    const host = freshHost();
    const slow = script.replace("\nkb_end\n", "\ntimeout 5 bash -c 'kill -TERM $PPID; exec /bin/sleep 1'\nkb_end\n");
    const run = host.run(slow);
    expect(run.status).not.toBe(0);
    expect(host.exists("/var/lib/keybuzz/work")).toBe(false);
    expect(host.run(script).status).toBe(0);
  });
});

describe("a failing step", () => {
  const failures: readonly [string, (host: FakeHost) => void, RegExp][] = [
    [
      "apt without a network",
      (h) => h.setBroken("apt-get", true),
      /step packages: cannot update the package lists: E: no network; remedy: /,
    ],
    [
      "a unit that does not start",
      (h) => h.setBroken("tool.service", true),
      /step unit\/tool\.service: cannot start it: tool\.service is broken; remedy: see journalctl/,
    ],
    [
      "a download that is not what it should be",
      (h) => writeFileSync(join(h.fake, "web", "tool-1.0"), "evil"),
      /step binary\/usr\/local\/bin\/tool: .* has sha256 [0-9a-f]{64} instead of [0-9a-f]{64}; remedy: /,
    ],
    [
      "a key of somebody else",
      (h) => writeFileSync(join(h.fake, "web", "key.asc"), "F".repeat(40)),
      /step apt-key.*lacks fingerprint .*; remedy: /,
    ],
    [
      "a directory where a file belongs",
      (h) => mkdirSync(h.path("/etc/tool/plain.conf"), { recursive: true }),
      /step file\/etc\/tool\/plain\.conf: there is a directory in its place; remedy: /,
    ],
    [
      "a disk that is full",
      (h) => h.double("base64", "#!/bin/bash\nhead -c 3; echo 'write error: No space left on device' >&2; exit 1\n"),
      /step file\/etc\/.*: its content could not be written whole; remedy: check free space/,
    ],
  ];
  test.each(failures)(
    "%s: names host, step, reason and remedy, exits not 0, and converges when mended",
    (_name, breakIt, message) => {
      const host = freshHost();
      breakIt(host);
      const run = host.run(script);
      expect(run.status).toBe(1);
      expect(run.stderr).toMatch(message);
      expect(
        run.stderr
          .trim()
          .split("\n")
          .filter((line) => line.startsWith("keybuzz: host db-01: step")),
      ).toHaveLength(1);
      expect(
        Object.keys(host.snapshot()).filter((path) => path.includes("keybuzz-new") || path.includes("/work/")),
      ).toEqual([]);
    },
  );

  test("a write that fails leaves the running file untouched", () => {
    const host = freshHost();
    host.run(script);
    host.double("base64", "#!/bin/bash\nhead -c 3; exit 1\n");
    expect(host.run(renderScript(sample({}, withFile("/etc/tool/plain.conf", "a=22222\n"))).script).status).toBe(1);
    expect(host.read("/etc/tool/plain.conf")).toBe("a=1\n");
  });

  test("a health check that never passes ends the run with its remedy", () => {
    const host = freshHost();
    const sick = sample({
      checks: [
        { id: "sick", command: "echo too bad; false", attempts: 3, intervalSeconds: 1, remedy: "call somebody" },
      ],
    });
    const run = host.run(renderScript(sick).script);
    expect(run).toMatchObject({
      status: 1,
      stderr:
        "keybuzz: host db-01: step check/sick: fails after 3 attempt(s), 1 s apart: too bad; remedy: call somebody\n",
    });
  });

  test("packages' daemons are denied to start only while packages are installed", () => {
    const host = freshHost();
    host.double(
      "apt-get",
      '#!/bin/bash\ncase "$*" in *install*) "$KEYBUZZ_ROOT/usr/sbin/policy-rc.d"; echo $? >"$KEYBUZZ_ROOT/policy"; cp "$KEYBUZZ_ROOT/usr/sbin/policy-rc.d" "$KEYBUZZ_ROOT/left-behind"; for p in haproxy redis-server curl ca-certificates gnupg; do mkdir -p "$FAKE/packages"; echo 5:7.0-1 >"$FAKE/packages/$p"; done ;; esac\n',
    );
    expect(host.run(script)).toMatchObject({ status: 0 });
    expect(host.read("/policy")).toBe("101\n");
    expect(host.exists("/usr/sbin/policy-rc.d")).toBe(false);
    // What a killed run would leave behind denies nothing once its process is gone.
    host.double("after", `#!/bin/bash\nexec "$KEYBUZZ_ROOT/left-behind"\n`);
    expect(host.run("after\n").status).toBe(0);
  });
});

describe("parseScript", () => {
  test("is the inverse: reads back all that was put in", () => {
    const parsed = parseScript(script);
    expect(parsed.host).toBe("db-01");
    expect(parsed.hash).toBe(renderScript(sample()).hash);
    expect(parsed.packages).toEqual(
      expect.arrayContaining([
        { name: "redis-server", version: "5:7.0*" },
        { name: "haproxy", version: undefined },
      ]),
    );
    expect(parsed.files.find((file) => file.path === "/etc/tool/password")).toEqual({
      path: "/etc/tool/password", mode: "600", owner: "root", group: "root", secret: true, content: "s3cret-value\n",
      validate: "test -s %s", markers: ["restart:tool.service", "step:on-change"],
    }); // prettier-ignore
    expect(parsed.units).toContainEqual({ name: "haproxy.service", enabled: true, state: "running" });
    expect(parsed.steps.find((step) => step.id === "prepare")?.unless).toBe('test -e "$KEYBUZZ_ROOT/prepared"');
    expect(parsed.checks).toEqual([{ id: "alive", command: 'test -e "$KEYBUZZ_ROOT/prepared"', remedy: "look at it" }]);
    expect(parsed.sysctl).toEqual({ "net.core.somaxconn": "4096" });
    expect(parsed.binaries.map((binary) => binary.path)).toEqual(["/usr/local/bin/tool"]);
  });

  test.each([
    ["another script", "#!/bin/bash\necho hello\n"],
    ["a script cut off", script.slice(0, -40)],
    ["a changed content", script.replace(/(kb_file '\/etc\/tool\/plain.conf'.*\n)YT0xCg==/, "$1YT0yCg==")],
    ["a command of somebody else", script.replace("\nkb_end\n", "\nrm -rf /\n")],
  ])("refuses %s", (_name, text) => {
    expect(text).not.toBe(script);
    expect(() => parseScript(text)).toThrow(/^parseScript: |not a plain/);
  });

  test("reads back whatever content, and bash writes it as it was", () => {
    const nasty = [
      "KB_DATA\n", "'; touch /pwned; '", "$(touch /pwned)`touch /pwned`", "\\", "é\u{1F600}\n\r\t", "", "no newline at end", "}\nmain\n",
      "x".repeat(200_000), "<<'KB_DATA'\nKB_DATA\nrm -rf /\n", "%s %d \0 nul", "main \"$@\" </dev/null\n",
    ]; // prettier-ignore
    const files = nasty.map((content, index) => ({ path: `/etc/nasty/f${index}`, content, secret: index % 2 === 0 }));
    const rendered = renderScript(sample({}, { files })).script;
    expect(syntaxError(rendered)).toBe("");
    expect(
      parseScript(rendered)
        .files.map((file) => file.content)
        .sort(),
    ).toEqual([...nasty].sort());
    const host = freshHost();
    expect(host.run(rendered)).toMatchObject({ status: 0, stderr: "" });
    nasty.forEach((content, index) => expect(host.read(`/etc/nasty/f${index}`)).toBe(content));
    expect(host.exists("/pwned")).toBe(false);
    expect(host.run(rendered).stdout).toBe("keybuzz: host db-01: no change\n");
  });
});
