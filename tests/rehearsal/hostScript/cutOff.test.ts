import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderScript } from "../../../components/machines/render";
import type { FakeHost } from "../../components/machines/support/fakeHost";
import { sample } from "../../components/machines/support/sampleConfig";
import { sampled } from "../../support/whole";
import { freshHost, script, withFile } from "../../components/machines/support/freshHost";

// Processes and handshakes take their time where others use the processor, too.
jest.setTimeout(60_000);

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

  test.each(sampled(places, 4))("after line %d converges when run again", (place) => {
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
  /** cp on a disk that fills while it writes. */
  const FULL = `#!/bin/bash
head -c 3 "\${@: -2:1}" >"\${@: -1}"; echo 'write error: No space left on device' >&2; exit 1
`;
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
      (h) => writeFileSync(join(h.fake, "web", "key.asc"), `${"F".repeat(40)}\n`),
      /step apt-key.*lacks fingerprint .*; remedy: /,
    ],
    [
      "a directory where a file belongs",
      (h) => mkdirSync(h.path("/etc/tool/plain.conf"), { recursive: true }),
      /step file\/etc\/tool\/plain\.conf: there is a directory in its place; remedy: /,
    ],
    [
      "a disk that is full",
      (h) => h.double("cp", FULL),
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
    host.double("cp", FULL);
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
