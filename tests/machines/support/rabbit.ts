import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RabbitVhost } from "../../../components/data/rabbit/rabbitConfig";
import { alternatingAccount, type Account } from "../../../components/secrets/account";
import type { Bench } from "./bench";
import { eventually } from "./faults";
import { LineClient } from "./lineClient";
import { tryLogin, type RotatedCluster } from "./rotation";
import { Writer, type WriterOptions } from "./writer";

const CLIENT = readFileSync(join(__dirname, "amqpClient.py"), "utf8");

/** RabbitMQ; its leader is the leader of the queue that is written to. */
export class RabbitCluster implements RotatedCluster {
  readonly #vhost: RabbitVhost;
  #queue = "";

  constructor(private bench: Bench) {
    const [vhost] = bench.plan.services.rabbitmq?.vhosts ?? [];
    if (vhost === undefined) throw new Error("no consumer has a virtual host");
    this.#vhost = vhost;
  }

  get names(): readonly string[] {
    return this.bench.group("rabbitmq").map(({ name }) => name);
  }

  get vhost(): string {
    return this.#vhost.name;
  }

  /** What an operator on that member would see; the command may not hang. */
  ctl(host: string, ...command: readonly string[]): Promise<string> {
    return this.bench.fleet.inside(host, ["timeout", "30", "rabbitmqctl", "-q", "--no-table-headers", ...command], {
      timeoutMs: 40_000,
    });
  }

  /** The member that leads the queue, and the queue's type. Each is asked for its own: the whole list waits for all. */
  async #find(): Promise<{ readonly host: string; readonly type: string }> {
    for (const host of this.names) {
      const columns = ["--local", "name", "type"];
      const command = ["rabbitmqctl", "-q", "--no-table-headers", "list_queues", "-p", this.#vhost.name, ...columns];
      const said = await this.bench.fleet.inside(host, command, { timeoutMs: 40_000 }).catch(() => "");
      const line = said.split("\n").find((one) => one.startsWith(`${this.#queue}\t`));
      if (line !== undefined) return { host, type: line.split("\t")[1] ?? "" };
    }
    throw new Error(`nobody leads the queue ${this.#queue}`);
  }

  async leader(): Promise<string> {
    return (await this.#find()).host;
  }

  async queueType(): Promise<string> {
    return (await this.#find()).type;
  }

  views(): Promise<string> {
    return this.bench.views(
      "rabbitmq",
      "timeout 12 rabbitmqctl -q eval '{rabbit:is_running(), rabbit_nodes:list_running()}.'; journalctl -u rabbitmq-server -o cat --no-pager | tail -n 5; tail -n 15 /var/log/rabbitmq/rabbit@*.log",
    );
  }

  async whole(timeoutMs = 150_000): Promise<void> {
    await eventually(async () => {
      // For a moment after a partition, some members may believe otherwise than others.
      const views = await Promise.all(
        this.names.map(async (name) => {
          const command = ["rabbitmqctl", "-q", "cluster_status", "--formatter", "json"];
          const said = await this.bench.fleet.inside(name, command, { timeoutMs: 40_000 });
          const { running_nodes: running } = JSON.parse(said) as { running_nodes: readonly string[] };
          return running.length === this.names.length ? undefined : `${name}: only ${running.join(", ")} run`;
        }),
      );
      return views.find((objection) => objection !== undefined);
    }, timeoutMs);
  }

  /** What each member's part of the queue is, or why it has none, by host. */
  async parts(): Promise<readonly string[]> {
    const { host } = await this.#find();
    const command = ["rabbitmq-queues", "-q", "quorum_status", "-p", this.#vhost.name, this.#queue];
    const said = await this.bench.fleet.inside(host, [...command, "--formatter", "json"], { timeoutMs: 40_000 });
    const parts = JSON.parse(said) as readonly Readonly<Record<string, unknown>>[];
    return parts.map((part) => `${String(part["Node Name"]).replace("rabbit@", "")}: ${String(part["Raft State"])}`);
  }

  adopt(bench: Bench): void {
    this.bench = bench;
  }

  async logIn(bench: Bench): Promise<void> {
    await tryLogin(this.client(this.#login(bench)), "hello -", "hello");
  }

  /** Id of the secret of the consumer's login. */
  get secretId(): string {
    return `rabbitmq/${this.#vhost.name}`;
  }

  #login({ plan, secrets }: Bench): Account {
    const rotation = plan.environment.rotations?.[this.secretId] ?? 0;
    return alternatingAccount(this.#vhost.name, rotation, secrets.get(this.secretId) ?? "");
  }

  client(login = this.#login(this.bench)): LineClient {
    return new LineClient(this.bench.fleet.namespace, this.bench.image, ["/usr/bin/python3", "-c", CLIENT], {
      AMQP_HOST: this.bench.plan.environment.dataLoadBalancer.address,
      AMQP_VHOST: this.#vhost.name,
      AMQP_USER: login.user,
      AMQP_PASSWORD: login.password,
    });
  }

  async ask(order: string): Promise<string> {
    const client = this.client();
    try {
      return await client.ask(order, 30_000);
    } finally {
      client.close();
    }
  }

  /** Publishes to the writer's queue at a member's own broker, from within it. @returns what was confirmed in time; "": nothing. */
  async publishWithin(host: string, n: number, seconds = 10): Promise<string> {
    const { user, password } = this.#login(this.bench);
    const address = this.bench.group("rabbitmq").find(({ name }) => name === host)?.address ?? "";
    const script = [
      `export AMQP_HOST=${address} AMQP_VHOST=${this.#vhost.name} AMQP_USER=${user} AMQP_PASSWORD='${password}'`,
      "client=$(cat <<'PY'",
      CLIENT.trimEnd(),
      "PY",
      ")",
      `timeout ${seconds} python3 -c "$client" <<<'publish ${this.#queue} ${n}' 2>/dev/null || true`,
    ].join("\n");
    return (await this.bench.run(host, script)).trim();
  }

  async writer(name: string, options: Partial<WriterOptions> = {}): Promise<Writer> {
    this.#queue = name;
    await this.ask(`declare ${name}`);
    return new Writer({
      connect: () => this.client(),
      write: (n) => `publish ${name} ${n}`,
      acknowledged: (n, answer) => answer === String(n),
      patienceMs: 3000,
      ...options,
    });
  }

  async missing(name: string, writer: Writer): Promise<readonly number[]> {
    const there = new Set((await this.ask(`drain ${name}`)).split(" ").map(Number));
    return writer.acknowledged.map(({ n }) => n).filter((n) => !there.has(n));
  }
}
