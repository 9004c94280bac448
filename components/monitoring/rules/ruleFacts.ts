/** What the rules must know of the plan: how many of each there must be. Absent: the estate has none. */
export interface RuleFacts {
  readonly nodes: number;
  readonly servers: number;
  readonly postgres?: number;
  readonly redis?: number;
  readonly rabbitmq?: number;
  readonly mariadb?: number;
  readonly objectStore?: number;
  /** Members of Vault. */
  readonly vault?: number;
  readonly backups: readonly ExpectedBackup[];
  /** Its figures are there to be judged. */
  readonly ingressNginx: boolean;
}

/**
 * A backup that some job makes regularly. It reports by a file in node-exporter's textfile directory with
 * `keybuzz_backup_last_success_timestamp_seconds{backup="<name>"} <unix seconds>`; see `backupReport`.
 */
export interface ExpectedBackup {
  readonly name: string;
  /** Older than this is an alert. */
  readonly maximumAgeHours: number;
}

export const BACKUP_METRIC = "keybuzz_backup_last_success_timestamp_seconds";
