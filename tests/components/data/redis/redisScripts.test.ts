import { redisRoleScript, redisSeedScript, sentinelUpdateScript } from "../../../../components/data/redis/redisConfig";
import { acceptScript, retireScript, usePasswordScript } from "../../../../components/data/redis/redisPasswords";
import { redisRolling } from "../../../../components/data/redis/redisRolling";
import { turnScript } from "../../../../components/data/rollingRestart";
import { reassign } from "../../../support/shellHeader";
import { StubbedHost } from "../../../support/stubbedHost";

const MEMBERS = [1, 2, 3].map((n) => ({ name: `redis-0${n}`, address: `10.0.0.13${n}` }));
const [FIRST, SECOND] = MEMBERS as [(typeof MEMBERS)[0], (typeof MEMBERS)[0]];
const args = (host = FIRST) => ({
  host,
  members: MEMBERS,
  memoryGb: 4,
  password: "new",
  checkPassword: "check",
  accounts: [],
});

let host: StubbedHost;
beforeEach(() => void (host = new StubbedHost()));
afterEach(() => host.dispose());

describe("the two files that Redis and Sentinel keep themselves", () => {
  const seed = (member = FIRST, primary = "") => {
    host.stub("redis-cli", `printf '${primary}\\n6379\\n'`);
    host.stub("chown");
    const script = reassign(redisSeedScript(args(member)), {
      state: host.path("redis.conf"),
      sentinel_state: host.path("sentinel.conf"),
    });
    expect(host.run(script)).toMatchObject({ status: 0, error: "" });
    return { redis: host.read("redis.conf"), sentinel: host.read("sentinel.conf") };
  };

  test("begin with the first member as the primary, where nobody answers", () => {
    expect(seed(FIRST).redis).toBe("# Kept by Redis itself. Settings: /etc/redis/keybuzz.conf\n\n");
    host.dispose();
    host = new StubbedHost();
    const { redis, sentinel } = seed(SECOND);
    expect(redis).toContain("\nreplicaof 10.0.0.131 6379\n");
    expect(sentinel).toContain("\nsentinel monitor keybuzz 10.0.0.131 6379 2\n");
    expect(sentinel).toMatch(/^bind 10\.0\.0\.132 127\.0\.0\.1\n[^]*\nsentinel auth-pass keybuzz new\n/);
  });

  test("follow whom the other Sentinels follow, also on the first member", () => {
    const { redis, sentinel } = seed(FIRST, "10.0.0.133");
    expect(redis).toContain("\nreplicaof 10.0.0.133 6379\n");
    expect(sentinel).toContain("\nsentinel monitor keybuzz 10.0.0.133 6379 2\n");
  });

  test("are never made anew", () => {
    seed(FIRST, "10.0.0.133");
    const before = host.read("redis.conf");
    expect(seed(FIRST, "10.0.0.132").redis).toBe(before);
  });
});

describe("before Redis starts, the member", () => {
  /** @param names whom the Sentinel of each member names; "" does not answer. */
  const start = (
    before: string,
    names: readonly string[],
    { members = MEMBERS, ran = true, silentFor = 0, patience = 0 } = {},
  ) => {
    host.stub("chown");
    host.stub("sleep");
    const answers = names.map((name, n) => `*.13${n + 1}" "*) printf '${name}\\n6379\\n' ;;`).join(" ");
    const silent = `(( $(wc -l <${host.path("asked")}) > ${silentFor} )) || exit 1`;
    host.stub("redis-cli", `${silent}; case "$* " in ${answers} esac`);
    host.run(`printf '# Kept by Redis itself.\\n${before}\\nuser default on\\n' >${host.path("redis.conf")}`);
    if (ran) host.run(`mkdir -p ${host.path("appendonlydir")}`);
    const script = reassign(redisRoleScript({ host: FIRST, members }), {
      state: host.path("redis.conf"),
      data: host.folder,
      ...(ran ? { patience_seconds: patience } : {}),
    });
    const { status, said, asked } = host.run(script);
    expect(status).toBe(0);
    return {
      said: said.trim(),
      file: host.read("redis.conf"),
      asked: asked.filter((call) => call.startsWith("redis-cli")),
    };
  };
  const KEPT = "# Kept by Redis itself.\n";

  test("follows whom the majority names, though it led, and whatever its own Sentinel remembers", () => {
    const { file, said } = start("", ["10.0.0.131", "10.0.0.133", "10.0.0.133"]);
    expect(file).toBe(`${KEPT}replicaof 10.0.0.133 6379\n`);
    expect(said).toBe("the Sentinels name 10.0.0.133");
  });

  test("leads where the majority names it", () => {
    expect(start("replicaof 10.0.0.132 6379", ["10.0.0.131", "", "10.0.0.131"]).file).toBe(KEPT);
  });

  test("is what it was where no majority answers", () => {
    const { file, said } = start("replicaof 10.0.0.132 6379", ["10.0.0.131", "", "10.0.0.133"]);
    expect(file).toBe(`${KEPT}replicaof 10.0.0.132 6379\n`);
    expect(said).toContain("no majority");
  });

  test("waits for Sentinels that start as late as it does", () => {
    const late = { silentFor: 6, patience: 60 };
    const { file, asked } = start("", ["10.0.0.131", "10.0.0.133", "10.0.0.133"], late);
    expect(file).toBe(`${KEPT}replicaof 10.0.0.133 6379\n`);
    expect(asked.length).toBeGreaterThan(6);
  });

  test("waits for nobody at its very first start, and never asks alone", () => {
    expect(start("", ["", "", ""], { ran: false }).asked).toHaveLength(3);
    expect(start("", ["10.0.0.133"], { members: [FIRST] })).toMatchObject({ file: KEPT, asked: [], said: "" });
  });
});

