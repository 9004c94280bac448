import { contractPods, readGateway, strangersBehind, type Gateway } from "./gateways";
import type { GraphIndex } from "./graph";
import { httpRoutes } from "./httpRoutes";
import { readIngresses } from "./ingresses";
import type { Policies } from "./policies";
import type { WebRoute } from "./webRoutes";
import type { Service, Workload } from "./workload";

const GATEWAY_API = "kubernetes:gateway.networking.k8s.io";

/** The Gateways, and the pods behind them that people start and nobody emits. */
export function readGateways(
  index: GraphIndex,
  services: readonly Service[],
  emitted: readonly Workload[],
  problems: string[],
): { readonly gateways: readonly Gateway[]; readonly pods: readonly Workload[] } {
  const gateways = index.ofType(`${GATEWAY_API}/v1:Gateway`).map((one) => readGateway(one, services, problems));
  problems.push(...gateways.flatMap((gateway) => strangersBehind(gateway, emitted)));
  return { gateways, pods: gateways.flatMap((gateway) => contractPods(gateway, emitted)) };
}

/** Routes in both forms. `classes`: of Ingresses, those that the controller reads. */
export function readRoutes(
  index: GraphIndex,
  classes: readonly string[],
  gateways: readonly Gateway[],
  policies: Policies,
  problems: string[],
): readonly WebRoute[] {
  const world = {
    gateways,
    grants: index.ofType(`${GATEWAY_API}/v1beta1:ReferenceGrant`),
    namespaceLabels: (namespace: string) => policies.namespaceLabels(namespace),
  };
  return [
    ...readIngresses(index, classes, problems),
    ...index.ofType(`${GATEWAY_API}/v1:HTTPRoute`).flatMap((one) => httpRoutes(one, world, problems)),
  ];
}
