import { TEXTFILE_DIRECTORY } from "./hostExporters";
import { BACKUP_METRIC } from "./rules/ruleFacts";

/**
 * Bash for the end of a backup job: reports its success to the monitoring. Without it the alert BackupMissing, and
 * later BackupTooOld, says that there is none.
 *
 * @param name as in the environment's monitoring.backups
 */
export function backupReport(name: string): readonly string[] {
  const file = `${TEXTFILE_DIRECTORY}/backup-${name}.prom`;
  return [
    `printf '# TYPE ${BACKUP_METRIC} gauge\\n${BACKUP_METRIC}{backup="${name}"} %s\\n' "$(date +%s)" >${file}.new`,
    `chmod 0644 ${file}.new`,
    `mv ${file}.new ${file}`,
  ];
}
