import type { AppPlan, ConfigData, MountedFile } from "./appPlan";
import { clusterRole, clusterRoleBinding } from "./clusterRights";
import { renderCron } from "./crons";
import { appLabels } from "./labels";
import type { ConfigMapManifest, ObjectMeta, SecretManifest } from "./manifests";
import { renderClaim } from "./renderClaim";
import { renderFirstAccount, renderMigration } from "./renderMigration";
import { filesName, isFilled } from "./renderPods";
import { withPatch } from "./patchObjects";
import type { RenderedApp, RenderedRights } from "./renderedApp";
import { renderProcess } from "./renderProcess";

export function renderApp(plan: AppPlan): RenderedApp {
  return withPatch(renderPlain(plan), plan.patch);
}

/** As they are before the application's own patch. */
export function renderPlain(plan: AppPlan): RenderedApp {
  const metadata = (name: string): ObjectMeta => ({
    name,
    namespace: plan.namespace,
    labels: { ...appLabels(plan.partOf) },
  });
  const configMap = ({ name, entries }: ConfigData): ConfigMapManifest => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadata(name),
    data: { ...entries },
  });
  const secret = ({ name, entries }: ConfigData, type: Pick<SecretManifest, "type"> = {}): SecretManifest => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadata(name),
    ...type,
    stringData: { ...entries },
  });
  const files = (isSecret: boolean): ConfigData => ({
    name: filesName(plan, isSecret),
    entries: byKey(plan.files.filter((file) => file.secret === isSecret)),
  });
  const directories = (isSecret: boolean): readonly ConfigData[] =>
    plan.directories.filter((one) => one.secret === isSecret).map(({ name, files: entries }) => ({ name, entries }));
  return {
    serviceAccount: {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: metadata(plan.name),
      automountServiceAccountToken: false,
    },
    clusterRights: renderRights(plan),
    configMaps: [plan.configMap, files(false), ...directories(false)].filter(isFilled).map(configMap),
    secrets: [
      ...[plan.secret, files(true), ...[plan.migration, plan.firstAccount].flatMap((job) => job?.secret ?? [])]
        .filter(isFilled)
        .map((data) => secret(data, { type: "Opaque" })),
      // Opaque, too, but there are some that do not say so, and the word alone would replace them.
      ...directories(true).map((data) => secret(data)),
    ],
    claim: plan.volume === undefined ? undefined : renderClaim(plan, plan.volume),
    migration: plan.migration === undefined ? undefined : renderMigration(plan, plan.migration),
    firstAccount: plan.firstAccount === undefined ? undefined : renderFirstAccount(plan, plan.firstAccount),
    processes: plan.processes.map((process) => renderProcess(plan, process)),
    crons: plan.crons.map((cron) => renderCron(plan, cron)),
  };
}

function renderRights(plan: AppPlan): RenderedRights | undefined {
  if (plan.clusterRights.length === 0) return undefined;
  // A name in the whole cluster: with the estate's.
  const name = `keybuzz-${plan.name}`;
  return {
    role: clusterRole(name, plan.partOf, plan.clusterRights),
    binding: clusterRoleBinding(name, plan.partOf, name, plan),
  };
}

function byKey(files: readonly MountedFile[]): Readonly<Record<string, string>> {
  return Object.fromEntries(files.map(({ key, content }) => [key, content]));
}
