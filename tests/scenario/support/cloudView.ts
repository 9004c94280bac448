import { request } from "node:https";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { stateSummary } from "@standin/pulumi-engine";
import { join } from "node:path";
import type { Running, Stand } from "./stand";

export type Row = Readonly<Record<string, unknown>>;

export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly creationTimestamp: string };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** Hetzner's lists, and the Pulumi types that each comes from. */
const HETZNER: Readonly<Record<string, readonly string[]>> = {
  servers: ["Server"],
  networks: ["Network"],
  load_balancers: ["LoadBalancer"],
  firewalls: ["Firewall"],
  placement_groups: ["PlacementGroup"],
  ssh_keys: ["SshKey"],
  primary_ips: ["PrimaryIp"],
  certificates: ["ManagedCertificate", "UploadedCertificate"],
  zones: ["Zone"],
  volumes: ["Volume"],
};

const KUBERNETES: Readonly<Record<string, string>> = {
  Namespace: "/api/v1/namespaces",
  ConfigMap: "/api/v1/configmaps",
  Secret: "/api/v1/secrets",
  Service: "/api/v1/services",
  Deployment: "/apis/apps/v1/deployments",
  DaemonSet: "/apis/apps/v1/daemonsets",
  StatefulSet: "/apis/apps/v1/statefulsets",
  Job: "/apis/batch/v1/jobs",
  CronJob: "/apis/batch/v1/cronjobs",
  HorizontalPodAutoscaler: "/apis/autoscaling/v2/horizontalpodautoscalers",
  PodDisruptionBudget: "/apis/policy/v1/poddisruptionbudgets",
  Ingress: "/apis/networking.k8s.io/v1/ingresses",
  IngressClass: "/apis/networking.k8s.io/v1/ingressclasses",
  NetworkPolicy: "/apis/networking.k8s.io/v1/networkpolicies",
  Node: "/api/v1/nodes",
};

/** What every cluster has, or what controllers make of what the program registers. */
const GIVEN = /^(default|kube-(system|public|node-lease|dns|root-ca.crt)|kubernetes)$/;

interface CloudEnv {
  readonly HCLOUD_ENDPOINT: string;
  readonly HCLOUD_TOKEN: string;
  readonly KUBECONFIG: string;
  readonly WEB_ENTRY: string;
}

/** The local cloud of a stack, kept in the foreground by `cloud`, read as hcloud and kubectl would. */
export class CloudView {
  private constructor(
    private readonly stand: Stand,
    private readonly stack: string,
    private readonly run: Running,
    private readonly env: CloudEnv,
  ) {}

  /** @param options further ones of the command line, such as "--kubernetes", "real". */
  static async open(stand: Stand, stack: string, ...options: string[]): Promise<CloudView> {
    const run = stand.startBare("cloud", "--stack", stack, "--json", ...options);
    await run.until("the cloud was up", ({ stderr }) => stderr.includes("is up"));
    return new CloudView(stand, stack, run, (JSON.parse(run.stdout) as { env: CloudEnv }).env);
  }

