import { rabbitRetireScript, rabbitVhostsScript } from "../../../../components/data/rabbit/rabbitConfig";
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
}): void {
  const { users = "", vhosts = "", password = "none", help = "--default-queue-type" } = there;
  host.stub(
    "rabbitmqctl",
    // It has much to say: whoever reads only the beginning breaks its pipe.
    // With one argument more its wrapper (since 3.12.11) takes the password for given, and waits for it without an end.
    `case "$1" in
      authenticate_user | add_user | change_password) if (( $# != 2 )); then echo "no input: $*" >&2; exit 124; fi ;;
    esac
    case "$1" in
      list_users) printf '%s\\t[]\\n' ${users} {1..20000} ;;
      list_vhosts) printf '%s\\n' ${vhosts} {1..20000} ;;
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

  test("asks for no default where this RabbitMQ knows none, and does nothing where nobody asked", () => {
    rabbit({ help: "nothing" });
    expect(orders(host.run(rabbitVhostsScript(VHOSTS)).asked)[0]).toBe("add_vhost --quiet keybuzz");
    expect(orders(host.run(rabbitVhostsScript([])).asked)).toEqual([]);
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
