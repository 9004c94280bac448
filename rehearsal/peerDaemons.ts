import { parse } from "yaml";
import type { PeerDaemon, SimulatedHost } from "@standin/machines/simulated";
import { K3S_TLS, tokenMistake } from "./k3sTokens";

/** The machine with this private address, or with none of its files yet. */
const at = (address: string, hosts: readonly SimulatedHost[]): SimulatedHost | undefined =>
  hosts.find(({ privateAddress }) => privateAddress === address);

const runs = (unit: string, hosts: readonly SimulatedHost[]): boolean =>
  hosts.some((host) => host.unit(unit) === "started");

/** Those of the addresses whose machine was not told to run the unit. */
function without(unit: string, addresses: readonly string[], hosts: readonly SimulatedHost[]): readonly string[] {
  return addresses.filter((address) => (at(address, hosts)?.unit(unit) ?? "absent") === "absent");
}

/** As each of them is documented to do, read from its own configuration. */
export const PEER_DAEMONS: readonly PeerDaemon[] = [
  {
    // The estate's own guard: a new member begins when all others have said that they are empty, or begin. Then it is
    // ready with a majority (etcd.io, clustering guide, static).
    unit: "etcd.service",
    waitsFor: (host, others) => {
      const members = addressesIn(/^ETCD_INITIAL_CLUSTER=(.*)$/m.exec(host.read("/etc/default/etcd") ?? "")?.[1]);
      const peers = members.filter((address) => address !== host.privateAddress);
      const silent = runs("etcd.service", others) ? [] : without("keybuzz-etcd-state.socket", peers, others);
      if (silent.length > 0) return `${silent.join(", ")} to say whether it has data`;
      const missing = without("etcd.service", members, [host, ...others]);
      return 2 * missing.length < Math.max(members.length, 1) ? undefined : `etcd at ${missing.join(", ")}`;
    },
  },
  {
    // The estate's own start of it: one begins when all others have said that they have no data, they join that one.
    unit: "mariadb.service",
    waitsFor: (host, others) => {
      const config = host.read("/etc/mysql/mariadb.conf.d/90-keybuzz.cnf") ?? "";
      const members = addressesIn(/^wsrep_cluster_address = (.*)$/m.exec(config)?.[1]);
      const peers = members.filter((address) => address !== host.privateAddress);
      if (
        runs(
          "mariadb.service",
          peers.flatMap((address) => at(address, others) ?? []),
        )
      )
        return undefined;
      const silent = without("keybuzz-wsrep-state.socket", peers, others);
      if (silent.length > 0) return `${silent.join(", ")} to say whether it has data`;
      return members[0] === host.privateAddress ? undefined : `${members[0]}, which begins the cluster`;
    },
  },
  {
    // A majority of the drives, of which each machine has one (min.io, distributed mode).
    unit: "minio.service",
    waitsFor: (host, others) => {
      const members = addressesIn(/^MINIO_VOLUMES=(.*)$/m.exec(host.read("/etc/default/minio") ?? "")?.[1]);
      const missing = without("minio.service", members, [host, ...others]);
      return 2 * missing.length < Math.max(members.length, 1) ? undefined : `MinIO at ${missing.join(", ")}`;
    },
  },
  {
    // The estate's own guard (k3s-membership): the first initialises when every other one has said that it is empty.
    unit: "k3s.service",
    waitsFor: (host, others) => {
      if (runs("k3s.service", others)) return refusal(host, "server", others);
      const guard = host.read("/usr/local/sbin/k3s-membership") ?? "";
      const peers = addressesIn(/^readonly OTHERS=\(([^)]*)\)/m.exec(guard)?.[1]);
      const silent = without("k3s-membership.socket", peers, others);
      if (silent.length > 0) return `${silent.join(", ")} to say whether it holds a member`;
      return /^readonly MAY_INITIALISE=true$/m.test(guard) ? undefined : "the server that initialises the cluster";
    },
  },
  {
    // It asks its server for a configuration first, for ever (k3s-io/k3s pkg/agent/config).
    unit: "k3s-agent.service",
    waitsFor: (host, others) => {
      if (runs("k3s.service", others)) return refusal(host, "agent", others);
      const config = parse(host.read("/etc/rancher/k3s/config.yaml") ?? "") as { readonly server?: string } | null;
      return `a server behind ${config?.server ?? "the address that its configuration lacks"}`;
    },
  },
];

/** K3s tries again and again; its journal says why. */
function refusal(host: SimulatedHost, role: "server" | "agent", others: readonly SimulatedHost[]): string | undefined {
  const server = others.find((one) => one.unit("k3s.service") === "started");
  const mistake = tokenMistake(host, role, server?.read(`${K3S_TLS}/server-ca.crt`));
  return mistake === undefined ? undefined : `a cluster that its token names (${mistake})`;
}

function addressesIn(text: string | undefined): readonly string[] {
  return text?.match(/\b\d{1,3}(\.\d{1,3}){3}\b/g) ?? [];
}
