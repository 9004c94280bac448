import { GALERA_REVIVAL } from "../../../../components/data/mariadb/galeraRevival";
import { revivalScript } from "../../../../components/data/revival";
import { RevivedHost } from "../support/revived";

// GNU's stat, as on the hosts.
const possible = process.platform === "linux";
if (!possible) process.stderr.write("skipped: the script that looks after MariaDB: it needs Linux\n");

(possible ? describe : describe.skip)("the script that looks after MariaDB", () => {
  let host: RevivedHost;
  beforeEach(() => void (host = new RevivedHost()));
  afterEach(() => host.dispose());

  /** @param connected what MariaDB says; undefined: it says nothing. @returns what was asked of systemd. */
  function orders(active: boolean, connected: "ON" | "OFF" | undefined, illSecondsAgo?: number): string {
    host.put("mariadb", connected === undefined ? "exit 1" : `printf 'wsrep_connected\\t${connected}\\n'`);
    const [question, ...rest] = host.run(revivalScript(GALERA_REVIVAL), active, illSecondsAgo);
    expect(question).toBe("is-active --quiet mariadb.service");
    return rest.join();
  }

  test("starts again what has left its cluster, after a while", () => {
    expect(orders(true, "OFF")).toBe("");
    expect(host.remembers).toBe(true);
    expect(orders(true, "OFF", 60)).toBe("--no-block restart mariadb.service");
    expect(host.remembers).toBe(false);
  });

  test.each([
    ["is connected", true, "ON"],
    ["does not answer", true, undefined],
    ["starts or was stopped", false, "OFF"],
  ] as const)("leaves alone what %s, and forgets", (_what, active, connected) => {
    expect(orders(active, connected, 60)).toBe("");
    expect(host.remembers).toBe(false);
  });
});
