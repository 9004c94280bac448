import { rabbitRevivalArgs } from "../../../../components/data/rabbit/rabbitRevival";
import { revivalScript } from "../../../../components/data/revival";
import { reassign } from "../../../support/shellHeader";
import { RevivedHost } from "../support/revived";

// GNU's stat and bash's /dev/tcp, as on the hosts.
const possible = process.platform === "linux";
if (!possible) process.stderr.write("skipped: the script that looks after RabbitMQ: it needs Linux\n");

(possible ? describe : describe.skip)("the script that looks after RabbitMQ", () => {
  let host: RevivedHost;
  beforeEach(() => void (host = new RevivedHost()));
  afterEach(() => host.dispose());

  /** Nobody listens here. @param active is the daemon running? @param other does RabbitMQ run on another member? */
  function restarts(active: boolean, other: boolean, seenSecondsAgo?: number): boolean {
    host.put("rabbitmqctl", `echo ${String(other)}`);
    // A port on which nobody listens stands for RabbitMQ's own.
    const script = reassign(revivalScript(rabbitRevivalArgs(["rabbit@10.0.0.2"])), { amqp_port: 1 });
    const [question, ...orders] = host.run(script, active, seenSecondsAgo);
    expect(question).toBe("is-active --quiet rabbitmq-server.service");
    // Killed first: it would wait for its own start before it stops.
    const both = ["kill --signal=KILL rabbitmq-server.service", "restart rabbitmq-server.service"];
    expect([[], both]).toContainEqual(orders);
    return orders.length > 0;
  }

  test("restarts it where it should run, does not for long, and does elsewhere", () => {
    expect(restarts(true, true)).toBe(false);
    expect(host.remembers).toBe(true);
    expect(restarts(true, true, 60)).toBe(true);
    expect(host.remembers).toBe(false);
  });

  test("leaves alone what boots or was stopped, and a whole cluster that pauses", () => {
    expect(restarts(false, true, 60)).toBe(false);
    expect(restarts(true, false, 60)).toBe(false);
    expect(host.remembers).toBe(false);
  });
});
