import { bastionApiForward } from "../components/balancing/bastionApiForward";
import type { HostConfigPart } from "../components/machines/hostConfig";
import type { Topology } from "../components/topology/topology";
import type { EstateServices } from "./estateServices";
import type { Parties } from "./parties";

const SSH_PORT = 22;
/** Where the bastion itself listens; which port operators dial is a setting (docs/decisions/0004). */
export const BASTION_API_PORT = 6443;

/** The operators' ways in: SSH to the bastion, from it to every machine, and through it to the Kubernetes API. */
export function bastionAccess(topology: Topology, parties: Parties, services: EstateServices): HostConfigPart {
  const bastion = parties.hosts("bastion");
  const entry = topology.endpoint({ id: "bastion/ssh", provider: bastion, port: SSH_PORT, protocol: "tcp" });
  topology.allow(parties.operators, entry, "operators log in");
  const inner = topology.endpoint({ id: "hosts/ssh", provider: parties.all, port: SSH_PORT, protocol: "tcp" });
  topology.allow(bastion, inner, "operators go on to every machine");
  const api = topology.endpoint({
    id: "bastion/kubernetes-api",
    provider: bastion,
    port: BASTION_API_PORT,
    protocol: "tcp",
  });
  topology.allow(parties.operators, api, "operators reach the Kubernetes API");
  const target = topology.connect(
    bastion,
    services.k3s.api.endpoint,
    "the bastion passes operators on to the Kubernetes API",
  );
  return bastionApiForward({ port: BASTION_API_PORT, target });
}
