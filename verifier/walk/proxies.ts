import type { Listener } from "../read/listeners";
import { addressNumber } from "../read/range";
import { backendSections } from "../read/haproxy";
import { proxysqlServers } from "./steps";
import type { Host } from "../read/hosts";

/** The proxy's servers behind a listener; undefined when the listener is no proxy. */
export function serversBehind(
  host: Host,
  { daemon, section }: Listener,
): readonly { readonly address: number; readonly port: number }[] | undefined {
  if (daemon === "proxysql") return proxysqlServers(host.files["/etc/proxysql.cnf"] ?? "");
  if (section === undefined || section.mode !== "tcp") return undefined;
  return backendSections(host.haproxy, section)
    .flatMap(({ servers }) => servers)
    .flatMap(({ address, port }) => {
      const range = addressNumber(address);
      return range === undefined ? [] : [{ address: range, port }];
    });
}