describe("a new password", () => {
  const N8N = { name: "n8n", password: "its", keys: ["n8n:*"], channels: ["n8n:*"] };
  /** Redis takes commands from whoever has one of these, until it is told of another. */
  const redis = (...known: readonly string[]): void =>
    void host.stub(
      "redis-cli",
      `case "$input" in
        "INFO server") printf 'redis_version:%s\\r\\n' "\${VERSION:-7.4.2}" ;;
        "ACL USERS") printf 'default\\nhaproxy\\nn8n\\ngone\\n' ;;
        "ACL DELUSER "*) echo 1 ;;
        *) case "$REDISCLI_AUTH" in ${known.join(" | ")}) echo OK ;; *) echo NOAUTH ;; esac ;;
      esac`,
      true,
    );
  const accept = (version = "7.4.2") =>
    host.run(reassign(acceptScript("new", [N8N]), { known_file: host.path("known") }), {
      REDISCLI_AUTH: "",
      VERSION: version,
    });
  const told = (input: string): readonly string[] =>
    input
      .split("\n")
      .filter((line) => /^ACL (SETUSER|DELUSER)/.test(line))
      .map((line) => line.slice(0, 70));

  test("is told by the one before, and remembered for the next", () => {
    redis("old", "new");
    host.stub("redis-cli", "echo NOAUTH", true);
    expect(accept()).toMatchObject({ status: 1 });
    expect(accept().error).toMatch(/accepts neither the new password nor that in .*known: restart it/);
    host.run(`printf 'old\\n' >${host.path("known")}`);
    redis("old", "new");
    const { status, input } = accept();
    expect({ status, known: host.read("known") }).toEqual({ status: 0, known: "new\n" });
    expect(told(input)).toEqual([
      "ACL SETUSER default >new",
      "ACL SETUSER n8n on >its resetkeys ~n8n:* resetchannels &n8n:* -@all +@",
      "ACL DELUSER gone",
    ]);
  });

  test("comes without the accounts to a Redis that is too old for them: they are in its file", () => {
    redis("''", "new");
    const { status, said, input } = accept("6.0.16");
    expect(status).toBe(0);
    expect(told(input)).toEqual(["ACL SETUSER default >new"]);
    expect(said).toContain("Redis 6 runs: the accounts come with Redis 7, in its turn");
  });

  test("a refused account fails the run", () => {
    redis("new");
    host.stub(
      "redis-cli",
      'case "$input" in *n8n*) echo ERR ;; "INFO server") echo redis_version:7.0.1 ;; *) echo OK ;; esac',
      true,
    );
    const { status, error } = accept();
    expect([status, error]).toEqual([1, "Redis refuses an account; remedy: ACL LOG there\n"]);
  });

  test("is known already to a member that restarted meanwhile", () => {
    redis("new");
    const { status, input } = accept();
    expect([status, host.read("known")]).toEqual([0, "new\n"]);
    expect(told(input).slice(0, 2)).toEqual(["ACL SETUSER default >new", "ACL SETUSER default >new"]);
  });

  test("is then used by every replica and every Sentinel", () => {
    redis("new", "''");
    const { status, asked, input } = host.run(usePasswordScript(MEMBERS, "new"), { REDISCLI_AUTH: "" });
    expect(status).toBe(0);
    expect(asked).toEqual([
      ...MEMBERS.map(({ address }) => `redis-cli --no-auth-warning -h ${address} -p 6379`),
      ...MEMBERS.map(({ address }) => `redis-cli -h ${address} -p 26379`),
    ]);
    expect(input).toBe("CONFIG SET masterauth new\n".repeat(3) + "SENTINEL SET keybuzz auth-pass new\n".repeat(3));
  });

  test("is in the end the only one", () => {
    redis("new");
    const { status, input } = host.run(retireScript(MEMBERS, "new", [N8N]));
    expect([status, input]).toEqual([0, "ACL SETUSER n8n resetpass >its\n".repeat(3)]);
  });

  test("stops at the first member that does not take it, and names it", () => {
    host.stub("redis-cli", "[[ $* == *.132* ]] && echo ERR || echo OK", true);
    const { status, error, asked } = host.run(usePasswordScript(MEMBERS, "new"));
    expect([status, asked.length]).toEqual([1, 2]);
    expect(error).toMatch(/^Redis: 10\.0\.0\.132: it does not take the command; remedy/);
  });
});

