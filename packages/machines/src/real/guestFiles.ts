import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import type { MachineSpec } from "../machines";
import { gatewayOf, PUBLIC_NET } from "./fleetNetwork";

const SEED = "/var/lib/cloud/seed/nocloud";

export interface GuestIdentity {
  readonly spec: MachineSpec;
  /** Its address on what stands for the internet; undefined without a public interface. */
  readonly publicAddress: string | undefined;
}

/** Locally administered, from the server's id: the same in every run. */
export function macOf(id: number, bridge: "public" | "private"): string {
  const hex = (id & 0xff_ff_ff).toString(16).padStart(6, "0");
  return [bridge === "private" ? "86:00:00" : "96:00:00", ...(hex.match(/../g) ?? [])].join(":");
}

/** cloud-init's seed: what Hetzner's metadata service tells a server at its first boot. */
export function writeSeed(root: string, { spec }: GuestIdentity): void {
  const metadata = {
    "instance-id": String(spec.id),
    "local-hostname": spec.name,
    "public-keys": spec.sshPublicKeys,
  };
  put(root, `${SEED}/meta-data`, stringify(metadata), 0o600);
  put(root, `${SEED}/user-data`, spec.userData === "" ? "#cloud-config\n{}\n" : spec.userData, 0o600);
}

/** The interfaces as Hetzner's images have them: eth0 public, enp7s0 private, a /32 and everything by the gateway. */
export function writeNetwork(root: string, { spec, publicAddress }: GuestIdentity): void {
  put(
    root,
    "/etc/systemd/network/10-public.network",
    [
      "[Match]",
      "Name=eth0",
      "[Link]",
      `MACAddress=${macOf(spec.id, "public")}`,
      "[Network]",
      ...(publicAddress === undefined
        ? []
        : [`Address=${publicAddress}/${PUBLIC_NET.length}`, `Gateway=${PUBLIC_NET.gateway}`]),
      ...NO_IPV6,
    ].join("\n"),
  );
  put(
    root,
    "/etc/systemd/network/10-private.network",
    [
      "[Match]",
      "Name=enp7s0",
      "[Link]",
      `MACAddress=${macOf(spec.id, "private")}`,
      "MTUBytes=1450",
      "[Network]",
      ...spec.privateAddresses.map(({ address }) => `Address=${address}/32`),
      ...NO_IPV6,
      ...spec.privateAddresses.flatMap(({ networkCidr }) => [
        "[Route]",
        `Destination=${gatewayOf(networkCidr)}/32`,
        "Scope=link",
        "[Route]",
        `Destination=${networkCidr}`,
        `Gateway=${gatewayOf(networkCidr)}`,
        "GatewayOnLink=yes",
      ]),
    ].join("\n"),
  );
}

/** Nobody advertises routes here, and waiting for them takes 13 s. */
const NO_IPV6 = ["LinkLocalAddressing=no", "IPv6AcceptRA=no", ""] as const;

function put(root: string, path: string, content: string, mode = 0o644): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode });
  chmodSync(file, mode);
}
