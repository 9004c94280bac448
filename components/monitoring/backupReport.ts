import { join } from "node:path";
import { shellScript } from "../machines/shellScript";
import { TEXTFILE_DIRECTORY } from "./hostExporters";
import { BACKUP_METRIC } from "./rules/ruleFacts";

/**
 * Bash for the end of a backup job: reports its success to the monitoring. Without it the alert BackupMissing, and
 * later BackupTooOld, says that there is none.
 *
 * @param name as in the environment's monitoring.backups
 */
export function backupReport(name: string): string {
  return shellScript(join(__dirname, "backupReport.sh"), {
    metric: BACKUP_METRIC,
    backup: name,
    report: `${TEXTFILE_DIRECTORY}/backup-${name}.prom`,
  });
}
