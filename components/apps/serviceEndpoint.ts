import type { Pods } from "../topology/party";
import type { Endpoint, Topology } from "../topology/topology";
import { serviceHost } from "./labels";

/** Declares the Service in front of a process: what routes lead to, and what other pods connect to. */
export function serviceEndpoint(topology: Topology, id: string, pods: Pods, port: number): Endpoint {
  return topology.endpoint({ id, provider: pods, port, protocol: "tcp", host: serviceHost(pods) });
}
