import type { Watched } from "../watched";
import { chatwootDashboard } from "./chatwootDashboard";
import { HAPROXY, MARIADB, OBJECT_STORE, POSTGRES, RABBITMQ, REDIS, VECTOR_STORE } from "./dataDashboards";
import { ESTATE, INGRESS, KUBERNETES } from "./estateDashboards";
import type { Dashboard } from "./panel";

/** A dashboard for each part that the estate has. */
export function allDashboards(
  args: Pick<Watched, "postgres" | "redis" | "rabbitmq" | "mariadb" | "objectStore" | "vectorStore" | "chatwootHost">,
): readonly Dashboard[] {
  const { postgres, redis, rabbitmq, mariadb, objectStore, vectorStore, chatwootHost } = args;
  return [
    ESTATE,
    INGRESS,
    KUBERNETES,
    HAPROXY,
    ...(postgres === undefined ? [] : [POSTGRES]),
    ...(redis === undefined ? [] : [REDIS]),
    ...(rabbitmq === undefined ? [] : [RABBITMQ]),
    ...(mariadb === undefined ? [] : [MARIADB]),
    ...(objectStore === undefined ? [] : [OBJECT_STORE]),
    ...(vectorStore === undefined ? [] : [VECTOR_STORE]),
    ...(chatwootHost === undefined ? [] : [chatwootDashboard(chatwootHost)]),
  ];
}
