import { databasesScript, retiredRolesScript } from "../../../../components/data/postgres/postgresScripts";
import { reassign } from "../../../support/shellHeader";
import { StubbedHost } from "../../../support/stubbedHost";

const MEMBERS = [1, 2, 3].map((n) => ({ name: `db-0${n}`, address: `10.0.0.12${n}` }));
const PASSWORDS = ["replicator", "rewinder", "pgbouncer_auth", "keybuzz_monitor"].map(
  (role) => [role, `pw-${role}`] as const,
);
const ARGS = {
  members: MEMBERS,
  settings: { ttl: 20 },
  passwords: new Map(PASSWORDS),
  accounts: new Map([
    ["chatwoot", { user: "chatwoot_b", password: "pw-chatwoot", retired: "chatwoot" }],
    ["n8n", { user: "n8n", password: "pw-n8n" }],
  ]),
  databases: [
    { name: "chatwoot", owner: "chatwoot", extensions: ["pg_trgm", "pgcrypto"], pooled: true },
    { name: "n8n", owner: "n8n", extensions: [], pooled: false },
  ],
};

let host: StubbedHost;
beforeEach(() => {
  host = new StubbedHost();
  // The leader's address; one session, which goes while it is waited for.
  host.stub(
    "runuser",
    `case "$input" in
      *inet_server_addr*) echo 10.0.0.122 ;;
      *"count(*)"*) if [[ -e ${host.path("gone")} ]]; then echo 0; else echo 1; fi ;;
    esac`,
    true,
  );
  host.stub("sleep", `touch ${host.path("gone")}`);
  // Nobody can log in yet but those that are named.
  host.stub("psql", '[[ " $CAN_LOG_IN " == *" $PGPASSWORD "* ]]');
  host.stub("python3", "", true);
});
afterEach(() => host.dispose());

/** The last words of each call on the leader: psql's variables and the database. */
const onLeader = (asked: readonly string[]): readonly string[] =>
  asked
    .filter((call) => call.startsWith("runuser "))
    .map((call) => {
      const variables = [...call.matchAll(/-v (?!ON_ERROR)(\S+)/g)].map((match) => match[1]);
      return [/dbname=(\S+)$/.exec(call)?.[1], ...variables].join(" ");
    });

describe("the databases' script, run by bash against commands that remember", () => {
  const run = (args: Partial<Parameters<typeof databasesScript>[0]> = {}, logins = "") =>
    host.run(databasesScript({ ...ARGS, monitor: "keybuzz_monitor", ...args }), { CAN_LOG_IN: logins });

  test("finds the leader, then makes what is declared, in the order of what needs what", () => {
    const { status, error, said, asked } = run();
    expect({ status, error }).toEqual({ status: 0, error: "" });
    expect(onLeader(asked)).toEqual([
      "postgres", // Does it answer?
      "postgres", // Where is it?
      "postgres role=replicator",
      "postgres role=rewinder",
      "postgres role=pgbouncer_auth",
      "postgres role=pgbouncer_auth",
      "postgres role=keybuzz_monitor",
      "postgres role=keybuzz_monitor",
      "postgres role=keybuzz_monitor",
      "postgres role=chatwoot",
      "postgres role=n8n",
      "postgres role=chatwoot_b",
      "postgres role=chatwoot_b owner=chatwoot",
      "postgres db=chatwoot owner=chatwoot",
      "chatwoot owner=chatwoot",
      "postgres db=n8n owner=n8n",
      "n8n owner=n8n",
      "chatwoot extension=pg_trgm",
      "chatwoot extension=pgcrypto",
      "chatwoot db=chatwoot pooler=pgbouncer_auth schema=pgbouncer",
      "postgres role=chatwoot_b",
      "postgres role=n8n",
    ]);
    const calls = asked.filter((call) => call.startsWith("runuser "));
    expect(calls[1]).toContain("-d host=10.0.0.121,10.0.0.122,10.0.0.123 port=5432 target_session_attrs=read-write");
    for (const call of calls.slice(2)) expect(call).toContain("-d host=10.0.0.122 port=5432");
    expect(said).toMatch(/password of chatwoot_b set\npassword of n8n set\ndatabases: chatwoot n8n\n$/);
  });

  test("gives the cluster's settings to Patroni's members", () => {
    const { asked, input } = run();
    expect(asked.join("\n")).toMatch(/server\.key 10\.0\.0\.121:8008 10\.0\.0\.122:8008 10\.0\.0\.123:8008$/m);
    expect(input).toContain('{"ttl":20}\n');
  });

  test("sets no password that lets its role in already", () => {
    const { asked, input } = run({}, "pw-n8n pw-chatwoot pw-rewinder");
    expect(onLeader(asked).filter((call) => /^postgres role=(n8n|chatwoot_b|rewinder)$/.test(call))).toEqual([
      "postgres role=n8n",
      "postgres role=chatwoot_b",
    ]);
    expect(input.match(/^\\set password '(.*)'$/gm)).toEqual([
      "\\set password 'pw-replicator'",
      "\\set password 'pw-pgbouncer_auth'",
      "\\set password 'pw-keybuzz_monitor'",
    ]);
  });

  test("has nothing of pools and monitoring where there are none", () => {
    const databases = ARGS.databases.map((database) => ({ ...database, pooled: false }));
    const { status, asked } = host.run(databasesScript({ ...ARGS, databases }), { CAN_LOG_IN: "" });
    expect(status).toBe(0);
    expect(asked.join("\n")).not.toMatch(/pgbouncer|monitor/);
  });

  test("passwords are no arguments", () => {
    expect(run().asked.join("\n")).not.toContain("pw-");
  });

  test("gives up where no leader is found, before anything is done", () => {
    host.stub("runuser", "exit 2", true);
    const script = reassign(databasesScript(ARGS), { leader_wait_seconds: 0 });
    const { status, error, asked } = host.run(script);
    expect(status).toBe(1);
    expect(error).toMatch(/no leader within 0 s; see 'patronictl/);
    expect(asked.filter((call) => !call.startsWith("runuser"))).toEqual([]);
  });
});

describe("the script that ends logins", () => {
  test("waits for their sessions to go, then takes the password away", () => {
    const script = retiredRolesScript(MEMBERS, ["chatwoot", "n8n_b"]);
    const { status, said, asked, input } = host.run(script);
    expect(status).toBe(0);
    expect(onLeader(asked).slice(2)).toEqual([
      "postgres role=chatwoot", // One session.
      "postgres role=chatwoot", // None.
      "postgres role=chatwoot",
      "postgres role=n8n_b",
      "postgres role=n8n_b",
    ]);
    expect(asked.filter((call) => call.startsWith("sleep"))).toEqual(["sleep 1"]);
    expect(input).toMatch(/count[^]*PASSWORD NULL[^]*pg_terminate_backend[^]*count[^]*PASSWORD NULL/);
    expect(said).toBe("chatwoot may not log in any more\nn8n_b may not log in any more\n");
  });
});
