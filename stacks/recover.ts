import { nthAddress } from "../components/topology/addresses";
import { DATA_PORTS, SERVER_TYPES, type Environment, type HostSpec, type WorkloadsSpec } from "./environment";
import { HOST_ROLES, ROLES } from "./roles";
import { alternatives, below, exampleOf, pathText, type JsonSchema, type Path } from "./schemaWords";

// What an environment with mistakes may have meant, so that the rest of it can be planned and judged as well. Nothing
// is ever registered from it.

/** The value with an example in each mistaken place, and without the keys that its schema does not know. */
export function withShape(schema: JsonSchema, value: unknown, mistaken: ReadonlySet<string>, path: Path = []): unknown {
  const [fitting = schema] = alternatives(schema, value);
  if (mistaken.has(pathText(path))) return exampleOf(fitting);
  // Whatever it is.
  if (Object.keys(fitting).length === 0) return value;
  if (Array.isArray(value)) {
    return value.map((item, i) => below(fitting, i).map((one) => withShape(one, item, mistaken, [...path, i]))[0]);
  }
  if (typeof value !== "object" || value === null) return value;
  const keys = new Set([...Object.keys(value), ...(fitting.required ?? [])]);
  return Object.fromEntries(
    [...keys].flatMap((key) =>
      below(fitting, key).map((one) => [
        key,
        withShape(one, (value as Readonly<Record<string, unknown>>)[key], mistaken, [...path, key]),
      ]),
    ),
  );
}

/** The environment with what its rules refuse and its plan could not go on with: counts, names, addresses, ports. */
export function withMeaning(environment: Environment): Environment {
  const { dataLoadBalancer, workloads } = environment;
  const ports = Object.values(dataLoadBalancer.ports);
  return {
    ...environment,
    hosts: allowedNumbers(distinct(environment), environment.network.subnetCidr),
    dataLoadBalancer: {
      ...dataLoadBalancer,
      ports: new Set(ports).size === ports.length ? dataLoadBalancer.ports : DATA_PORTS,
    },
    workloads: plannable(workloads),
  };
}

function distinct({ hosts, network }: Environment): readonly HostSpec[] {
  const twice = (key: "name" | "address", i: number): boolean =>
    hosts.findIndex((other) => other[key] === hosts[i]?.[key]) < i;
  return hosts.map((host, i) => ({
    ...host,
    name: twice("name", i) ? `${host.name}-${i}` : host.name,
    address: twice("address", i) ? nthAddress(network.subnetCidr, i + 1) : host.address,
  }));
}

/** Of each role as many of the first hosts as are allowed; a made-up one where none is there and one must be. */
function allowedNumbers(hosts: readonly HostSpec[], subnetCidr: string): readonly HostSpec[] {
  return HOST_ROLES.flatMap((role, i) => {
    const { ok } = ROLES[role].count;
    const members = hosts.filter((host) => host.role === role);
    let most = members.length;
    while (most > 0 && !ok(most)) most -= 1;
    if (most > 0 || ok(0)) return members.slice(0, most);
    const address = nthAddress(subnetCidr, hosts.length + i + 1);
    return [{ name: `made-up-${i}`, role, address, serverType: SERVER_TYPES[0] }];
  });
}

/** Each typed workload at a host of its own. */
function plannable(workloads: WorkloadsSpec): WorkloadsSpec {
  const taken = new Set<string>();
  const entries = Object.entries(workloads).map(([name, spec]) => {
    if (!("host" in spec) || typeof spec.host !== "string") return [name, spec] as const;
    const host = taken.has(spec.host) ? `${name.toLowerCase()}.${spec.host}` : spec.host;
    taken.add(host);
    return [name, { ...spec, host }] as const;
  });
  return Object.fromEntries(entries);
}
