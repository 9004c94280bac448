import { join } from "node:path";
import type { HostConfigPart } from "../../machines/hostConfig";
import { shellScript } from "../../machines/shellScript";
import type { HostRef } from "../../topology/party";
import { AMQP_PORT, rabbitNode } from "./rabbitConfig";
import { revival, type RevivalArgs } from "../revival";

/**
 * RabbitMQ pauses in a minority, inside of a running daemon, and goes on when the network is back. With Erlang/OTP
 * 25.2 (Debian 12) that may wait for ever for a lock of `global` that nobody holds any more ("Startup in progress";
 * seen on real machines, about once in six partitions). A new daemon cures it; it is killed, because to stop it waits for
 * that startup, 90 s (measured), and RabbitMQ does not run in it anyway. Only a daemon that had started,
 * and only while another member runs: neither a boot nor a pause is disturbed.
 */
export function rabbitRevival(member: HostRef, members: readonly HostRef[]): HostConfigPart {
  const others = members.filter(({ name }) => name !== member.name).map(rabbitNode);
  return others.length === 0 ? {} : revival(rabbitRevivalArgs(others));
}

/** @param others nodes of the other members. */
export function rabbitRevivalArgs(others: readonly string[]): RevivalArgs {
  return {
    name: "rabbitmq",
    service: "RabbitMQ",
    unit: "rabbitmq-server.service",
    functions: shellScript(join(__dirname, "rabbitRevival.sh"), { others, amqp_port: AMQP_PORT }),
    complaint: "RabbitMQ does not run here, and does elsewhere",
    // To go on after a pause takes two seconds (measured).
    patienceSeconds: 20,
  };
}
