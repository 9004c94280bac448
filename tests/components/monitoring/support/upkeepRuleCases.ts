import { type RuleCase } from "./ruleCase";

const expiry = 'probe_ssl_earliest_cert_expiry{job="probe-web", instance="https://10.0.0.5/"}';
const CERTIFICATE = { job: "probe-web", instance: "https://10.0.0.5/" };
const DAY = 86_400;
/** How many requests came with a certificate that has no more than so many seconds left. */
const left = (seconds: string): string =>
  `apiserver_client_certificate_expiration_seconds_bucket{job="kubernetes-api", le="${seconds}"}`;

const pending = (kind: string): string => `keybuzz_pending_updates{machine="db-01", kind="${kind}"}`;

/** Certificates, backups, and the monitoring itself. */
export const UPKEEP_RULE_CASES: Readonly<Record<string, RuleCase>> = {
  CertificateExpires: {
    at: "2h",
    interval: "5m",
    fires: { [expiry]: `${20 * DAY}x60` },
    labels: CERTIFICATE,
    silent: { [expiry]: `${22 * DAY}x60` },
  },
  CertificateExpiresNow: {
    at: "10m",
    fires: { [expiry]: `${3 * DAY}x40` },
    labels: CERTIFICATE,
    silent: { [expiry]: `${5 * DAY}x40` },
  },
  ClusterCredentialExpires: {
    at: "2h",
    interval: "5m",
    fires: { [left("2.592e+06")]: "0x10 1x60", [left("604800")]: "0x60" },
    labels: {},
    silent: { [left("2.592e+06")]: "7x60", [left("7.776e+06")]: "0x10 9x60" },
  },
  ClusterCredentialExpiresNow: {
    at: "2h",
    interval: "5m",
    fires: { [left("604800")]: "0x10 1x60" },
    labels: {},
    silent: { [left("604800")]: "7x60", [left("2.592e+06")]: "0x10 9x60" },
  },
  SecurityUpdatesPending: {
    at: "50h",
    interval: "1h",
    fires: { [pending("security")]: "3x60" },
    labels: { machine: "db-01", kind: "security" },
    // Those of each day are taken within it.
    silent: { [pending("security")]: "3x20 0x10 2x30" },
  },
  KeptUpdatesPending: {
    at: "26h",
    interval: "1h",
    fires: { [pending("kept")]: "1x40" },
    labels: { machine: "db-01", kind: "kept" },
    silent: { [pending("kept")]: "0x40", [pending("security")]: "4x40" },
  },
  RebootPending: {
    at: "26h",
    interval: "1h",
    fires: { 'keybuzz_reboot_required{machine="db-01"}': "1x40" },
    labels: { machine: "db-01" },
    silent: { 'keybuzz_reboot_required{machine="db-01"}': "1x10 0x30" },
  },
  UpdatesUnread: {
    at: "8h",
    interval: "5m",
    fires: { 'keybuzz_updates_read_timestamp_seconds{machine="db-01"}': "60x200" },
    labels: { machine: "db-01" },
    silent: { 'keybuzz_updates_read_timestamp_seconds{machine="db-01"}': "60+300x200" },
  },
  BackupTooOld: {
    at: "27h",
    interval: "10m",
    fires: { 'keybuzz_backup_last_success_timestamp_seconds{backup="postgres", machine="db-slave-01"}': "600x200" },
    labels: { backup: "postgres" },
    // Another member made the newest one.
    silent: {
      'keybuzz_backup_last_success_timestamp_seconds{backup="postgres", machine="db-slave-01"}': "600x200",
      'keybuzz_backup_last_success_timestamp_seconds{backup="postgres", machine="db-slave-02"}': "_x90 54000x110",
    },
  },
  BackupMissing: {
    at: "2h",
    interval: "5m",
    fires: { 'keybuzz_backup_last_success_timestamp_seconds{backup="mariadb", machine="maria-01"}': "600x60" },
    labels: { backup: "postgres" },
    silent: {
      'keybuzz_backup_last_success_timestamp_seconds{backup="mariadb", machine="maria-01"}': "600x60",
      'keybuzz_backup_last_success_timestamp_seconds{backup="postgres", machine="db-slave-01"}': "600x60",
    },
  },

  TargetDown: {
    at: "10m",
    fires: { 'up{job="redis", instance="10.0.0.123:9121", machine="redis-01"}': "0x40" },
    labels: { job: "redis", instance: "10.0.0.123:9121", machine: "redis-01" },
    silent: {
      'up{job="redis", instance="10.0.0.123:9121", machine="redis-01"}': "1x40",
      // Those have an alert of their own.
      'up{job="node", instance="10.0.0.123:9100", machine="redis-01"}': "0x40",
    },
  },
  RulesFail: {
    at: "10m",
    fires: { 'prometheus_rule_evaluation_failures_total{rule_group="postgres"}': "0+1x40" },
    labels: { rule_group: "postgres" },
    silent: { 'prometheus_rule_evaluation_failures_total{rule_group="postgres"}': "4x40" },
  },
  ConfigurationRefused: {
    at: "10m",
    fires: { 'prometheus_config_last_reload_successful{job="prometheus"}': "1 1 0x40" },
    labels: { job: "prometheus" },
    // A file that was half there for a moment.
    silent: { 'prometheus_config_last_reload_successful{job="prometheus"}': "1 0 0 1x40" },
  },
  AlertsUndelivered: {
    at: "12m",
    fires: { 'alertmanager_notifications_failed_total{integration="slack"}': "0+1x40" },
    labels: { integration: "slack" },
    silent: { 'alertmanager_notifications_failed_total{integration="slack"}': "2x40" },
  },
};