  /** All rows of one of Hetzner's lists. */
  async hetzner(list: string): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (let page: number | null = 1; page !== null;) {
      const response = await fetch(`${this.env.HCLOUD_ENDPOINT}/${list}?per_page=50&page=${page}`, {
        headers: { authorization: `Bearer ${this.env.HCLOUD_TOKEN}` },
      });
      if (!response.ok) throw new Error(`${list}: ${response.status} ${await response.text()}`);
      const body = (await response.json()) as Record<string, unknown>;
      rows.push(...(body[list.split("/").at(-1) ?? list] as Row[]));
      page = (body["meta"] as { pagination: { next_page: number | null } }).pagination.next_page;
    }
    return rows;
  }

  /** Makes something that no run of the program has made. */
  async post(list: string, body: object): Promise<void> {
    const response = await fetch(`${this.env.HCLOUD_ENDPOINT}/${list}`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.env.HCLOUD_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${list}: ${response.status} ${await response.text()}`);
  }

  async kubernetes(kind: string): Promise<readonly KubernetesObject[]> {
    const path = KUBERNETES[kind];
    if (path === undefined) throw new Error(`where are objects of kind ${kind}?`);
    const { items } = (await this.#kubernetesGet(path)) as { items: KubernetesObject[] };
    return items;
  }

  /** Where browsers come in; the host is told by the header Host. */
  get webEntry(): string {
    return this.env.WEB_ENTRY;
  }

  /** Of the cluster, with full rights. */
  get kubeconfig(): string {
    return readFileSync(this.env.KUBECONFIG, "utf8");
  }

  /** Every resource in the cloud, "list name" each, sorted; what exists by itself is left out. */
  async contents(): Promise<string[]> {
    const hetzner = await Promise.all(
      Object.keys(HETZNER).map(async (list) => (await this.hetzner(list)).map(({ name }) => `${list} ${String(name)}`)),
    );
    const kubernetes = await Promise.all(
      Object.keys(KUBERNETES).map(async (kind) =>
        (await this.kubernetes(kind))
          .filter(({ metadata: { name, namespace } }) => !GIVEN.test(namespace ?? name) && !GIVEN.test(name))
          .map(({ metadata: { name, namespace } }) => `${kind} ${namespace ?? ""}/${name}`),
      ),
    );
    return [...hetzner, ...kubernetes].flat().sort();
  }

  /** Resources of the cloud that the state does not know, and the other way round: both empty when all is well. */
  async mismatch(): Promise<{ readonly orphans: string[]; readonly lost: string[] }> {
    const { resources = [] } = stateSummary(join(this.stand.state, this.stack, "state.json")) ?? {};
    const known = new Set<string>();
    for (const { type, id } of resources) {
      const kind = type.split(":").at(-1) ?? "";
      const list = Object.keys(HETZNER).find((name) => type.startsWith("hcloud:") && HETZNER[name]?.includes(kind));
      if (list !== undefined) known.add(`${list} ${id}`);
      if (type.startsWith("kubernetes:") && kind in KUBERNETES)
        known.add(`${kind} ${id.includes("/") ? id : `/${id}`}`);
    }
    const there = new Set<string>();
    for (const list of Object.keys(HETZNER))
      for (const { id } of await this.hetzner(list)) there.add(`${list} ${String(id)}`);
    for (const kind of Object.keys(KUBERNETES)) {
      if (kind === "Node") continue;
      for (const { metadata } of await this.kubernetes(kind)) {
        const { name, namespace = "" } = metadata;
        const known = `${kind} ${namespace}/${name}`;
        if (!GIVEN.test(name) && name !== "kube-root-ca.crt") there.add(known);
      }
    }
    return {
      orphans: [...there].filter((one) => !known.has(one)),
      lost: [...known].filter((one) => !there.has(one)),
    };
  }

  /** Ends it as Ctrl-C does; the exit code. */
  async close(): Promise<number | null> {
    return (await this.run.signal("SIGINT")).code;
  }

  #kubernetesGet(path: string): Promise<unknown> {
    const config = parse(this.kubeconfig) as {
      clusters: { cluster: Readonly<Record<"server" | "certificate-authority-data" | "tls-server-name", string>> }[];
      users: { user: Record<string, string> }[];
    };
    const cluster = config.clusters[0]?.cluster;
    const user = config.users[0]?.user ?? {};
    const pem = (text: string | undefined): Buffer => Buffer.from(text ?? "", "base64");
    return new Promise((resolve, reject) => {
      const call = request(
        new URL(path, cluster?.server),
        {
          ca: pem(cluster?.["certificate-authority-data"]),
          servername: cluster?.["tls-server-name"],
          cert: pem(user["client-certificate-data"]),
          key: pem(user["client-key-data"]),
          agent: false,
        },
        (response) => {
          let text = "";
          response.on("data", (chunk: Buffer) => (text += chunk.toString()));
          response.on("end", () => {
            if (response.statusCode === 200) resolve(JSON.parse(text));
            else reject(new Error(`${path}: ${response.statusCode} ${text}`));
          });
        },
      );
      call.on("error", reject);
      call.end();
    });
  }
}
