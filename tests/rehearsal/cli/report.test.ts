import type { EngineEvent, Operation, ResourceResult } from "@standin/pulumi-engine/events";
import { lineProgress } from "../../../rehearsal/cli/progress";
import { jsonReport, textReport, type RunReport } from "../../../rehearsal/cli/report";
import type { Verdict } from "../../../verifier/finding";

const WORKER = "keybuzz:machines:Host";
const PLATFORM = "keybuzz:stacks:Platform";
const JOURNAL = "/etc/systemd/journald.conf.d/keybuzz.conf";

const result = (op: Operation, type: string, name: string, more: Partial<ResourceResult> = {}): ResourceResult => ({
  urn: `urn:pulumi:local::keybuzz::${type}::${name}`,
  ...{ type, name, op, status: "done", id: name, parent: "" },
  ...{ inputs: {}, dependencies: [], protect: false, retainOnDelete: false, deletedWith: "", diff: [] },
  ...more,
});

const flow = (port: number): unknown => ({
  from: { kind: "hosts", group: "k3sAgent", hosts: ["worker-1"] },
  to: {
    id: `postgres:${port}`,
    provider: { kind: "hosts", group: "postgres", hosts: ["db-1"] },
    port,
    protocol: "tcp",
  },
  purpose: "queries",
});
const declaration = { flows: [flow(5432)], routes: [], gateways: [], listeners: [], accepted: [] };
const platform = (more: Partial<ResourceResult> = {}): ResourceResult =>
  result("same", PLATFORM, "local", { outputs: { declaration }, outputsBefore: { declaration }, ...more });

/** A host whose journal may take more room, which its daemon restarts for. */
const host = (name: string, extra: ResourceResult["diff"] = []): ResourceResult =>
  result("update", WORKER, name, {
    inputs: {
      host: name,
      digest: "ab".repeat(32),
      files: { [JOURNAL]: "[Journal]\nStorage=persistent\nSystemMaxUse=2G\nMaxRetentionSec=1month\n" },
      units: { "systemd-journald.service": { enabled: true, state: "running", restartOn: [JOURNAL] } },
      access: {},
      packages: { chrony: "as the archive has it", ufw: "0.36" },
      users: {},
      directories: { "/srv/shared": "root:root 0755" },
    },
    diff: [
      { path: "digest", before: "cd".repeat(32), after: "ab".repeat(32) },
      {
        path: `files["${JOURNAL}"]`,
        before: "[Journal]\nStorage=persistent\nSystemMaxUse=1G\nMaxRetentionSec=1month\n",
        after: "[Journal]\nStorage=persistent\nSystemMaxUse=2G\nMaxRetentionSec=1month\n",
      },
      ...extra,
    ],
  });

const proved: Verdict = {
  ok: true,
  findings: [],
  accepted: [
    {
      finding: { question: "closed", subject: "a -> b", at: "", rule: "open", value: "", remedy: "" },
      reasons: ["asks for a password"],
    },
  ],
  assumptions: [],
  notes: [],
  counts: { flows: 1, paths: 1, openings: 1, routes: 0, checks: 0, losses: 0 },
};

const report = (command: string, resources: readonly ResourceResult[], more: Partial<RunReport> = {}): RunReport => {
  const of = (op: Operation): number => resources.filter((one) => one.op === op && one.status === "done").length;
  return {
    ok: true,
    engine: "embedded engine",
    ...{ command, stack: "local", resources, outputs: {}, durationMs: 1200 },
    summary: {
      create: of("create"),
      update: of("update"),
      replace: of("replace"),
      delete: of("delete"),
      same: of("same"),
    },
    verdict: proved,
    ...more,
  };
};