describe("a running Sentinel", () => {
  test("is told what may have changed, and must take all of it", () => {
    host.stub("redis-cli", "printf 'OK\\nOK\\nOK\\n'", true);
    expect(host.run(sentinelUpdateScript(args()))).toMatchObject({
      status: 0,
      asked: ["redis-cli -p 26379"],
      input:
        "SENTINEL SET keybuzz quorum 2\nSENTINEL SET keybuzz down-after-milliseconds 2000\nSENTINEL SET keybuzz failover-timeout 4000\n",
    });
    host.stub("redis-cli", "printf 'OK\\nERR Invalid argument\\nOK\\n'", true);
    expect(host.run(sentinelUpdateScript(args()))).toMatchObject({ status: 1, error: "Sentinel refused a setting\n" });
  });
});

describe("a primary that hands over in its turn", () => {
  /** A cluster of three whose primary is 10.0.0.131 until a failover. @param body what is different. */
  const cluster = (body = ""): void => {
    host.stub("systemctl");
    host.stub("sleep");
    host.stub("redis-server", 'echo "Redis server v=7.4.2 sha=0"');
    host.stub(
      "redis-cli",
      `${body}
      done=${host.path("done")}
      case "$*" in
        *"SENTINEL sentinels"*) printf 'name\\na\\nname\\nb\\n' ;;
        *"SENTINEL replicas"*) printf 'role-reported\\nslave\\nrole-reported\\nslave\\n' ;;
        *"SENTINEL ckquorum"*) echo OK 3 usable Sentinels ;;
        *"SENTINEL get-master"*) if [[ -e $done ]]; then echo 10.0.0.132; else echo 10.0.0.131; fi ;;
        *"INFO server"*) printf 'redis_version:7.4.2\\r\\n' ;;
        *"SENTINEL FAILOVER"*) touch "$done"; echo OK ;;
        *"INFO replication"*)
          printf 'slave0:state=online\\nslave1:state=online\\nmaster_repl_offset:100\\r\\n'
          if [[ ! -e $done ]]; then echo role:master; fi ;;
        *) echo OK ;;
      esac`,
    );
  };
  const turn = () => {
    host.run(`mkdir -p ${host.path("pending")}; touch ${host.path("pending")}/turn:redis-server.service`);
    const script = turnScript(redisRolling(MEMBERS, "new"), { host: FIRST, pass: "leader" }, 1);
    return host.run(reassign(script, { pending: host.path("pending") }), { REDISCLI_AUTH: "" });
  };
  /** What was asked of the members, but for looks. */
  const orders = (asked: readonly string[]): readonly string[] =>
    asked
      .filter((call) => !/INFO|--version|SENTINEL (sentinels|replicas|ckquorum|get-master)/.test(call))
      .map((call) => call.replace(/^redis-cli (-p 26379 )?/, ""));

  test("takes no writes from before the change until all follow the new one, then restarts", () => {
    cluster();
    const { status, error, said, asked } = turn();
    expect({ status, error }).toEqual({ status: 0, error: "" });
    expect(orders(asked)).toEqual([
      "CLIENT PAUSE 20000 WRITE",
      "SENTINEL FAILOVER keybuzz",
      "REPLICAOF 10.0.0.132 6379",
      "CLIENT KILL TYPE normal SKIPME yes",
      "CONFIG SET min-replicas-to-write 1",
      "CLIENT UNPAUSE",
      "systemctl restart redis-server.service",
    ]);
    expect(said).toBe("Redis: redis-01 has handed over\nRedis: redis-01: redis-server.service restarted\n");
  });

  test("refuses writes where it cannot let them wait", () => {
    cluster('if [[ $* == *"CLIENT PAUSE"* ]]; then echo ERR syntax; exit 0; fi');
    expect(orders(turn().asked).slice(0, 2)).toEqual([
      "CLIENT PAUSE 20000 WRITE",
      "CONFIG SET min-replicas-to-write 99",
    ]);
  });

  test("takes writes again, and keeps running, when the Sentinels refuse", () => {
    cluster("if [[ $* == *FAILOVER* ]]; then echo NOGOODSLAVE; exit 0; fi");
    const { status, error, asked } = turn();
    expect(status).toBe(1);
    expect(orders(asked).slice(-2)).toEqual(["CONFIG SET min-replicas-to-write 1", "CLIENT UNPAUSE"]);
    expect(error).toMatch(/the roll-out stops at redis-01: it cannot hand over/);
  });

  test("passwords are no arguments", () => {
    cluster();
    expect(turn().asked.join("\n")).not.toContain("new");
  });
});
