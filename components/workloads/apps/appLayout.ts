import { processPods } from "../../apps/labels";
import type { Pods } from "../../topology/party";
import type { AppEntry, AppProcess, WebProcess } from "./appEntry";

/** A process with the name of its objects and pods. */
export interface PlacedProcess {
  readonly process: AppProcess;
  /** "processes[1]" */
  readonly path: string;
  /** Within its application: "web", "worker", "report"; "web-canary". */
  readonly key: string;
  /** Of its objects: "shop", "shop-worker", "shop-report". */
  readonly objectName: string;
  /** Default: the application's. */
  readonly image?: string;
  /** Whose canary it is: the key of that process. */
  readonly canaryOf?: string;
}

const CANARY_PODS = 2;

export const namespaceOf = ({ name, namespace = name }: AppEntry): string => namespace;
/** PostgreSQL and MariaDB want no hyphens. */
export const databaseOf = ({ name }: AppEntry): string => name.replaceAll("-", "_");
export const migrationOf = ({ name }: AppEntry): string => `${name}-migrate`;

export function placed({ name, processes }: AppEntry): readonly PlacedProcess[] {
  return processes.flatMap((process, i): readonly PlacedProcess[] => {
    const key = process.name ?? process.kind;
    const one = { process, path: `processes[${i}]`, key, objectName: key === "web" ? name : `${name}-${key}` };
    return [one, ...canaryOf(one)];
  });
}

/** A canary is a process like that whose requests it gets, of another image, and asked by the ingress alone. */
function canaryOf({ process, path, key, objectName }: PlacedProcess): readonly PlacedProcess[] {
  if (process.kind !== "web" || process.canary === undefined) return [];
  const { canary, expose: _alongside, ...rest } = process;
  const { image, scale = CANARY_PODS, env } = canary;
  return [
    {
      process: { ...rest, scale, ...(env === undefined ? {} : { env: { ...process.env, ...env } }) },
      path: `${path}.canary`,
      key: `${key}-canary`,
      objectName: `${objectName}-canary`,
      image,
      canaryOf: key,
    },
  ];
}

export function podsOf(entry: AppEntry, { objectName }: PlacedProcess): Pods {
  return processPods(namespaceOf(entry), objectName);
}

/** Of the container and of the Service, by name; a health check's own port among them. */
export function portsOf(process: AppProcess): Readonly<Record<string, number>> {
  switch (process.kind) {
    case "web":
      return servicePorts(process);
    case "worker":
    case "daemon": {
      const { health } = process;
      return "port" in health && health.port !== undefined ? { health: health.port } : {};
    }
    case "cron":
      return {};
  }
}

/** Those that others may connect to. */
export function servicePorts({ port, ports = {} }: WebProcess): Readonly<Record<string, number>> {
  return { http: port, ...ports };
}
