import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { secretChecksum } from "../apps/checksum";
import { SECRET_CHECKSUM } from "../apps/renderPods";
import type { SecretResolver } from "../secrets/secretResolver";
import type { MonitoringService } from "./monitoringService";
import type { MonitoringApp, PodTemplate } from "./objects/monitoringApp";
import { monitoringApps } from "./objects/monitoringApps";

export interface MonitoringArgs {
  readonly service: MonitoringService;
  readonly provider: k8s.Provider;
  readonly secrets: SecretResolver;
}

/**
 * Prometheus, Alertmanager, Grafana and what they read in the cluster. Exporters on other machines come with those
 * (MonitoringService.fragment). Namespaces and NetworkPolicies are not made here: name them in `dependsOn`.
 *
 * @example
 * new Monitoring("monitoring", { service: plan.monitoring, provider, secrets }, { dependsOn: [...policies.ready] });
 */
export class Monitoring extends pulumi.ComponentResource {
  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:monitoring:Monitoring", name, {}, opts);
    const own = { parent: this, provider: args.provider };
    for (const app of monitoringApps(args.service)) this.#register(app, args, own);
    this.registerOutputs();
  }

  #register(app: MonitoringApp, args: MonitoringArgs, own: pulumi.CustomResourceOptions): void {
    const { name, clusterRules, workload, service } = app;
    const account = new k8s.core.v1.ServiceAccount(`${name}-account`, app.account, own);
    const needed: pulumi.Resource[] = [
      account,
      ...app.configMaps.map((map) => new k8s.core.v1.ConfigMap(map.metadata.name, map, own)),
      ...app.secrets.map(({ metadata, stringData }) => {
        const resolved = Object.fromEntries(
          Object.entries(stringData).map(([key, text]) => [key, args.secrets.resolve(text)]),
        );
        return new k8s.core.v1.Secret(metadata.name, { metadata, stringData: resolved }, own);
      }),
      ...(clusterRules.length === 0 ? [] : clusterRights(app, own)),
    ];
    // Nothing waits for it: it is ready once its pods are.
    if (service !== undefined) new k8s.core.v1.Service(`${name}-service`, service, own);
    const ready = { ...own, dependsOn: needed };
    const checksum = checksumOf(app, args);
    switch (workload.kind) {
      case "StatefulSet": {
        const { metadata, spec } = workload.manifest;
        const template = rolledBy(spec.template, checksum);
        new k8s.apps.v1.StatefulSet(`${name}-statefulset`, { metadata, spec: { ...spec, template } }, ready);
        break;
      }
      case "Deployment": {
        const { metadata, spec } = workload.manifest;
        const template = rolledBy(spec.template, checksum);
        new k8s.apps.v1.Deployment(`${name}-deployment`, { metadata, spec: { ...spec, template } }, ready);
        break;
      }
      case "DaemonSet":
        new k8s.apps.v1.DaemonSet(`${name}-daemonset`, workload.manifest, ready);
        break;
    }
  }
}

function clusterRights(app: MonitoringApp, own: pulumi.CustomResourceOptions): readonly pulumi.Resource[] {
  const { metadata } = app.account;
  // Cluster-wide names: with the part that they belong to.
  const clusterWide = { name: `keybuzz-${app.name}`, labels: metadata.labels };
  return [
    new k8s.rbac.v1.ClusterRole(
      `${app.name}-cluster-role`,
      { metadata: clusterWide, rules: [...app.clusterRules] },
      own,
    ),
    new k8s.rbac.v1.ClusterRoleBinding(
      `${app.name}-cluster-role-binding`,
      {
        metadata: clusterWide,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: clusterWide.name },
        subjects: [{ kind: "ServiceAccount", name: metadata.name, namespace: metadata.namespace }],
      },
      own,
    ),
  ];
}

/** Shown in the clear, so that a preview says why pods are replaced; see secretChecksum for why that is safe. */
function checksumOf(app: MonitoringApp, { service, secrets }: MonitoringArgs): pulumi.Output<string> | undefined {
  const texts = app.secrets.flatMap(({ stringData }) => Object.entries(stringData));
  if (texts.length === 0) return undefined;
  const values = Object.fromEntries(texts.map(([key, text]) => [key, secrets.resolve(text)]));
  return pulumi.unsecret(
    pulumi
      .all([secrets.resolve(service.checksumKey), pulumi.all(values)])
      .apply(([key, resolved]) => secretChecksum(key, resolved)),
  );
}

function rolledBy(
  template: PodTemplate,
  checksum: pulumi.Output<string> | undefined,
): k8s.types.input.core.v1.PodTemplateSpec {
  if (checksum === undefined) return template;
  const { metadata, spec } = template;
  return { metadata: { ...metadata, annotations: { ...metadata.annotations, [SECRET_CHECKSUM]: checksum } }, spec };
}
