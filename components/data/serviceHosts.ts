import type { HostRef, Hosts } from "../topology/party";

/** The member with this host's name. @throws Error naming the hosts that do belong. */
export function memberOf(service: string, hosts: Hosts, host: HostRef): HostRef {
  const member = hosts.hosts.find(({ name }) => name === host.name);
  if (member !== undefined) return member;
  throw new Error(
    `host "${host.name}" is no member of ${service}; allowed: ${hosts.hosts.map(({ name }) => name).join(", ")}; fix: ask the service that runs on it`,
  );
}

/** The first member: jobs of the whole cluster run there, and a new cluster begins there. */
export function firstOf(service: string, hosts: Hosts): HostRef {
  const [first] = hosts.hosts;
  if (first === undefined) throw new Error(`${service} has no hosts; fix: give it at least one`);
  return first;
}
