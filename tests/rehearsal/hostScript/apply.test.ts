import { renderScript } from "../../../components/machines/render";
import { syntaxError } from "../../components/machines/support/fakeHost";
import { BINARY_TEXT, SAMPLE, sample } from "../../components/machines/support/sampleConfig";
import { freshHost, script, withFile, withoutFile } from "../../components/machines/support/freshHost";

// Processes and handshakes take their time where others use the processor, too.
jest.setTimeout(60_000);

describe("a host script", () => {
  test("is valid bash", () => {
    expect(syntaxError(script)).toBe("");
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
    // Everything is a change on a new machine: counted, and listed there.
    const listed = host.read("/var/lib/keybuzz/log/changes").trim().split("\n");
    expect(listed).toEqual(expect.arrayContaining(["file /etc/tool/password written", "unit haproxy.service started"]));
    expect(first.stdout).toBe(
      `keybuzz: host db-01: ${listed.length} change(s) to a new machine, listed in its ${host.path("/var/lib/keybuzz/log/changes")}\n`,
    );
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

    const third = host.run(renderScript(sample({}, withFile("/etc/tool/plain.conf", "a=2\n"))).script);
    expect(third.stdout.split("\n")).toEqual(
      expect.arrayContaining([
        "keybuzz: host db-01: file /etc/tool/plain.conf written",
        "keybuzz: host db-01: unit tool.service reloaded",
        "keybuzz: host db-01: 3 change(s)",
      ]),
    );
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
