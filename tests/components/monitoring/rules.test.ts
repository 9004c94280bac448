import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { rulesFile, type AlertRule } from "../../../components/monitoring/alertRule";
import { allDashboards } from "../../../components/monitoring/dashboards/allDashboards";
import { allRules } from "../../../components/monitoring/rules/allRules";
import { renderApp } from "../../../components/apps/renderApp";
import { check, findChecker } from "../../support/checkers";
import type { RuleCase, SeriesValues } from "./support/ruleCase";
import { RULE_CASES } from "./support/ruleCases";
import { watchedEstate } from "./support/watchedEstate";

const { monitoring, apps } = watchedEstate();
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

/** Expects the case to fire, or not. */
function unitTest(rule: AlertRule, of: RuleCase, series: SeriesValues, fires: boolean): unknown {
  const expected = {
    exp_labels: { severity: rule.severity, ...of.labels },
    exp_annotations: { summary: annotated(rule.summary, of.labels), runbook: annotated(rule.runbook, of.labels) },
  };
  return {
    interval: of.interval ?? "30s",
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [{ eval_time: of.at, alertname: rule.alert, exp_alerts: fires ? [expected] : [] }],
  };
}

/** A file with the rule alone and one of tests for it: evaluating all rules for every case would take minutes. */
function testFile(rule: AlertRule, name: string, tests: (of: RuleCase) => readonly unknown[]): string {
  const of = RULE_CASES[rule.alert];
  if (of === undefined) throw new Error(`no case for ${rule.alert}`);
  const rulePath = join(dir, `${name}-${rule.alert}.rule.yml`);
  writeFileSync(rulePath, rulesFile([{ name: "one", rules: [rule] }]));
  const path = join(dir, `${name}-${rule.alert}.test.yml`);
  const interval = of.interval ?? "30s";
  writeFileSync(
    path,
    stringify({ rule_files: [rulePath], evaluation_interval: interval, tests: tests(of) }, { lineWidth: 0 }),
  );
  return path;
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
    const facts = { nodes: 2, servers: 1, postgres: 1, redis: 1, backups: [], ingressNginx: true };
    const names = allRules(facts).flatMap((group) => group.rules.map(({ alert }) => alert));
    expect(names.filter((name) => /Quorum|Rabbit|Galera|Backup|ObjectStore/.test(name))).toEqual([]);
    expect(names).toContain("PostgresNoLeader");
  });

  test("without ingress-nginx no rule asks for its figures: it would never fire", () => {
    const exprs = (ingressNginx: boolean): readonly string[] =>
      allRules({ nodes: 2, servers: 1, backups: [], ingressNginx }).flatMap((group) =>
        group.rules.map(({ expr }) => expr),
      );
    expect(exprs(true).join()).toContain("nginx_ingress_controller_");
    expect(exprs(false).join()).not.toContain("nginx_ingress_controller_");
    expect(exprs(false).join()).toContain('namespace="ingress-nginx"');
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
      const files = rules.map((rule) =>
        testFile(rule, "cases", (of) => [unitTest(rule, of, of.fires, true), unitTest(rule, of, of.silent, false)]),
      );
      const { ok, text } = check(promtool ?? "", ["test", "rules", ...files]);
      expect(ok ? "" : text).toBe("");
    },
    600_000,
  );

  // A case that cannot fail proves nothing: told the opposite, promtool must object to every single one.
  withPromtool(
    "promtool objects when told the opposite",
    () => {
      const files = rules.flatMap((rule) => [
        testFile(rule, "not-silent", (of) => [unitTest(rule, of, of.silent, true)]),
        testFile(rule, "not-firing", (of) => [unitTest(rule, of, of.fires, false)]),
      ]);
      const { text } = check(promtool ?? "", ["test", "rules", ...files]);
      expect(text.match(/FAILED:/g) ?? []).toHaveLength(files.length);
    },
    600_000,
  );
});

describe("configurations", () => {
  const file = (map: string, key: string): string => {
    const found = apps.flatMap((app) => renderApp(app).configMaps).find(({ metadata }) => metadata.name === map)?.data[
      key
    ];
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
