import type { AppPlan, ConfigData, MountedFile } from "./appPlan";
import { appLabels } from "./labels";
import type {
  ClaimManifest,
  ConfigMapManifest,
  JobManifest,
  ObjectMeta,
  SecretManifest,
  ServiceAccountManifest,
} from "./manifests";
import { renderClaim } from "./renderClaim";
import { renderMigration } from "./renderMigration";
import { filesName, isFilled } from "./renderPods";
import { renderProcess, type RenderedProcess } from "./renderProcess";

/** Every Kubernetes object of an application, as plain data. Secrets still hold placeholders. */
export interface RenderedApp {
  readonly serviceAccount: ServiceAccountManifest;
  readonly configMaps: readonly ConfigMapManifest[];
  readonly secrets: readonly SecretManifest[];
  /** Of the shared volume. */
  readonly claim: ClaimManifest | undefined;
  readonly migration: JobManifest | undefined;
  readonly processes: readonly RenderedProcess[];
}

export function renderApp(plan: AppPlan): RenderedApp {
  const metadata = (name: string): ObjectMeta => ({
    name,
    namespace: plan.namespace,
    labels: { ...appLabels(plan.name) },
  });
  const configMap = ({ name, entries }: ConfigData): ConfigMapManifest => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadata(name),
    data: { ...entries },
  });
  const secret = ({ name, entries }: ConfigData): SecretManifest => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadata(name),
    type: "Opaque",
    stringData: { ...entries },
  });
  const files = (isSecret: boolean): ConfigData => ({
    name: filesName(plan, isSecret),
    entries: byKey(plan.files.filter((file) => file.secret === isSecret)),
  });
  return {
    serviceAccount: {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: metadata(plan.name),
      automountServiceAccountToken: false,
    },
    configMaps: [plan.configMap, files(false)].filter(isFilled).map(configMap),
    secrets: [plan.secret, files(true), ...(plan.migration === undefined ? [] : [plan.migration.secret])]
      .filter(isFilled)
      .map(secret),
    claim: plan.volume === undefined ? undefined : renderClaim(plan, plan.volume),
    migration: plan.migration === undefined ? undefined : renderMigration(plan, plan.migration),
    processes: plan.processes.map((process) => renderProcess(plan, process)),
  };
}

function byKey(files: readonly MountedFile[]): Readonly<Record<string, string>> {
  return Object.fromEntries(files.map(({ key, content }) => [key, content]));
}
