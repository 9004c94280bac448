import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud, type Cloud, type CloudOptions } from "../../../../rehearsal/cloud/cloud";
import { Contract } from "./contract";
import { FakeMachines } from "./fakeMachines";

/** Untyped on purpose: tests read answers as a client without our types would. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Body = any;

export interface Reply {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

export const contract = Contract.load();

/** A local cloud of its own in a temporary folder; every response is held against the official description. */
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
    const complaints = contract?.check(method, path.split("?")[0] ?? "", response.status, parsed) ?? [];
    if (complaints.length > 0)
      throw new Error(`${method} ${path} breaks the API description:\n${complaints.join("\n")}\n${text}`);
    return { status: response.status, body: parsed, headers: response.headers };
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
  async settle(body: Body): Promise<void> {
    const actions: Body[] = [body?.action, ...(body?.actions ?? []), ...(body?.next_actions ?? [])].filter(
      (one) => one !== undefined && one !== null,
    );
    for (const action of actions) {
      const { status, error } = await this.finished(action.id as number);
      if (status === "error") throw new Error(`action ${String(action.command)} failed: ${JSON.stringify(error)}`);
    }
  }

  async finished(action: number): Promise<Body> {
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
  return network.id as number;
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
  return server.id as number;
}
