import { createHash } from "node:crypto";
import { mergeHostConfigs } from "../../../../components/machines/mergeHostConfigs";
import type { HostConfig, HostConfigPart } from "../../../../components/machines/hostConfig";

export const BINARY_TEXT = "#!/bin/sh\necho tool\n";
export const FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567";

/** One of everything that a host script can do. */
export const SAMPLE: HostConfigPart = {
  aptRepositories: [
    {
      name: "tool",
      uri: "https://packages.example.org/debian",
      suites: ["bookworm"],
      components: ["main"],
      key: { kind: "url", url: "https://packages.example.org/key.asc", fingerprint: FINGERPRINT },
    },
  ],
  packages: [{ name: "haproxy" }, { name: "redis-server", version: "5:7.0*" }],
  groups: [{ name: "tool" }],
  users: [{ name: "tool", group: "tool", home: "/var/lib/tool" }],
  kernelModules: [{ name: "keybuzz_test_module" }],
  sysctl: [{ key: "net.core.somaxconn", value: 4096 }],
  directories: [{ path: "/etc/tool", mode: "0750" }],
  files: [
    { path: "/etc/haproxy/haproxy.cfg", content: "global\n", validate: "grep -q global %s" },
    { path: "/etc/tool/password", content: "s3cret-value\n", secret: true, validate: "test -s %s" },
    { path: "/etc/tool/plain.conf", content: "a=1\n" },
    { path: "/etc/early.conf", content: "early\n", stage: "beforePackages" },
  ],
  binaries: [
    {
      path: "/usr/local/bin/tool",
      url: "https://packages.example.org/tool-1.0",
      sha256: createHash("sha256").update(BINARY_TEXT).digest("hex"),
    },
  ],
  units: [
    { name: "haproxy.service", enabled: true, state: "running", reloadOn: ["/etc/haproxy/"], after: ["prepare"] },
    {
      name: "tool.service",
      content: "[Service]\nExecStart=/usr/local/bin/tool\n",
      enabled: true,
      state: "running",
      restartOn: ["/etc/tool/password", "/usr/local/bin/tool"],
      reloadOn: ["/etc/tool/plain.conf"],
    },
    { name: "apt-daily.timer", enabled: false, state: "stopped" },
  ],
  timers: [
    {
      name: "tool-backup",
      description: "Backs the tool up",
      onCalendar: "daily",
      command: "/usr/local/bin/tool backup",
    },
  ],
  steps: [
    {
      id: "prepare",
      when: { kind: "unless", command: 'test -e "$KEYBUZZ_ROOT/prepared"' },
      run: ['printf x >>"$KEYBUZZ_ROOT/prepare-runs"', ': >"$KEYBUZZ_ROOT/prepared"'],
    },
    {
      id: "on-change",
      when: { kind: "changed", paths: ["/etc/tool/"] },
      run: ['printf x >>"$KEYBUZZ_ROOT/change-runs"'],
      after: ["tool.service"],
    },
  ],
  checks: [
    { id: "alive", command: 'test -e "$KEYBUZZ_ROOT/prepared"', attempts: 2, intervalSeconds: 0, remedy: "look at it" },
  ],
};

export function sample(extra: HostConfigPart = {}, base: HostConfigPart = SAMPLE): HostConfig {
  return mergeHostConfigs("db-01", [
    { module: "sample", config: base },
    { module: "extra", config: extra },
  ]);
}
