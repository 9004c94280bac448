import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { rulesFile, type AlertRule } from "../../../components/monitoring/alertRule";
import { allDashboards } from "../../../components/monitoring/dashboards/allDashboards";
import { allRules } from "../../../components/monitoring/rules/allRules";
import { monitoringApps } from "../../../components/monitoring/objects/monitoringApps";
import { check, findChecker } from "./support/promtool";
import { RULE_CASES, type RuleCase, type SeriesValues } from "./support/ruleCases";
import { watchedEstate } from "./support/watchedEstate";

const { monitoring } = watchedEstate();
const rules = monitoring.rules.flatMap((group) => group.rules);
const dir = mkdtempSync(join(tmpdir(), "keybuzz-monitoring-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const promtool = findChecker("promtool");
const amtool = findChecker("amtool");
const withPromtool = promtool === undefined ? test.skip : test;
const withAmtool = amtool === undefined ? test.skip : test;

/** Templates as far as our rules use them. */
function annotated(text: string, labels: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_all, name: string) => labels[name] ?? "");
}

function unitTest(rule: AlertRule, of: RuleCase, series: SeriesValues, fires: boolean): unknown {
  const expected = {
    exp_labels: { severity: rule.severity, ...of.labels },
    exp_annotations: { summary: annotated(rule.summary, of.labels), runbook: annotated(rule.runbook, of.labels) },
  };
  return {
    name: `${rule.alert} ${fires ? "fires" : "stays silent"}`,
    interval: of.interval ?? "30s",
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [{ eval_time: of.at, alertname: rule.alert, exp_alerts: fires ? [expected] : [] }],
  };
}

describe("rules", () => {
  test("each has one name, a summary, a runbook, and two cases", () => {
    const names = rules.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(RULE_CASES).sort()).toEqual([...names].sort());
    for (const { summary, runbook } of rules) {
      expect(summary.length).toBeGreaterThan(15);
      expect(runbook.length).toBeGreaterThan(15);
      expect(summary + runbook).not.toContain("$value");
    }
  });

  test("an estate with single members has no quorum to lose, and no rules for what it lacks", () => {
    const names = allRules({ nodes: 2, servers: 1, postgres: 1, redis: 1, backups: [] }).flatMap((group) =>
      group.rules.map(({ alert }) => alert),
    );
    expect(names.filter((name) => /Quorum|Rabbit|Galera|Backup|ObjectStore/.test(name))).toEqual([]);
    expect(names).toContain("PostgresNoLeader");
  });

  withPromtool("promtool accepts them", () => {
    const files = monitoring.rules.map((group) => {
      const file = join(dir, `${group.name}.yml`);
      writeFileSync(file, rulesFile([group]));
      return file;
    });
    expect(check(promtool ?? "", ["check", "rules", "--lint-fatal", ...files])).toMatchObject({ ok: true });
  });

  withPromtool("promtool refuses a broken one", () => {
    const file = join(dir, "broken.yml");
    writeFileSync(file, rulesFile([{ name: "broken", rules: [{ ...rules[0]!, expr: "sum(up" }] }]));
    expect(check(promtool ?? "", ["check", "rules", file]).ok).toBe(false);
  });

  // One run for all: promtool names each test that fails.
  withPromtool(
    "each fires when it must, and stays silent when all is well",
    () => {
      const file = join(dir, "all.yml");
      writeFileSync(file, rulesFile(monitoring.rules));
      const tests = rules.flatMap((rule) => {
        const of = RULE_CASES[rule.alert];
        if (of === undefined) throw new Error(`no case for ${rule.alert}`);
        return [unitTest(rule, of, of.fires, true), unitTest(rule, of, of.silent, false)];
      });
      const testFile = join(dir, "tests.yml");
      writeFileSync(testFile, stringify({ rule_files: [file], evaluation_interval: "30s", tests }, { lineWidth: 0 }));
      const { ok, text } = check(promtool ?? "", ["test", "rules", testFile]);
      expect(ok ? "" : text).toBe("");
      expect(tests).toHaveLength(2 * rules.length);
    },
    120_000,
  );

  // A case that cannot fail proves nothing: told the opposite, promtool must object to every single one.
  withPromtool(
    "promtool objects when told the opposite",
    () => {
      const file = join(dir, "opposite-rules.yml");
      writeFileSync(file, rulesFile(monitoring.rules));
      const tests = rules.flatMap((rule) => {
        const of = RULE_CASES[rule.alert];
        return of === undefined ? [] : [unitTest(rule, of, of.silent, true), unitTest(rule, of, of.fires, false)];
      });
      const testFile = join(dir, "opposite.yml");
      writeFileSync(testFile, stringify({ rule_files: [file], evaluation_interval: "30s", tests }, { lineWidth: 0 }));
      const { ok, text } = check(promtool ?? "", ["test", "rules", testFile]);
      expect(ok).toBe(false);
      expect(text.match(/alertname: ?\w+/g) ?? []).toHaveLength(tests.length);
    },
    120_000,
  );
});

describe("configurations", () => {
  const file = (map: string, key: string): string => {
    const found = monitoringApps(monitoring)
      .flatMap(({ configMaps }) => configMaps)
      .find(({ metadata }) => metadata.name === map)?.data[key];
    if (found === undefined) throw new Error(`no ${key} in ${map}`);
    return found;
  };

  withPromtool("promtool accepts prometheus.yml", () => {
    const path = join(dir, "prometheus.yml");
    // The files that it names are in the pod only.
    writeFileSync(path, file("prometheus-config", "prometheus.yml"));
    expect(check(promtool ?? "", ["check", "config", "--syntax-only", path])).toMatchObject({ ok: true });
  });

  withAmtool("amtool accepts alertmanager.yml", () => {
    const path = join(dir, "alertmanager.yml");
    writeFileSync(path, file("alertmanager-config", "alertmanager.yml"));
    expect(check(amtool ?? "", ["check-config", path])).toMatchObject({ ok: true });
  });

  withPromtool("every expression of every dashboard is PromQL", () => {
    const expressions = allDashboards(monitoring.args).flatMap(({ uid, panels }) =>
      panels.flatMap(({ queries }, panel) => queries.map(({ expr }, query) => ({ uid, panel, query, expr }))),
    );
    const recorded = expressions.map(({ uid, panel, query, expr }) => ({
      record: `${uid}:${panel}:${query}`.replaceAll("-", "_"),
      expr,
    }));
    mkdirSync(join(dir, "dashboards"));
    const path = join(dir, "dashboards", "expressions.yml");
    writeFileSync(path, stringify({ groups: [{ name: "dashboards", rules: recorded }] }, { lineWidth: 0 }));
    expect(recorded.length).toBeGreaterThan(50);
    expect(check(promtool ?? "", ["check", "rules", path])).toMatchObject({ ok: true });
  });
});
