import type { HostConfigPart } from "./hostConfig";

/** Hetzner's recursive name servers (docs.hetzner.com, "Recursive name servers"). */
export const HETZNER_NAME_SERVERS = ["185.12.64.1", "185.12.64.2"] as const;

const SCRIPT = "/usr/local/sbin/keybuzz-private-route";
const UNIT = "keybuzz-private-route.service";

export interface PrivateRouteArgs {
  /** Gateway of the private network: its first address, e.g. "10.0.0.1". */
  readonly gateway: string;
  /** Default: Hetzner's. */
  readonly nameServers?: readonly string[];
}

/**
 * The way out for a machine without a public interface: Hetzner's DHCP gives it an address and the route to its
 * network, but neither a default route nor name servers. cloud-init writes these files at the first boot, because
 * the first `apt-get` needs them; from then on they belong to the host's configuration.
 */
export function privateRoute(args: PrivateRouteArgs): HostConfigPart {
  return {
    files: privateRouteFiles(args),
    units: [
      {
        name: UNIT,
        content: unitContent(),
        enabled: true,
        state: "running",
        restartOn: [SCRIPT],
      },
    ],
  };
}

/** The files alone, for cloud-init. */
export function privateRouteFiles(
  args: PrivateRouteArgs,
): readonly { readonly path: string; readonly mode: string; readonly content: string }[] {
  return [
    { path: SCRIPT, mode: "0755", content: scriptContent(args.gateway, args.nameServers ?? HETZNER_NAME_SERVERS) },
    {
      // Otherwise networkd removes the route whenever it is restarted.
      path: "/etc/systemd/networkd.conf.d/keybuzz.conf",
      mode: "0644",
      content: "[Network]\nManageForeignRoutes=no\n",
    },
  ];
}

export const PRIVATE_ROUTE_UNIT = { name: UNIT, path: `/etc/systemd/system/${UNIT}`, content: unitContent() } as const;

function unitContent(): string {
  return [
    "[Unit]",
    "Description=Default route and name servers of the private network",
    "After=network.target systemd-networkd.service networking.service",
    "Before=network-online.target",
    "[Service]",
    "Type=oneshot",
    "RemainAfterExit=yes",
    `ExecStart=${SCRIPT}`,
    "TimeoutStartSec=150",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}

function scriptContent(gateway: string, nameServers: readonly string[]): string {
  return [
    "#!/bin/sh",
    "# Written by the infrastructure program.",
    "set -eu",
    `gateway=${gateway}`,
    "device=",
    "for attempt in $(seq 120); do",
    `  device=$(ip -4 route get "$gateway" 2>/dev/null | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')`,
    '  [ -z "$device" ] || [ "$device" = lo ] || break',
    "  device=",
    "  sleep 1",
    "done",
    '[ -n "$device" ] || { echo "no interface leads to $gateway after 120 s" >&2; exit 1; }',
    'ip -4 route replace default via "$gateway" dev "$device" onlink',
    "if systemctl is-active --quiet systemd-resolved; then",
    "  mkdir -p /etc/systemd/resolved.conf.d",
    `  new='[Resolve]\nDNS=${nameServers.join(" ")}'`,
    '  if [ "$(cat /etc/systemd/resolved.conf.d/keybuzz.conf 2>/dev/null)" != "$new" ]; then',
    `    printf '%s\\n' "$new" >/etc/systemd/resolved.conf.d/keybuzz.conf`,
    "    systemctl restart systemd-resolved",
    "  fi",
    "elif ! grep -q '^nameserver' /etc/resolv.conf 2>/dev/null; then",
    ...nameServers.map((server) => `  echo nameserver ${server} >>/etc/resolv.conf`),
    "fi",
    "",
  ].join("\n");
}
