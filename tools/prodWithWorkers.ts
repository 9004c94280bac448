import type { Environment } from "../stacks/environment";
import { environment as prod } from "../stacks/prod";

/** Prod with so many workers. */
export function prodWithWorkers(count: number): Environment {
  const others = prod.hosts.filter(({ role }) => role !== "k3sAgent");
  const workers = prod.hosts.filter(({ role }) => role === "k3sAgent");
  const more = Array.from({ length: Math.max(0, count - workers.length) }, (_, index) => ({
    name: `k3s-worker-${String(index + workers.length + 1).padStart(2, "0")}`,
    role: "k3sAgent" as const,
    address: `10.0.${16 + Math.floor(index / 200)}.${1 + (index % 200)}`,
    serverType: "cpx42" as const,
  }));
  return { ...prod, hosts: [...others, ...workers, ...more] };
}
