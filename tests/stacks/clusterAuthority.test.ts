import { clusterAuthorityMistakes } from "../../stacks/clusterAuthority";
import type { ProjectFacts } from "../../stacks/observeProject";
import { environment as prod } from "../../stacks/prod";

type Server = ProjectFacts["servers"][number];

const OF_PROGRAM = { "kubernetes-authority": "program" };

const server = (name: string, group: string, labels: Readonly<Record<string, string>> = {}): Server => ({
  id: 1,
  name,
  labels: { project: "keybuzz", stack: "prod", group, ...labels },
  status: "running",
  location: { name: "fsn1" },
  server_type: { name: "cx33", architecture: "x86" },
  image: { name: "ubuntu-24.04" },
  primary_disk_size: 80,
  private_net: [],
});
const told = (authority: "program" | "k3s" | undefined, servers: readonly Server[]): readonly string[] => {
  const { authority: _, ...kubernetes } = prod.kubernetes;
  const environment = { kubernetes: authority === undefined ? kubernetes : { ...kubernetes, authority } };
  return clusterAuthorityMistakes(environment, servers).map(({ found }) => found);
};

const k3s = server("k3s-master-01", "k3sServers");
const programs = server("k3s-master-02", "k3sServers", OF_PROGRAM);
const others = [server("k3s-worker-01", "k3sAgents"), server("db-master-01", "postgres")];

test("a cluster that is still to be made may be either's", () => {
  for (const authority of ["program", "k3s", undefined] as const) expect(told(authority, others)).toEqual([]);
});

test("a running cluster keeps what it has, and an environment that says nothing is one of K3s' own", () => {
  for (const authority of ["k3s", undefined] as const) expect(told(authority, [k3s, ...others])).toEqual([]);
  expect(told("program", [programs, ...others])).toEqual([]);
});

test("the other is refused, and what would happen is said", () => {
  expect(told("program", [k3s, ...others])).toEqual([
    '"program", while k3s-master-01 is of a cluster whose authority K3s made',
  ]);
  expect(told("program", [k3s, programs])).toEqual([
    '"program", while k3s-master-01 is of a cluster whose authority K3s made',
  ]);
  for (const authority of ["k3s", undefined] as const) {
    expect(told(authority, [programs, server("k3s-master-03", "k3sServers", OF_PROGRAM)])).toEqual([
      '"k3s", while k3s-master-02, k3s-master-03 are of a cluster whose authority the program made',
    ]);
  }
  const [mistake] = clusterAuthorityMistakes(prod, [k3s]);
  expect(mistake?.fix).toBe('kubernetes: { authority: "k3s", ... } in the stack\'s environment; nothing was changed');
});
