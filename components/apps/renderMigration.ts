import type { AppPlan, MigrationPlan } from "./appPlan";
import { contentChecksum } from "./checksum";
import { appLabels, FIRST_ACCOUNT, REPLACE_UNREADY } from "./labels";
import type { JobManifest } from "./manifests";
import { DEFAULT_PLACEMENT } from "./planProcess";
import { renderPlacement } from "./renderPlacement";
import { renderPodTemplate } from "./renderPods";

/**
 * The migration's Job. Its name ends in a hash of everything that it runs with (image, command, configuration,
 * limits; a Job cannot be changed in place), so that it runs again exactly when one of these changes. Secrets
 * count by name: a new password does not repeat a migration. It has no ttlSecondsAfterFinished: the finished
 * Job is the memory that it ran.
 */
export function renderMigration(plan: AppPlan, migration: MigrationPlan): JobManifest {
  return renderJob(plan, migration, {});
}

/** The Job that makes the first account: like a migration, with a word for whoever asks why a route may be open. */
export function renderFirstAccount(plan: AppPlan, firstAccount: MigrationPlan): JobManifest {
  return renderJob(plan, firstAccount, { [FIRST_ACCOUNT]: plan.name });
}

function renderJob(
  plan: AppPlan,
  migration: MigrationPlan,
  annotations: Readonly<Record<string, string>>,
): JobManifest {
  const spec: JobManifest["spec"] = {
    backoffLimit: migration.retries,
    activeDeadlineSeconds: migration.timeoutSeconds,
    template: renderPodTemplate(plan, {
      name: migration.name,
      command: migration.command,
      env: migration.env,
      secret: migration.secret,
      resources: migration.resources,
      placement: renderPlacement(DEFAULT_PLACEMENT),
      pod: { restartPolicy: "Never" },
    }),
  };
  const hash = contentChecksum([
    spec,
    plan.configMap.entries,
    plan.secret.entries,
    migration.secret.entries,
    plan.files,
  ]).slice(0, 8);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `${migration.name}-${hash}`,
      namespace: plan.namespace,
      labels: { ...appLabels(plan.partOf) },
      annotations: { ...REPLACE_UNREADY, ...annotations },
    },
    spec,
  };
}
