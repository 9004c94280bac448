import { podLabels, type Pods } from "../topology/party";

/** The label of nodes that says what they are kept for: "general", "ai" or "monitoring". The cluster sets it. */
export const DUTY_LABEL = "keybuzz.io/duty";

type Labels = Readonly<Record<string, string>>;

/** The party that the pods of one process, or of a migration, are in the topology. */
export function processPods(namespace: string, process: string): Pods {
  return { kind: "pods", namespace, app: process };
}

/** What Services, budgets and NetworkPolicies select: exactly what the topology says. */
export function selectorLabels(namespace: string, process: string): Labels {
  return podLabels(processPods(namespace, process));
}

/** On every object of an application. */
export function appLabels(app: string): Labels {
  return { "app.kubernetes.io/part-of": app, "app.kubernetes.io/managed-by": "pulumi" };
}

/** Pulumi's annotation on what a run does not wait for: registered is enough. */
export const SKIP_AWAIT = { "pulumi.com/skipAwait": "true" } as const;

/**
 * Pulumi's annotation on a Job that is made anew when it has failed: a Job never runs again by itself, and without a
 * change of it an update waits for the failed one (kubernetes provider, provider.go, Diff).
 */
export const REPLACE_UNREADY = { "pulumi.com/replaceUnready": "true" } as const;

/** Annotation of the Job that makes an application's first account; the value is the application. */
export const FIRST_ACCOUNT = "keybuzz.io/first-account";

/** DNS name of the Service in front of a process. */
export function serviceHost({ namespace, app }: Pods): string {
  return `${app}.${namespace}.svc.cluster.local`;
}
