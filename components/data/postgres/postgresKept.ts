import { dirname, join } from "node:path";
import { shellScript } from "../../machines/shellScript";
import { dataDirectory, PATRONI_SCOPE, type PatroniConfigArgs } from "./patroniConfig";

export const PATRONI_CONFIG = "/etc/patroni/config.yml";

/** Refuses another version, or another DCS, than the cluster on the machine has. */
export function keptScript({ host, version, dcs }: Pick<PatroniConfigArgs, "host" | "version" | "dcs">): string {
  return shellScript(join(__dirname, "postgresKept.sh"), {
    HOST: host.name,
    VERSION: String(version),
    DCS: dcs,
    DATA: dirname(dirname(dataDirectory(version))),
    SCOPE: PATRONI_SCOPE,
    CONFIG: PATRONI_CONFIG,
  });
}
