import { aptMirror, goldenImage, type GoldenImage, type GuestSuite } from "@standin/machines/real";
import type { FleetNeeds } from "./fleetNeeds";

export interface MachineImageArgs {
  /** Images are kept below it. */
  readonly cacheDir: string;
  readonly needs: Pick<FleetNeeds, "packages" | "suite">;
  readonly log: (line: string) => void;
}

/** With which somebody outside of the machines asks their services: the one that none of them brings itself. */
const CLIENT_PACKAGES = ["python3-pika"] as const;

/** The image that real machines boot from, built where it is not in the cache yet. */
export function machineImage({ cacheDir, needs, log }: MachineImageArgs): Promise<GoldenImage> {
  return goldenImage({
    cacheDir,
    suite: needs.suite,
    packages: [...CLIENT_PACKAGES, ...needs.packages],
    // Patroni makes the cluster, not Debian's package.
    files: [{ path: "/etc/postgresql-common/createcluster.conf", content: "create_main_cluster = false\n" }],
    forget: {
      files: ["/var/lib/rabbitmq/.erlang.cookie"],
      folders: ["/var/lib/etcd/*", "/var/lib/postgresql/*/main"],
    },
    mirror: () => debianMirror(needs.suite),
    log,
  });
}

/** The archive that this machine's own apt uses, or KEYBUZZ_DEBIAN_MIRROR. @throws Error where there is neither. */
export async function debianMirror(suite: GuestSuite): Promise<string> {
  const chosen = process.env["KEYBUZZ_DEBIAN_MIRROR"];
  if (chosen !== undefined && chosen !== "") return chosen;
  const found = await aptMirror(suite);
  if (found === undefined)
    throw new Error(`no archive of Debian ${suite} among apt's sources; set KEYBUZZ_DEBIAN_MIRROR to one`);
  return found;
}
