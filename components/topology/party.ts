/**
 * Who can stand at either end of a flow. Closed: a new kind does not compile until every derivation handles it.
 */
export type Party = Internet | Operators | Hosts | LoadBalancer | Pods | AnyPod;

/** Anybody. Only a load balancer with a public interface may be reached from here. */
export interface Internet {
  readonly kind: "internet";
}

/** The people who run the estate, on the networks that they come from. */
export interface Operators {
  readonly kind: "operators";
  readonly cidrs: readonly string[];
}

export interface HostRef {
  readonly name: string;
  /** Private IPv4 address. */
  readonly address: string;
}

/** Machines of one group (e.g. "postgres"), each with its private address. */
export interface Hosts {
  readonly kind: "hosts";
  readonly group: string;
  readonly hosts: readonly HostRef[];
}

/** A Hetzner load balancer; its targets see its private address as the source. */
export interface LoadBalancer {
  readonly kind: "loadBalancer";
  readonly name: string;
  /** Private IPv4 address. */
  readonly address: string;
  readonly public: boolean;
}

/** The pods of one application in `namespace`. */
export interface Pods {
  readonly kind: "pods";
  readonly namespace: string;
  readonly app: string;
  /** Labels that select them. Default: app.kubernetes.io/name = `app`. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Every pod of the cluster, e.g. as the consumer of the Kubernetes API or of DNS. */
export interface AnyPod {
  readonly kind: "anyPod";
}

/** A stable, readable key: two parties with one key are the same party. */
export function partyKey(party: Party): string {
  switch (party.kind) {
    case "internet":
    case "operators":
    case "anyPod":
      return party.kind;
    case "hosts":
      return `hosts/${party.group}`;
    case "loadBalancer":
      return `loadBalancer/${party.name}`;
    case "pods":
      return `pods/${party.namespace}/${party.app}`;
  }
}

export const INTERNET: Internet = { kind: "internet" };
export const ANY_POD: AnyPod = { kind: "anyPod" };

/** Of a pod: the `app` that it is in the topology. */
export const APP_LABEL = "app.kubernetes.io/name";

/** The labels by which Services and NetworkPolicies find an application's pods. */
export function podLabels(pods: Pods): Readonly<Record<string, string>> {
  return pods.labels ?? { [APP_LABEL]: pods.app };
}
