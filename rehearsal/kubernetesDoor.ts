import { z } from "zod";
import { openDoor } from "@standin/machines/door";
import type { AskCloud } from "@standin/machines/machines";
import { admits, FIREWALL_KINDS } from "@standin/machines/publicFirewall";
import { BASTION_API_PORT, BASTION_GROUP, GROUP_LABEL } from "./estate";

const servers = z.array(z.object({ id: z.number(), status: z.string(), labels: z.record(z.string(), z.string()) }));

/** The way to the Kubernetes API, which leads through the bastion. */
export interface KubernetesDoor {
  /** From now on it leads somewhere: to that API, for whom the bastion's firewall admits while the bastion runs. */
  leadTo(url: string, ask: AskCloud): void;
  close(): Promise<void>;
}

/** @param port of loopback, at which the program dials the API. */
export async function kubernetesDoor(port: number): Promise<KubernetesDoor> {
  let leads: { readonly port: number; readonly ask: AskCloud } | undefined;
  const door = await openDoor({
    port,
    admits: (source) => leads !== undefined && bastionAdmits(leads.ask(["servers", ...FIREWALL_KINDS]), source),
    to: () => leads?.port ?? 0,
  });
  return {
    leadTo: (url, ask) => {
      leads = { port: Number(new URL(url).port), ask };
    },
    close: () => door.close(),
  };
}

function bastionAdmits(snapshot: ReturnType<AskCloud>, source: string): boolean {
  const bastion = servers.parse(snapshot["servers"]).find(({ labels }) => labels[GROUP_LABEL] === BASTION_GROUP);
  return bastion?.status === "running" && admits(snapshot, bastion.id, BASTION_API_PORT, source);
}
