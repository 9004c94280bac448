import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { awaitLimits, rollOutSeconds } from "../../apps/awaitLimits";
import { INGRESS_NAMESPACE } from "../pods/namespaces";
import {
  ANSWER_HEADERS,
  CLUSTER_RULES,
  configMapData,
  controllerOptions,
  INGRESS_CONFIG_MAP,
  INGRESS_CONTROLLER,
  INGRESS_HEADERS_MAP,
  NAMESPACE_RULES,
} from "./ingressNginxConfig";
import {
  controllerDaemonSet,
  controllerRollOut,
  controllerService,
  INGRESS_LABELS,
  INGRESS_SERVICE_ACCOUNT,
} from "./ingressNginxObjects";
import { INGRESS_CLASS } from "./ingressObjects";
import type { IngressService } from "./ingressService";

export interface IngressNginxArgs {
  readonly service: IngressService;
  readonly provider: kubernetes.Provider;
  /** The namespace "ingress-nginx", pod network and all. */
  readonly dependsOn?: readonly pulumi.Resource[];
}

/** ingress-nginx on each node, behind the web load balancers. */
export class IngressNginx extends pulumi.ComponentResource {
  /** Once these are there, an Ingress gets its status, so that waiting for it ends. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: IngressNginxArgs, opts?: pulumi.ComponentResourceOptions) {
    super("keybuzz:cluster:IngressNginx", name, {}, opts);
    const child = { parent: this, provider: args.provider, dependsOn: [...(args.dependsOn ?? [])] };
    const { rbac, core, apps, networking } = kubernetes;
    const labels = INGRESS_LABELS;
    const metadata = { name: INGRESS_SERVICE_ACCOUNT, labels };
    const namespaced = { ...metadata, namespace: INGRESS_NAMESPACE };
    const subjects = [{ kind: "ServiceAccount", name: INGRESS_SERVICE_ACCOUNT, namespace: INGRESS_NAMESPACE }];
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", name: INGRESS_SERVICE_ACCOUNT };

    const account = new core.v1.ServiceAccount(`${name}-account`, { metadata: namespaced }, child);
    const rights = [
      new rbac.v1.ClusterRole(`${name}-cluster-role`, { metadata, rules: [...CLUSTER_RULES] }, child),
      new rbac.v1.ClusterRoleBinding(
        `${name}-cluster-role-binding`,
        { metadata, roleRef: { ...roleRef, kind: "ClusterRole" }, subjects },
        child,
      ),
      new rbac.v1.Role(`${name}-role`, { metadata: namespaced, rules: [...NAMESPACE_RULES] }, child),
      new rbac.v1.RoleBinding(
        `${name}-role-binding`,
        { metadata: namespaced, roleRef: { ...roleRef, kind: "Role" }, subjects },
        child,
      ),
    ];
    const ingressClass = new networking.v1.IngressClass(
      `${name}-class`,
      { metadata: { name: INGRESS_CLASS, labels }, spec: { controller: INGRESS_CONTROLLER } },
      child,
    );
    const headers = new core.v1.ConfigMap(
      `${name}-headers`,
      { metadata: { ...namespaced, name: INGRESS_HEADERS_MAP }, data: { ...ANSWER_HEADERS } },
      child,
    );
    // The controller watches it: a change needs no restart.
    const config = new core.v1.ConfigMap(
      `${name}-config`,
      {
        metadata: { ...namespaced, name: INGRESS_CONFIG_MAP },
        data: configMapData(
          controllerOptions({
            trustedProxies: args.service.webLoadBalancers.map(({ address }) => address),
            outerIdleSeconds: args.service.idleTimeoutSeconds,
            routes: args.service.routes(),
          }),
        ),
      },
      child,
    );
    const rollOut = controllerRollOut(args.service.nodes);
    const customTimeouts = awaitLimits(rollOutSeconds(rollOut), rollOut.graceSeconds);
    const daemonSet = new apps.v1.DaemonSet(`${name}-controller`, controllerDaemonSet(), {
      ...child,
      dependsOn: [...child.dependsOn, account, ...rights, ingressClass, headers, config],
      customTimeouts,
    });
    const service = new core.v1.Service(`${name}-service`, controllerService(args.service.nodePort), {
      ...child,
      dependsOn: [...child.dependsOn, daemonSet],
      customTimeouts,
    });
    this.ready = [daemonSet, service];
    this.registerOutputs();
  }
}
