import { INTERNET, type Pods } from "./party";
import type { Topology } from "./topology";

const NAMES: Readonly<Record<number, string>> = { 80: "http", 443: "https", 587: "smtp-submission", 465: "smtps" };

/** Lets pods open connections to a TCP port of the internet: model providers, webhooks, mail. */
export function allowOutbound(topology: Topology, consumer: Pods, port: number, purpose: string): void {
  const known = topology.endpoints.find(
    (e) => e.provider.kind === "internet" && e.port === port && e.protocol === "tcp",
  );
  const id = `internet/${NAMES[port] ?? `tcp-${port}`}`;
  topology.allow(consumer, known ?? topology.endpoint({ id, provider: INTERNET, port, protocol: "tcp" }), purpose);
}
