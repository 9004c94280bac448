import type { HostConfigPart } from "./hostConfig";
import type { RoutedRule } from "./hostFirewall";

const RULES = "/etc/keybuzz/nat.nft";
const UNIT = "keybuzz-nat.service";
const TABLE = "keybuzz_nat";

/**
 * The way out of the private network for machines without a public address: the network's default route leads to
 * this host, which gives their packets its own address. UFW must let them through: add `natRoutes` to its rules.
 */
export function natGateway(networkCidr: string): HostConfigPart {
  return {
    packages: [{ name: "nftables" }],
    sysctl: [{ key: "net.ipv4.ip_forward", value: 1 }],
    files: [{ path: RULES, content: natRules(networkCidr), validate: "nft -c -f %s" }],
    units: [
      {
        name: UNIT,
        content: [
          "[Unit]",
          "Description=NAT of the private network",
          "Before=network-pre.target",
          "Wants=network-pre.target",
          "DefaultDependencies=no",
          "After=local-fs.target",
          "[Service]",
          "Type=oneshot",
          "RemainAfterExit=yes",
          `ExecStart=/usr/sbin/nft -f ${RULES}`,
          `ExecReload=/usr/sbin/nft -f ${RULES}`,
          "[Install]",
          "WantedBy=multi-user.target",
          "",
        ].join("\n"),
        enabled: true,
        state: "running",
        reloadOn: [RULES],
      },
    ],
    steps: [
      {
        // Whoever flushes nftables (its own service does when it stops) leaves the unit active, and nobody a way out.
        id: "nat-loaded",
        after: [UNIT],
        when: { kind: "unless", command: `nft list table ip ${TABLE} | grep -w masquerade >/dev/null` },
        run: [`nft -f ${RULES}`],
      },
    ],
  };
}

/** What the bastion's firewall must pass on. */
export function natRoutes(networkCidr: string): readonly RoutedRule[] {
  return [{ from: networkCidr, to: "any", reason: "NAT: the private network's way out" }];
}

/** A table of its own, replaced in one commit. */
function natRules(networkCidr: string): string {
  return [
    "# Written by the infrastructure program.",
    `table ip ${TABLE}`,
    `flush table ip ${TABLE}`,
    `table ip ${TABLE} {`,
    "  chain postrouting {",
    "    type nat hook postrouting priority 100; policy accept;",
    `    ip saddr ${networkCidr} ip daddr != ${networkCidr} masquerade`,
    "  }",
    "}",
    "",
  ].join("\n");
}
