import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud, type Cloud, type CloudOptions } from "@standin/hetzner-api/cloud";
import { Contract } from "./contract";
import { FakeMachines } from "./fakeMachines";

/** Tests know how many there are; reading one that is not there fails them anyway. */
type NonEmpty<T> = readonly [T, ...T[]];

interface Attachment {
  readonly network: number;
  readonly ip: string;
  readonly alias_ips: readonly string[];
}

interface Target {
  readonly server: { readonly id: number };
  readonly health_status: unknown;
  readonly targets: readonly Target[];
}

/** What tests read of a resource or action, whatever its kind; the contract judges that it is there. */
export interface Resource {
  readonly id: number;
  readonly name: string;
  readonly ip: string;
  readonly status: string;
  readonly command: string;
  readonly error: unknown;
  readonly locked: boolean;
  readonly assignee_id: number | null;
  readonly private_net: NonEmpty<Attachment>;
  readonly public_net: {
    readonly enabled: boolean;
    readonly ipv4: { readonly ip: string };
    readonly ipv6: unknown;
  };
  readonly subnets: readonly { readonly gateway: string }[];
  readonly services: NonEmpty<{ readonly http: unknown }>;
  readonly targets: NonEmpty<Target>;
}

type One =
  | "server"
  | "network"
  | "load_balancer"
  | "firewall"
  | "placement_group"
  | "ssh_key"
  | "certificate"
  | "volume"
  | "zone"
  | "rrset"
  | "primary_ip"
  | "action";
type Many =
  | "actions"
  | "next_actions"
  | "placement_groups"
  | "locations"
  | "server_types"
  | "load_balancer_types"
  | "datacenters"
  | "images";

/** Any JSON answer of the API, as far as tests look into it. */
export type Body = { readonly [K in One]: Resource } & { readonly [K in Many]: readonly [Resource, ...Resource[]] } & {
  readonly meta: { readonly pagination: { readonly total_entries: number } };
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details: { readonly fields: readonly { readonly name: string }[] } | null;
  };
};

export interface Reply {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

export const contract = new Contract();

/** A local cloud of its own in a temporary folder; every exchange is held against Hetzner's contract. */
export class TestCloud {
  readonly machines = new FakeMachines();
  private readonly folder = mkdtempSync(join(tmpdir(), "local-cloud-"));
  private cloud: Cloud | undefined;

  constructor(private readonly options: Partial<CloudOptions> = {}) {}

  get endpoint(): string {
    return this.running.endpoint;
  }

  get token(): string {
    return this.running.token;
  }

  get running(): Cloud {
    if (this.cloud === undefined) throw new Error("the test has not started its cloud");
    return this.cloud;
  }

  get stateFile(): string {
    return join(this.folder, "state", "cloud.sqlite");
  }

  async start(more: Partial<CloudOptions> = {}): Promise<this> {
    this.cloud = await startCloud({
      stateFile: this.stateFile,
      machines: this.machines,
      actionDelayMs: 5,
      ...this.options,
      ...more,
    });
    return this;
  }

  async stop(): Promise<void> {
    await this.cloud?.close();
    this.cloud = undefined;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const response = await fetch(`${this.endpoint}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed: unknown = text === "" ? undefined : JSON.parse(text);
    const complaints = contract.check({
      method,
      path: path.split("?")[0] ?? "",
      request: body,
      status: response.status,
      answer: parsed,
    });
    if (complaints.length > 0)
      throw new Error(`${method} ${path} breaks Hetzner's contract:\n${complaints.join("\n")}\n${text}`);
    return { status: response.status, body: parsed as Body, headers: response.headers };
  }

  get(path: string): Promise<Reply> {
    return this.call("GET", path);
  }

  /** A POST that must succeed; waits for all its actions. */
  async post(path: string, body?: unknown): Promise<Body> {
    const reply = await this.call("POST", path, body);
    if (reply.status >= 300) throw new Error(`POST ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    await this.settle(reply.body);
    return reply.body;
  }

  /** Waits for every action in an answer, and fails when one fails. */
  async settle(body: Partial<Pick<Body, "action" | "actions" | "next_actions">> | undefined): Promise<void> {
    const actions = [body?.action, ...(body?.actions ?? []), ...(body?.next_actions ?? [])];
    for (const action of actions) {
      if (action === undefined || action === null) continue;
      const { status, error } = await this.finished(action.id);
      if (status === "error") throw new Error(`action ${action.command} failed: ${JSON.stringify(error)}`);
    }
  }

  async finished(action: number): Promise<Resource> {
    for (;;) {
      const { body } = await this.get(`/actions?id=${action}`);
      if (body.actions[0].status !== "running") return body.actions[0];
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** The error code and status of a refused request. */
  async refusal(method: string, path: string, body?: unknown): Promise<string> {
    const reply = await this.call(method, path, body);
    if (reply.status < 400) throw new Error(`${method} ${path} was accepted with ${reply.status}`);
    if (reply.body.error.code === "invalid_input" && !Array.isArray(reply.body.error.details?.fields))
      throw new Error("invalid_input without details.fields");
    return `${reply.status} ${reply.body.error.code}`;
  }
}

export const PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ8DXb6Yq7mZJmZ8JYkS6mFZfMGQ1oQ5b6v0tOZ3rWn test";

/** A network 10.0.0.0/16 with one subnet over all of it. */
export async function makeNetwork(cloud: TestCloud, name = "net"): Promise<number> {
  const { network } = await cloud.post("/networks", {
    name,
    ip_range: "10.0.0.0/16",
    subnets: [{ type: "cloud", ip_range: "10.0.0.0/16", network_zone: "eu-central" }],
  });
  return network.id;
}

/** A running server without public addresses in a network. */
export async function makeServer(cloud: TestCloud, name: string, network: number, more: object = {}): Promise<number> {
  const { server } = await cloud.post("/servers", {
    name,
    server_type: "cx23",
    image: "ubuntu-24.04",
    location: "fsn1",
    networks: [network],
    public_net: { enable_ipv4: false, enable_ipv6: false },
    ...more,
  });
  return server.id;
}
