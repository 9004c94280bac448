import type { AppPlan } from "./appPlan";
import { appLabels } from "./labels";
import type {
  ConfigMapManifest,
  Container,
  DisruptionBudgetManifest,
  LabelSelector,
  ObjectMeta,
  PodTemplate,
  SecretManifest,
  ServiceAccountManifest,
  ServiceManifest,
} from "./manifests";
import { renderApp } from "./renderApp";

/** Variable with the pod's own name; values of the process' env may refer to it as "$(POD_NAME)". */
export const POD_NAME = "POD_NAME";

/** An application of one process whose pods keep their names and their volumes: members of a quorum. */
export interface StatefulPlan {
  /** Of one process, without a migration. */
  readonly app: AppPlan;
  /** Name of the Service that gives each pod a name: "<pod>.<headless>.<namespace>.svc". */
  readonly headless: string;
  /** One per pod; kept when the pods or the set are deleted. */
  readonly volume: {
    readonly path: string;
    readonly sizeGb: number;
    /** "local-path": on the disk of the node that the pod was first put on, and there it stays. */
    readonly storageClass: string;
  };
  /** Pods may be not ready for as long as people take: a run does not wait for them. */
  readonly awaitsPeople: boolean;
}

interface AnnotatedMeta extends ObjectMeta {
  annotations?: Record<string, string>;
}

export interface StatefulSetManifest {
  apiVersion: "apps/v1";
  kind: "StatefulSet";
  metadata: AnnotatedMeta;
  spec: {
    serviceName: string;
    replicas: number;
    revisionHistoryLimit: number;
    podManagementPolicy: "Parallel";
    updateStrategy: { type: "OnDelete" };
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain"; whenScaled: "Retain" };
    selector: LabelSelector;
    template: PodTemplate;
    volumeClaimTemplates: {
      metadata: { name: string };
      spec: { storageClassName: string; accessModes: string[]; resources: { requests: { storage: string } } };
    }[];
  };
}

export interface StatefulServiceManifest extends Omit<ServiceManifest, "metadata" | "spec"> {
  metadata: AnnotatedMeta;
  spec: ServiceManifest["spec"] & { clusterIP?: "None"; publishNotReadyAddresses?: true };
}

export interface RenderedStateful {
  readonly serviceAccount: ServiceAccountManifest;
  readonly configMaps: readonly ConfigMapManifest[];
  readonly secrets: readonly SecretManifest[];
  /** Leads to pods that are ready. */
  readonly service: StatefulServiceManifest;
  /** Names all pods, ready or not: members must find each other first. */
  readonly headless: StatefulServiceManifest;
  readonly statefulSet: StatefulSetManifest;
  readonly disruptionBudget: DisruptionBudgetManifest | undefined;
}

const VOLUME = "data";
/** Pulumi's own annotation: registered is enough. */
const SKIP_AWAIT = { "pulumi.com/skipAwait": "true" };

/** Turns the application's one Deployment into a StatefulSet; everything else of the application is as ever. */
export function renderStateful(plan: StatefulPlan): RenderedStateful {
  const { serviceAccount, configMaps, secrets, processes } = renderApp(plan.app);
  const [process] = processes;
  if (process?.service === undefined) throw new Error(`${plan.app.name} has no process with a port`);
  const { deployment, service, disruptionBudget } = process;
  const metadata: AnnotatedMeta = {
    ...deployment.metadata,
    ...(plan.awaitsPeople ? { annotations: { ...SKIP_AWAIT } } : {}),
  };
  const { selector, template, revisionHistoryLimit } = deployment.spec;
  return {
    serviceAccount,
    configMaps,
    secrets,
    service: { ...service, metadata },
    headless: {
      ...service,
      metadata: {
        ...metadata,
        name: plan.headless,
        // Without the label by which the pods are found: this one is not the way for clients.
        labels: { ...appLabels(plan.app.name) },
      },
      spec: { ...service.spec, clusterIP: "None", publishNotReadyAddresses: true },
    },
    statefulSet: {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata,
      spec: {
        serviceName: plan.headless,
        replicas: deployment.spec.replicas ?? 1,
        revisionHistoryLimit,
        // Members are started together: the first is not ready before a second answers it.
        podManagementPolicy: "Parallel",
        updateStrategy: { type: "OnDelete" },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        selector,
        template: statefulTemplate(template, selector, plan),
        volumeClaimTemplates: [
          {
            metadata: { name: VOLUME },
            spec: {
              storageClassName: plan.volume.storageClass,
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: `${plan.volume.sizeGb}Gi` } },
            },
          },
        ],
      },
    },
    disruptionBudget,
  };
}

function statefulTemplate(template: PodTemplate, selector: LabelSelector, { volume }: StatefulPlan): PodTemplate {
  // Spreading is not enough for a quorum: never two members on one node.
  const { topologySpreadConstraints: _spread, affinity, containers, ...spec } = template.spec;
  return {
    ...template,
    spec: {
      ...spec,
      affinity: {
        ...affinity,
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: "kubernetes.io/hostname", labelSelector: selector },
          ],
        },
      },
      containers: containers.map((container): Container => ({
        ...container,
        env: [
          // Before those that refer to it.
          { name: POD_NAME, valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          ...(container.env ?? []),
        ],
        volumeMounts: [{ name: VOLUME, mountPath: volume.path }, ...container.volumeMounts],
      })),
    },
  };
}
