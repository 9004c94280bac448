import { galeraDatabasesScript } from "../../../../components/data/mariadb/galeraConfig";
import { wsrepStateScript } from "../../../../components/data/mariadb/galeraStart";
import { reassign } from "../../../support/shellHeader";
import { StubbedHost } from "../../../support/stubbedHost";

let host: StubbedHost;
beforeEach(() => void (host = new StubbedHost()));
afterEach(() => host.dispose());

describe("the script for MariaDB's databases", () => {
  const mariadb = (ready: string): void =>
    void host.stub(
      "mariadb",
      `if [[ $* == *wsrep_ready* ]]; then printf 'wsrep_ready\\t%s\\n' "$(${ready})"; else cat >>${host.path("sql")}; fi`,
    );

  test("waits for the cluster, then makes accounts and databases by standard input", () => {
    host.stub("sleep", `touch ${host.path("later")}`);
    mariadb(`[[ -e ${host.path("later")} ]] && echo ON || echo OFF`);
    const databases = [{ name: "erpnext", user: "erpnext", password: "pw-erp" }];
    const { status, error, asked } = host.run(galeraDatabasesScript(databases, "pw-monitor"));
    expect({ status, error }).toEqual({ status: 0, error: "" });
    expect(asked.filter((call) => call.startsWith("sleep"))).toEqual(["sleep 2"]);
    expect(asked.join("\n")).not.toContain("pw-");
    expect(host.read("sql").split("\n")).toEqual([
      "CREATE USER IF NOT EXISTS 'monitor'@'%' IDENTIFIED BY 'pw-monitor';",
      "ALTER USER 'monitor'@'%' IDENTIFIED BY 'pw-monitor';",
      "GRANT USAGE, REPLICATION CLIENT ON *.* TO 'monitor'@'%';",
      "CREATE DATABASE IF NOT EXISTS `erpnext` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;",
      "CREATE USER IF NOT EXISTS 'erpnext'@'%' IDENTIFIED BY 'pw-erp';",
      "ALTER USER 'erpnext'@'%' IDENTIFIED BY 'pw-erp';",
      "GRANT ALL PRIVILEGES ON `erpnext`.* TO 'erpnext'@'%';",
      "",
    ]);
  });

  test("fails where MariaDB refuses", () => {
    host.stub("mariadb", "if [[ $* == *wsrep_ready* ]]; then echo 'wsrep_ready ON' | tr ' ' '\\t'; else exit 1; fi");
    expect(host.run(galeraDatabasesScript([], "pw-monitor")).status).toBe(1);
  });
});

describe("what a member says of itself", () => {
  const answer = (state: string, grastate: string): string => {
    host.stub("mariadb", `printf '%s' '${state}'`);
    host.run(
      `printf 'uuid:    %s\\n' '${grastate}' >${host.path("grastate.dat")}; echo "${grastate}:7" >${host.path("position")}`,
    );
    const script = reassign(wsrepStateScript(), { position: host.path("position") });
    const here = script.replace("/var/lib/mysql/grastate.dat", host.path("grastate.dat"));
    return host.run(here, {}, "GET / HTTP/1.0\r\nHost: maria-01\r\n\r\n").said;
  };
  const CLUSTER = "45986ca5-e63a-11f1-a44f-2baab99a3c67";

  test.each([
    ["4,ON", CLUSTER, "200 OK", `data=yes position=${CLUSTER}:7`],
    ["2,OFF", CLUSTER, "503 Service Unavailable", `data=yes position=${CLUSTER}:7`],
    ["", "00000000-0000-0000-0000-000000000000", "503 Service Unavailable", "data=no"],
  ])("with %j, as the member of %s: %s", (state, cluster, status, body) => {
    expect(answer(state, cluster)).toBe(
      `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  });
});
