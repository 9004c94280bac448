import { writeFileSync } from "node:fs";
import { rabbitRetireScript, rabbitVhostsScript } from "../../../../components/data/rabbit/rabbitConfig";
import { rabbitSeriesScript } from "../../../../components/data/rabbit/rabbitPackages";
import { StubbedHost } from "../../../support/stubbedHost";

const VHOSTS = [
  { name: "keybuzz", user: "keybuzz_b", password: "pw-keybuzz", retired: "keybuzz" },
  { name: "n8n", user: "n8n", password: "pw-n8n" },
];

let host: StubbedHost;
beforeEach(() => void (host = new StubbedHost()));
afterEach(() => host.dispose());

/** @param there what RabbitMQ has: users and virtual hosts, and a password that lets its user in. */
function rabbit(there: {
  readonly users?: string;
  readonly vhosts?: string;
  readonly password?: string;
  readonly help?: string;
  /** What its virtual hosts default to. */
  readonly type?: "quorum" | "classic" | "undefined";
  /** It keeps that, whatever it is told. */
  readonly stubborn?: boolean;
}): void {
  const { users = "", vhosts = "", password = "none", help = "update_vhost_metadata", type = "quorum" } = there;
  writeFileSync(
    host.path("types"),
    [
      ...vhosts
        .split(" ")
        .filter((name) => name !== "")
        .map((name) => `${name}\t${type}\n`),
    ].join(""),
  );
  const told = there.stubborn === true ? "true" : `sed -i "s/\\t.*/\\tquorum/" ${host.path("types")}`;
  host.stub(
    "rabbitmqctl",
    // It has much to say: whoever reads only the beginning breaks its pipe.
    // With one argument more its wrapper (since 3.12.11) takes the password for given, and waits for it without an end.
    `case "$1" in
      authenticate_user | add_user | change_password) if (( $# != 2 )); then echo "no input: $*" >&2; exit 124; fi ;;
    esac
    case "$1" in
      list_users) printf '%s\\t[]\\n' ${users} {1..20000} ;;
      list_vhosts) cut -f "$(if [[ "$*" == *type ]]; then echo 1,2; else echo 1; fi)" ${host.path("types")}; printf '%s\\n' {1..20000} ;;
      add_vhost) printf '%s\\t%s\\n' "$3" "\${5:-undefined}" >>${host.path("types")} ;;
      update_vhost_metadata | eval) ${told} ;;
      list_connections) if [[ ! -e ${host.path("gone")} ]]; then printf '%s\\n' keybuzz {1..20000}; fi ;;
      help) printf '%s\\n' "${help}" {1..20000} ;;
      authenticate_user) grep -qx ${password} ;;
      add_user | change_password) cat >>${host.path("passwords")} ;;
    esac`,
  );
  host.stub("sleep", `touch ${host.path("gone")}`);
}
const orders = (asked: readonly string[]): readonly string[] =>
  asked
    .filter((call) => !/ (list_\w+|help|await_startup|authenticate_user)/.test(call))
    .map((call) => call.replace("rabbitmqctl ", ""));

describe("the script for virtual hosts and users", () => {
  test("makes what is not there, with quorum queues as the default, and takes the guest away", () => {
    rabbit({ users: "guest n8n", password: "pw-n8n" });
    const { status, error, asked } = host.run(rabbitVhostsScript(VHOSTS));
    expect({ status, error }).toEqual({ status: 0, error: "" });
    expect(orders(asked)).toEqual([
      "delete_user --quiet guest",
      "add_vhost --quiet keybuzz --default-queue-type quorum",
      "add_user keybuzz_b",
      "set_permissions --quiet -p keybuzz keybuzz_b .* .* .*",
      "add_vhost --quiet n8n --default-queue-type quorum",
      "set_permissions --quiet -p n8n n8n .* .* .*",
    ]);
    expect(host.read("passwords")).toBe("pw-keybuzz\n");
    expect(asked.join("\n")).not.toContain("pw-");
  });

  test("sets a password that no longer lets its user in", () => {
    rabbit({ users: "keybuzz_b n8n", vhosts: "keybuzz n8n", password: "pw-n8n" });
    expect(orders(host.run(rabbitVhostsScript(VHOSTS)).asked)).toEqual([
      "change_password keybuzz_b",
      "set_permissions --quiet -p keybuzz keybuzz_b .* .* .*",
      "set_permissions --quiet -p n8n n8n .* .* .*",
    ]);
    expect(host.read("passwords")).toBe("pw-keybuzz\n");
  });

  test("does nothing where nobody asked", () => {
    rabbit({});
    expect(orders(host.run(rabbitVhostsScript([])).asked)).toEqual([]);
  });

  test("gives quorum queues to virtual hosts that were made without, in the words of either series", () => {
    const known = { users: "keybuzz_b n8n", vhosts: "keybuzz n8n", type: "classic", password: "pw-n8n" } as const;
    rabbit(known);
    expect(orders(host.run(rabbitVhostsScript(VHOSTS)).asked)).toContain(
      "update_vhost_metadata --quiet keybuzz --default-queue-type quorum",
    );
    rabbit({ ...known, type: "undefined", help: "nothing" });
    expect(orders(host.run(rabbitVhostsScript(VHOSTS)).asked)).toContainEqual(
      expect.stringMatching(/^eval --quiet .*rabbit_vhost:update_metadata\(<<"keybuzz">>, .*<<"quorum">>/),
    );
  });

  test("fails where a virtual host keeps another default", () => {
    rabbit({ vhosts: "keybuzz", type: "classic", stubborn: true });
    const { status, error } = host.run(rabbitVhostsScript(VHOSTS));
    expect(status).toBe(1);
    expect(error).toMatch(/virtual host keybuzz: found the default queue type classic; allowed: quorum, .*; fix: /);
  });
});

describe("the makers' RabbitMQ", () => {
  const over = (installed: string) => {
    host.stub("dpkg-query", `printf '%s' '${installed}'`);
    host.stub("dpkg", `[[ $(printf '%s\n' "$2" "$4" | sort -V | head -1) == "$4" ]]`);
    return host.run(rabbitSeriesScript("3.13"));
  };

  test.each(["", "3.12.1-1ubuntu1", "3.13.7-1"])("takes over from %j", (installed) => {
    expect(over(installed)).toMatchObject({ status: 0, error: "" });
  });

  test("is not installed over what it cannot take over", () => {
    const { status, error } = over("3.9.27-0ubuntu0.1");
    expect(status).toBe(1);
    expect(error).toMatch(/RabbitMQ 3\.9\.27-0ubuntu0\.1 is installed; allowed: 3\.12 or later, .*; fix: .*run empty/);
  });
});

describe("the script that ends users", () => {
  test("waits for their connections to go, and passes over who is gone", () => {
    rabbit({ users: "keybuzz keybuzz_b" });
    const { status, asked } = host.run(rabbitRetireScript(["keybuzz", "shop"]));
    expect(status).toBe(0);
    expect(orders(asked)).toEqual(["sleep 3", "delete_user --quiet keybuzz"]);
  });
});
