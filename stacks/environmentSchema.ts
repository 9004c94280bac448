import { z } from "zod";
import { OS_IMAGE_NAMES } from "../components/machines/osImage";
import { isIpv4, isIpv4Cidr } from "../components/topology/addresses";
import { LOAD_BALANCER_TYPES, LOCATIONS, SERVER_TYPES, type Environment } from "./environment";
import { dnsRecords } from "./dnsSchema";
import { count, domain, hostname, port, workload } from "./schemaParts";
import { furtherWorkloads } from "./workloadSchemas";
import { acceptedRisks, gateways } from "./riskSpecs";
import { HOST_ROLES } from "./roles";

// The shape of an Environment at run time. TypeScript refuses a wrong shape in an editor; programs are started
// without type-checking, so a typo must be answered here as well.

const address = z.string().refine(isIpv4, { error: 'must be an IPv4 address such as "10.0.0.10"' });
const cidr = z
  .string()
  .refine(isIpv4Cidr, { error: 'must be an IPv4 network with zero host bits, such as "10.0.0.0/16"' });
const loadBalancer = { name: hostname, address, type: z.enum(LOAD_BALANCER_TYPES) };

export const environmentSchema: z.ZodType<Environment> = z.strictObject({
  name: hostname,
  location: z.enum(LOCATIONS),
  networkZone: z.literal("eu-central"),
  image: z.enum(OS_IMAGE_NAMES),
  network: z.strictObject({
    networkCidr: cidr,
    subnetCidr: cidr,
    podCidr: cidr,
    workloadPoolCidr: cidr,
    tunnelPoolCidr: cidr,
    serviceCidr: cidr,
    mtu: z.int().min(1280).max(1450),
  }),
  hosts: z.array(
    z.strictObject({
      name: hostname,
      role: z.enum(HOST_ROLES),
      address,
      serverType: z.enum(SERVER_TYPES),
      location: z.enum(LOCATIONS).exactOptional(),
      duty: z.enum(["general", "ai", "monitoring"]).exactOptional(),
    }),
  ),
  dataLoadBalancer: z.strictObject({
    ...loadBalancer,
    ports: z.strictObject({
      postgres: port,
      postgresReplicas: port,
      pgbouncer: port,
      redis: port,
      rabbitmq: port,
      kubernetesApi: port,
    }),
  }),
  mariadbLoadBalancer: z.strictObject(loadBalancer).exactOptional(),
  web: z.strictObject({
    zone: domain,
    manageZone: z.boolean(),
    records: dnsRecords.exactOptional(),
    dnsTtlSeconds: z.int().min(60).max(86_400),
    loadBalancers: z.array(z.strictObject(loadBalancer)).min(1),
    certificate: z.enum(["managed", "uploaded", "selfSigned"]),
    idleTimeoutSeconds: z.int().min(30).max(300),
    gateways: gateways.exactOptional(),
  }),
  mariadbProxy: z.enum(["proxysql", "haproxy"]).exactOptional(),
  postgres: z.strictObject({
    version: z.union([z.literal(15), z.literal(16)]),
    dcs: z.enum(["etcd", "raft"]),
  }),
  kubernetes: z.strictObject({
    k3sVersion: z.string().regex(/^v1\.\d+\.\d+\+k3s\d+$/, { error: 'must be a K3s release such as "v1.35.4+k3s1"' }),
    ingressNodePort: z.int().min(30_000).max(32_767),
    ingress: z
      .discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("nginx") }),
        z.strictObject({ kind: z.literal("gateway"), className: hostname }),
      ])
      .exactOptional(),
  }),
  workloads: z.strictObject({
    keybuzzApi: z.strictObject({ ...workload, maxReplicas: count }).exactOptional(),
    keybuzzFront: z.strictObject(workload).exactOptional(),
    chatwoot: z
      .strictObject({
        ...workload,
        host: domain,
        workerReplicas: count,
        requestTimeoutSeconds: z.int().min(1).max(300).exactOptional(),
      })
      .exactOptional(),
    liteLlm: z.strictObject(workload).exactOptional(),
    ...furtherWorkloads,
  }),
  rotations: z.record(z.string(), z.int().min(0)).exactOptional(),
  accepted: acceptedRisks.exactOptional(),
  monitoring: z
    .strictObject({
      retentionDays: z.int().min(1).max(3650),
      storageGb: z.int().min(5).max(1000),
      alerts: z.enum(["chat", "none"]),
      backups: z.array(
        z.strictObject({
          name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, {
            error: 'must be a name of lower-case letters, digits and hyphens, such as "postgres"',
          }),
          maximumAgeHours: z.number().min(1).max(8760),
        }),
      ),
    })
    .exactOptional(),
  protect: z.boolean(),
});
