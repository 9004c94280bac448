import { join } from "node:path";
import type { HostConfigPart } from "./hostConfig";
import { shellScript } from "./shellScript";

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
    steps: [
      {
        // The unit stays active when its route goes. Packages come by this route; the first boot has brought the script.
        id: "default-route",
        stage: "beforePackages",
        when: {
          kind: "unless",
          command: `test ! -x ${SCRIPT} || ip -4 route show default | grep -F ' via ${args.gateway} ' >/dev/null`,
        },
        run: [SCRIPT],
      },
    ],
  };
}

/** The files alone, for cloud-init. */
export function privateRouteFiles(
  args: PrivateRouteArgs,
): readonly { readonly path: string; readonly mode: string; readonly content: string }[] {
  return [
    { path: SCRIPT, mode: "0755", content: routeScript(args) },
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

function routeScript({ gateway, nameServers = HETZNER_NAME_SERVERS }: PrivateRouteArgs): string {
  return shellScript(join(__dirname, "privateRoute.sh"), { gateway, name_servers: nameServers.join(" ") });
}
