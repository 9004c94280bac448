import type { HostConfigPart } from "../../../components/machines/hostConfig";
import { mergeHostConfigs } from "../../../components/machines/mergeHostConfigs";
import { renderScript } from "../../../components/machines/render";
import { shellQuote, shellWords } from "../../../components/machines/shellQuote";
import { toldOf } from "../../support/mistakesOf";

const merge = (...parts: readonly HostConfigPart[]): ReturnType<typeof mergeHostConfigs> =>
  mergeHostConfigs(
    "db-01",
    parts.map((config, index) => ({ module: `m${index}`, config })),
  );

describe("mergeHostConfigs", () => {
  test("joins parts, sorted by key, whatever their order", () => {
    const a: HostConfigPart = { files: [{ path: "/b", content: "1" }], packages: [{ name: "jq" }] };
    const b: HostConfigPart = { files: [{ path: "/a", content: "2" }], packages: [{ name: "jq" }] };
    expect(merge(a, b)).toEqual(merge(b, a));
    expect(merge(a, b).files.map(({ path }) => path)).toEqual(["/a", "/b"]);
    expect(merge(a, b).packages).toEqual([{ name: "jq" }]);
    expect(renderScript(merge(a, b)).hash).toBe(renderScript(merge(b, a)).hash);
  });

  test("adds up what modules say of one unit", () => {
    const unit = { name: "haproxy.service", enabled: true, state: "running" } as const;
    const merged = merge(
      { units: [{ ...unit, reloadOn: ["/a"], dropIns: { x: "1" } }] },
      { units: [{ ...unit, reloadOn: ["/b", "/a"], dropIns: { y: "2" } }] },
    );
    expect(merged.units).toEqual([expect.objectContaining({ reloadOn: ["/a", "/b"], dropIns: { x: "1", y: "2" } })]);
  });

  test("lists all conflicts with their modules and fields, never their contents", () => {
    const unit = { name: "a.service", enabled: true } as const;
    const told = toldOf(() =>
      merge(
        {
          files: [{ path: "/etc/a", content: "hunter2hunter2" }],
          packages: [{ name: "jq", version: "1" }],
          sysctl: [{ key: "a.b", value: 1 }],
          units: [{ ...unit, state: "running" }],
        },
        {
          files: [{ path: "/etc/a", content: "swordfish-secret", mode: "0600" }],
          packages: [{ name: "jq", version: "2" }],
          sysctl: [{ key: "a.b", value: 2 }],
          units: [{ ...unit, state: "stopped" }],
        },
      ),
    );
    expect(told).toEqual([
      expect.stringMatching(/^packages\[jq\]: found modules "m0" and "m1", which disagree on version; /),
      expect.stringMatching(/^sysctl\[a\.b\]: .* disagree on value; /),
      expect.stringMatching(/^files\[\/etc\/a\]: .* disagree on content, mode; /),
      expect.stringMatching(/^units\[a\.service\]: .* disagree on state; /),
    ]);
    expect(told.join()).not.toMatch(/hunter2|swordfish/);
  });

  const mistakes: readonly [string, HostConfigPart, string][] = [
    ["a relative path", { files: [{ path: "etc/a", content: "" }] }, "files[etc/a].path"],
    ["a path with quotes", { files: [{ path: "/etc/a'; rm -rf '/", content: "" }] }, "files[/etc/a'; rm -rf '/].path"],
    ["a path that climbs", { files: [{ path: "/etc/../root/x", content: "" }] }, "files[/etc/../root/x].path"],
    [
      "a secret that all may read",
      { files: [{ path: "/a", content: "", secret: true, mode: "0644" }] },
      "files[/a].mode",
    ],
    ["a validation without a path", { files: [{ path: "/a", content: "", validate: "true" }] }, "files[/a].validate"],
    ["a mode that is none", { directories: [{ path: "/a", mode: "755" }] }, "directories[/a].mode"],
    ["an owner that is none", { files: [{ path: "/a", content: "", owner: "a b" }] }, "files[/a].owner"],
    ["a package with an option", { packages: [{ name: "--reinstall" }] }, "packages[--reinstall].name"],
    ["a version with a space", { packages: [{ name: "jq", version: "1 2" }] }, "packages[jq].version"],
    [
      "a unit without a suffix",
      { units: [{ name: "haproxy", enabled: true, state: "running" }] },
      "units[haproxy].name",
    ],
    [
      "a predecessor that is not there",
      { units: [{ name: "a.service", enabled: true, state: "running", after: ["b.service"] }] },
      "units[a.service].after",
    ],
    ["a sum that is none", { binaries: [{ path: "/a", url: "https://a.b/c", sha256: "00" }] }, "binaries[/a].sha256"],
    [
      "a download without TLS",
      { binaries: [{ path: "/a", url: "http://a.b/c", sha256: "0".repeat(64) }] },
      "binaries[/a].url",
    ],
    [
      "a file that is a directory, too",
      { files: [{ path: "/a", content: "" }], directories: [{ path: "/a" }] },
      "/a: found file and directory",
    ],
    [
      "a step that does nothing",
      { steps: [{ id: "a", when: { kind: "unless", command: "true" }, run: [] }] },
      "steps[a].run",
    ],
    [
      "a command of a book's length",
      { steps: [{ id: "a", when: { kind: "unless", command: "true" }, run: ["x".repeat(5000)] }] },
      "steps[a].run[0]",
    ],
    ["a check without a remedy", { checks: [{ id: "a", command: "true", remedy: "" }] }, "checks[a].remedy"],
    ["a sysctl of two lines", { sysctl: [{ key: "a.b", value: "1\nkernel.panic = 1" }] }, "sysctl[a.b].value"],
    [
      "a timer without an absolute path",
      { timers: [{ name: "a", description: "a", onCalendar: "daily", command: "true" }] },
      "timers[a].command",
    ],
    [
      "a repository whose key is no key",
      {
        aptRepositories: [
          { name: "a", uri: "https://a", suites: ["b"], components: [], key: { kind: "armored", text: "x" } },
        ],
      },
      "aptRepositories[a].key.text",
    ],
    [
      "a negative number of attempts",
      { checks: [{ id: "a", command: "true", remedy: "x", attempts: 0 }] },
      "checks[a].attempts",
    ],
  ];
  test.each(mistakes)("refuses %s", (_name, part, path) => {
    expect(toldOf(() => merge(part)).filter((line) => line.startsWith(path))).toHaveLength(1);
  });

  test("lists mistakes of all entries at once", () => {
    expect(toldOf(() => merge(...mistakes.slice(0, 3).map(([, part]) => part)))).toHaveLength(3);
  });

  test("refuses units that wait for each other", () => {
    const unit = { enabled: true, state: "running" } as const;
    const config = merge({
      units: [
        { ...unit, name: "a.service", after: ["b.service"] },
        { ...unit, name: "b.service", after: ["a.service"] },
      ],
    });
    expect(toldOf(() => renderScript(config))).toEqual([
      expect.stringContaining("a.service, b.service, which wait for each other"),
    ]);
  });
});

test("shellWords is the inverse of shellQuote for whatever has no NUL", () => {
  const alphabet = ["'", '"', "\\", "$", "`", " ", "\n", "a", "é", ";", "&", "|", "(", "*", "!", "#", "~", "\t"];
  let seed = 7;
  const next = (limit: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % limit;
  };
  for (let round = 0; round < 500; round += 1) {
    const words = Array.from({ length: 1 + next(4) }, () =>
      Array.from({ length: next(12) }, () => alphabet[next(alphabet.length)] ?? "").join(""),
    );
    expect(shellWords(words.map(shellQuote).join(" "))).toEqual(words);
  }
  expect(() => shellQuote("a\0b")).toThrow(/NUL/);
  expect(() => shellWords('a "b"')).toThrow(/not a plain/);
  expect(() => shellWords("a; b")).toThrow(/not a plain/);
});
