import { zoneOfHost, type DnsRecordSpec } from "../components/network/dnsRecords";
import type { Environment } from "./environment";

/** A zone in which an environment has hosts. */
export interface WebZone {
  /** Where the environment says so: "web", "web.otherZones[0]". */
  readonly path: string;
  readonly zone: string;
  readonly manageZone: boolean;
  readonly records?: readonly DnsRecordSpec[];
}

/** The zones of an environment; the first is that of the balancers and the bastion. */
export function webZones({ web }: Pick<Environment, "web">): readonly [WebZone, ...WebZone[]] {
  const { zone, manageZone, records, otherZones = [] } = web;
  return [
    { path: "web", zone, manageZone, ...(records === undefined ? {} : { records }) },
    ...otherZones.map((other, i) => ({ path: `web.otherZones[${i}]`, ...other })),
  ];
}

/** The zone of a public host. A host that is in none has been refused: it counts to the first. */
export function zoneOf(host: string, environment: Pick<Environment, "web">): string {
  const zones = webZones(environment).map(({ zone }) => zone);
  return zoneOfHost(host, zones) ?? environment.web.zone;
}
