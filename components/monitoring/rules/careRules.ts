import type { RuleGroup } from "../alertRule";
import { BACKUP_METRIC, type RuleFacts } from "./ruleFacts";

const DAY = 24 * 3600;

/** What goes wrong only because nobody looked: certificates, backups, and the monitoring itself. */
export function careRules({ backups }: RuleFacts): readonly RuleGroup[] {
  return [certificates(), updates(), ...(backups.length === 0 ? [] : [backupRules(backups)]), itself()];
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
      {
        alert: "ClusterCredentialExpires",
        expr: clientsWithin("2.592e[+]06|2592000(.0)?"),
        holds: "5m",
        severity: "warning",
        summary: "Somebody reaches the Kubernetes API with a client certificate that ends within 30 days",
        runbook:
          "`pulumi stack output kubeconfigEnds` tells those that the program made: `up` renews them, and people fetch theirs anew (docs/operate.md, Reach it). On a node `k3s certificate check`; if k3s-renew-certificates failed there, its journal says why. The audit log on the servers names the user.",
      },
      {
        alert: "ClusterCredentialExpiresNow",
        expr: clientsWithin("604800(.0)?"),
        holds: "5m",
        severity: "critical",
        summary: "Somebody reaches the Kubernetes API with a client certificate that ends within 7 days, or has ended",
        runbook: "As for ClusterCredentialExpires, today. After the end of the program's own, `up` still renews it.",
      },
    ],
  };
}

function updates(): RuleGroup {
  return {
    name: "updates",
    rules: [
      {
        alert: "SecurityUpdatesPending",
        expr: 'keybuzz_pending_updates{kind="security"} > 0',
        holds: "2d",
        severity: "warning",
        summary:
          "Security updates wait on {{ $labels.machine }} for two days, which unattended upgrades should have taken",
        runbook:
          "`apt list --upgradable`; `journalctl -u apt-daily-upgrade` and /var/log/unattended-upgrades say why they stay. By hand: `unattended-upgrade -v`.",
      },
      {
        alert: "KeptUpdatesPending",
        expr: 'keybuzz_pending_updates{kind="kept"} > 0',
        holds: "1d",
        severity: "warning",
        summary: "Daemons of {{ $labels.machine }} that nobody upgrades by himself have newer versions",
        runbook:
          "`apt list --upgradable` names them. Read what they mend; then as in docs/operate.md, Security updates: one member after the other, replicas first.",
      },
      {
        alert: "RebootPending",
        expr: "keybuzz_reboot_required > 0",
        holds: "1d",
        severity: "warning",
        summary: "{{ $labels.machine }} runs a kernel or libraries that have been replaced on its disk",
        runbook:
          "/run/reboot-required.pkgs names what asks for it. One machine at a time, its cluster whole before and after: docs/operate.md, Security updates.",
      },
      {
        alert: "UpdatesUnread",
        expr: "time() - keybuzz_updates_read_timestamp_seconds > 6 * 3600",
        holds: "10m",
        severity: "warning",
        summary: "Nobody looks on {{ $labels.machine }} whether updates are pending",
        runbook: "`journalctl -u keybuzz-pending-updates`.",
      },
    ],
  };
}

/** @param bucket of the time that is left to clients' certificates, as kube-apiserver counts it; both ways of writing it. */
function clientsWithin(bucket: string): string {
  const left = `apiserver_client_certificate_expiration_seconds_bucket{job="kubernetes-api", le=~"${bucket}"}`;
  return `sum(increase(${left}[1d])) > 0`;
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
        alert: "ConfigurationRefused",
        expr: "prometheus_config_last_reload_successful == 0",
        holds: "5m",
        severity: "critical",
        summary: "Prometheus refuses its new configuration, and runs with the one before",
        runbook:
          "`kubectl -n monitoring logs prometheus-0` names the file and the line; `npm run test:real -- checkers` runs promtool over what the program renders. Mend it and run `up`: it is read within three minutes.",
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
