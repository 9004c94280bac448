import type { Environment } from "../stacks/environment";

/** The same environment behind a controller of the Gateway API, which people install. */
export function throughGateway(environment: Environment): Environment {
  return { ...environment, kubernetes: { ...environment.kubernetes, ingress: { kind: "gateway", className: "eg" } } };
}