describe("a preview", () => {
  const hosts = ["db-1", ...Array.from({ length: 21 }, (_, index) => `worker-${index + 1}`)].map((name) => host(name));
  const text = textReport(report("preview", [platform(), ...hosts]));
  const lines = text.split("\n");

  test("leads with words, then what changes for whom, and the file that causes it", () => {
    expect(lines[0]).toMatch(/^local: .*nobody's way changes; restarts: systemd-journald\.service on /);
    expect(text).toMatch(
      /^ {2}restarts +systemd-journald\.service on db-1, worker-1, .* and 17 more: restarts at once\n +by \/etc\/systemd/m,
    );
    expect(text.indexOf("restarts at once")).toBeLessThan(text.indexOf("SystemMaxUse"));
  });

  test("equal changes are one, with every name; lines with their surroundings, no checksum", () => {
    expect(text.match(/SystemMaxUse=2G/g)).toHaveLength(1);
    expect(text).toContain("keybuzz:machines:Host, the same on 22: db-1, worker-1, ");
    for (const { name } of hosts) expect(text).toContain(name);
    expect(text).toContain(
      "    Storage=persistent\n-   SystemMaxUse=1G\n+   SystemMaxUse=2G\n    MaxRetentionSec=1month",
    );
    expect(text).not.toMatch(/[0-9a-f]{32}/);
  });

  test("ends with the verdict; of risks that were there before the number", () => {
    expect(lines.at(-1)).toMatch(/^Verdict: proved\./);
    expect(text).toContain("1 risk is accepted; npm run verify -- --stack local has each with its reason.");
    expect(text).not.toContain("asks for a password");
  });

  test("a risk that is new is told, with its reason", () => {
    const risk = { kind: "exposure", from: ["worker-1"], to: "db-1:5432", reason: "it is asked for a password" };
    const after = platform({ outputs: { declaration: { ...declaration, accepted: [risk] } } });
    const told = textReport(report("preview", [after, host("db-1")]));
    expect(told).toMatch(/^ {2}risk +worker-1 -> db-1:5432: is accepted now\n +by it is asked for a password$/m);
    expect(told).toContain("1 risk is accepted, 1 of them new (above)");
  });

  test("packages, users and directories of a host are told like its files", () => {
    const more = [
      { path: "packages.ufw", before: "0.35", after: "0.36" },
      { path: 'directories["/srv/shared"]', after: "root:root 0755" },
    ];
    const told = textReport(report("preview", [platform(), host("db-1", more)]));
    expect(told).toContain("- packages.ufw: 0.35\n+ packages.ufw: 0.36");
    expect(told).toContain('+ directories["/srv/shared"]: root:root 0755');
  });

  test("lists whose order means nothing are compared as sets; a secret only as another one", () => {
    const firewall = result("update", "hcloud:index/firewall:Firewall", "bastion", {
      inputs: { rules: [{ port: "22", sourceIps: ["192.0.2.0/24", "198.51.100.0/24"] }], token: "[secret]" },
      diff: [
        { path: "rules[0].sourceIps[0]", before: "198.51.100.0/24", after: "192.0.2.0/24" },
        { path: "rules[0].sourceIps[1]", before: "203.0.113.0/24", after: "198.51.100.0/24" },
        { path: "token", before: "[secret]", after: "[secret]" },
      ],
    });
    const told = textReport(report("preview", [platform(), firewall]));
    expect(told).toMatch(/^-.*203\.0\.113\.0\/24/m);
    expect(told).toContain("! token: another one; it is secret, or has secrets in it");
  });

  test("machines that are replaced, powered off or deleted, and whose data goes with them, come first", () => {
    const server = (op: Operation, name: string, more: Partial<ResourceResult> = {}): ResourceResult =>
      result(op, "hcloud:index/server:Server", name, { inputs: { name, serverType: "cx33", keepDisk: true }, ...more });
    const told = textReport(
      report("preview", [
        platform(),
        host("db-1"),
        server("update", "redis-1", { diff: [{ path: "serverType", before: "cx23", after: "cx33" }] }),
        server("replace", "queue-1", {
          diff: [{ path: "location", before: "fsn1", after: undefined }],
          replaceKeys: ["location"],
        }),
        server("delete", "db-2", { protect: true, status: "failed", error: "is protected" }),
      ]),
    );
    const places = ["data or keys at risk", "replaced", "powered off", "restarts"].map((word) => {
      return told.search(new RegExp(`^  ${word} `, "m"));
    });
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(told).toContain("powered off hard, cx23 -> cx33, started again; the disk keeps its size");
  });

  test("on a terminal in colours, elsewhere without", () => {
    const seen = textReport(report("preview", [platform(), host("db-1")]), { colours: true });
    expect(seen).toContain("\u001b[32m+   SystemMaxUse=2G");
    expect(text).not.toContain("\u001b");
  });

  test("--all: what did not change as well, by name", () => {
    const all = textReport(report("preview", [platform(), host("db-1")]), { all: true });
    expect(all).toContain("same    Platform local");
    expect(text).not.toContain("same    Platform local");
  });
});

describe("a run that does not end as it should", () => {
  const failed = result("create", "hcloud:index/server:Server", "db-1", { status: "failed", error: "no such type" });

  test("is never called proved, and says each error once", () => {
    const told = textReport(report("up", [platform(), failed], { ok: false }));
    expect(told).not.toMatch(/proved\./);
    expect(told.split("\n").at(-1)).toMatch(/^No verdict: the run has not ended as it was planned/);
    expect(told.match(/no such type/g)).toHaveLength(1);
  });

  test("findings stand at the end, below what has failed", () => {
    const finding = {
      question: "open",
      subject: "a -> b:5432",
      at: "UFW of b",
      rule: "missing",
      value: "-",
      remedy: "allow it",
    } as const;
    const verdict = { ...proved, ok: false, findings: [finding] };
    const told = textReport(report("up", [], { ok: false, errors: ["The verifier refuses this"], verdict }));
    expect(told.indexOf("remedy: allow it")).toBeGreaterThan(told.indexOf("FAILED: The verifier"));
    expect(told.split("\n").at(-1)).toBe("Verdict: NOT proved, 1 finding(s).");
  });
});

test("as they should be is said of what was looked at, and of nothing else", () => {
  const same = [platform(), result("same", "hcloud:index/server:Server", "db-1")];
  expect(textReport(report("up", same))).toContain(
    "No change: the program wants the 2 resources as the state has them.",
  );
  expect(textReport(report("up", same))).not.toContain("should be");
  const { verdict: _, ...refreshed } = report("refresh", same);
  expect(textReport(refreshed)).toContain("All 2 resources are in the cloud as they should be.");
});

test("a refresh names what differs, with what the cloud answers besides the inputs, and no secret", () => {
  const server = result("update", "hcloud:index/server:Server", "db-1", {
    inputs: { labels: { group: "x" }, userData: "[secret]" },
    diff: [
      { path: "ipv4Address", before: "192.0.2.1", after: "192.0.2.9" },
      { path: "labels.group", before: "postgres", after: "x" },
      { path: "userData", before: "[secret]", after: "[secret]" },
    ],
  });
  const { verdict: _, ...refreshed } = report("refresh", [result("same", PLATFORM, "local"), server]);
  expect(textReport(refreshed)).toContain(
    [
      "~ changed: hcloud:index/server:Server: db-1",
      "- ipv4Address: 192.0.2.1",
      "+ ipv4Address: 192.0.2.9",
      "- labels.group: postgres",
      "+ labels.group: x",
      "! userData: another one; it is secret, or has secrets in it",
    ].join("\n"),
  );
});

describe("--json", () => {
  const replaced = result("replace", "hcloud:index/server:Server", "db-1", {
    protect: true,
    inputs: { location: "nbg1" },
    diff: [{ path: "location", before: "fsn1", after: "nbg1" }],
    replaceKeys: ["location"],
  });
  const run = report("preview", [platform(), replaced, result("same", "hcloud:index/network:Network", "net")]);
  const read = (
    all: boolean,
  ): { readonly resources: readonly { readonly name: string }[]; readonly sentence?: string } =>
    JSON.parse(jsonReport(run, { all })) as { resources: { name: string }[]; sentence?: string };

  test("has what changes, why it is replaced and what that can cost, and nothing that stays", () => {
    expect(read(false).resources).toEqual([
      expect.objectContaining({ name: "db-1", replaceKeys: ["location"], danger: ["replaces", "losesData"] }),
    ]);
    expect(read(false).sentence).toMatch(/db-1/);
  });

  test("--all: what stays, too", () => {
    expect(read(true).resources.map(({ name }) => name)).toEqual(["local", "db-1", "net"]);
  });
});

describe("while it works", () => {
  const step = (name: string, more: object = {}): EngineEvent => ({
    kind: "step-done",
    urn: `urn:pulumi:local::keybuzz::a:b:Server::${name}`,
    op: "create",
    durationMs: 50,
    ...more,
  });
  const told = (reasons: boolean, ...events: EngineEvent[]): string[] => {
    const lines: string[] = [];
    const stream = { write: (text: string) => lines.push(text.trimEnd()) } as unknown as NodeJS.WritableStream;
    const progress = lineProgress(stream, reasons);
    progress.total(3);
    events.forEach((event) => progress.onEvent(event));
    return lines;
  };

  test("the total of steps stands there", () => {
    expect(told(false, step("a"), step("b", { op: "same" }), step("c"))).toEqual([
      "create Server a (0.1 s; 1 of 3)",
      "create Server c (0.1 s; 2 of 3)",
    ]);
  });

  test("an error is said once: the reason stands in the report, or here where none follows", () => {
    const failed = step("a", { kind: "step-failed", message: "no such type" });
    const diagnostic = {
      kind: "diagnostic",
      diagnostic: { severity: "error", message: "no such type", urn: failed.kind === "step-failed" ? failed.urn : "" },
    } as EngineEvent;
    expect(told(false, failed, diagnostic)).toEqual(["FAILED create Server a after 0.1 s; why is said below"]);
    expect(told(true, failed, diagnostic)).toEqual(["FAILED create Server a after 0.1 s: no such type"]);
  });
});
