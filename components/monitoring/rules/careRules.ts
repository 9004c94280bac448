import type { RuleGroup } from "../alertRule";
import { BACKUP_METRIC, type RuleFacts } from "./ruleFacts";

const DAY = 24 * 3600;

/** What goes wrong only because nobody looked: certificates, backups, and the monitoring itself. */
export function careRules({ backups }: RuleFacts): readonly RuleGroup[] {
  return [certificates(), ...(backups.length === 0 ? [] : [backupRules(backups)]), itself()];
}

function certificates(): RuleGroup {
  const left = "probe_ssl_earliest_cert_expiry - time()";
  return {
    name: "certificates",
    rules: [
      {
        alert: "CertificateExpires",
        expr: `${left} < 21 * ${DAY}`,
        holds: "1h",
        severity: "warning",
        summary: "The certificate at {{ $labels.instance }} ({{ $labels.job }}) ends within 21 days",
        runbook:
          "probe-web: Hetzner renews 30 days before; it did not, so look at the zone's delegation. probe-kubernetes: restart K3s server by server, it renews its own. probe-postgres: run `up`, which signs anew.",
      },
      {
        alert: "CertificateExpiresNow",
        expr: `${left} < 4 * ${DAY}`,
        holds: "5m",
        severity: "critical",
        summary: "The certificate at {{ $labels.instance }} ({{ $labels.job }}) ends within 4 days",
        runbook: "As for CertificateExpires, today.",
      },
    ],
  };
}

function backupRules(backups: RuleFacts["backups"]): RuleGroup {
  const series = (name: string): string => `${BACKUP_METRIC}{backup="${name}"}`;
  return {
    name: "backups",
    rules: [
      {
        alert: "BackupTooOld",
        expr: backups
          .map(({ name, maximumAgeHours }) => `time() - max by (backup) (${series(name)}) > ${maximumAgeHours} * 3600`)
          .join(" or "),
        holds: "10m",
        severity: "critical",
        summary: "The last good backup of {{ $labels.backup }} is too old",
        runbook: "The job's timer and journal on its machine; the object store's space; then run the job by hand.",
      },
      {
        alert: "BackupMissing",
        expr: backups.map(({ name }) => `absent(${series(name)})`).join(" or "),
        holds: "1h",
        severity: "critical",
        summary: "There is no report of any backup of {{ $labels.backup }}",
        runbook: "It has never run, or its report was lost with its machine.",
      },
    ],
  };
}

function itself(): RuleGroup {
  return {
    name: "monitoring",
    rules: [
      {
        alert: "TargetDown",
        expr: 'up{job!~"node|haproxy|object-store"} == 0',
        holds: "5m",
        severity: "warning",
        summary: "{{ $labels.job }} at {{ $labels.instance }} cannot be read",
        runbook: "Its exporter, and the flow from prometheus: `npm run explain -- --from prometheus --to HOST:PORT`.",
      },
      {
        alert: "RulesFail",
        expr: "increase(prometheus_rule_evaluation_failures_total[15m]) > 0",
        holds: "5m",
        severity: "warning",
        summary: "Prometheus cannot evaluate rules of {{ $labels.rule_group }}",
        runbook: "Its log names the rule and the reason, most often two series where one was expected.",
      },
      {
        alert: "AlertsUndelivered",
        expr: "rate(alertmanager_notifications_failed_total[5m]) > 0 or rate(prometheus_notifications_dropped_total[5m]) > 0",
        holds: "5m",
        severity: "critical",
        summary: "Alerts do not reach anybody",
        runbook: "Alertmanager's log; the webhook's address in the configuration (alertWebhookUrl).",
      },
    ],
  };
}
