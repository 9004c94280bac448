// What can go wrong in the files of a machine: its filter, its proxies, its daemons' limits.
import { texts, type EmittedResource } from "../read/graph";
import { withFile } from "./graphEdits";
import { set, type Mutation } from "./mutation";

const RULES = "/etc/ufw/user.rules";

export function hostMutations(host: EmittedResource): readonly Mutation[] {
  const files = texts(host.inputs["files"]);
  const node = files["/etc/rancher/k3s/config.yaml"] !== undefined;
  const rewrite = (path: string, what: string, from: string, to: string, harmless?: string): Mutation => ({
    name: `${path} of ${host.name}: ${what}`,
    kind: `${path}: ${what.replace(/["'].*/, "").replaceAll(/\d+/g, "#")}`,
    edit: withFile(host.name, path, (content) => content.replace(from, to)),
    ...(harmless === undefined ? {} : { harmless }),
  });
  const rules = (files[RULES] ?? "").split("\n").filter((line) => /^-A ufw-user-(input|forward) /.test(line));
  const pods = "pods reach a machine outside of the cluster with their node's address, never with their own";
  return [
    ...rules.flatMap((line) => {
      const fromPods = line.includes("-s 10.233.") && line.startsWith("-A ufw-user-input") && !node;
      return [
        rewrite(RULES, `removed '${line}'`, `${line}\n`, "", fromPods ? pods : undefined),
        ...(line.includes(" -s ") && line.startsWith("-A ufw-user-input")
          ? [rewrite(RULES, `opened to everybody '${line}'`, line, line.replace(/ -s \S+/, ""))]
          : []),
      ];
    }),
    rewrite("/etc/ufw/ufw.conf", "ENABLED=no", "ENABLED=yes", "ENABLED=no"),
    rewrite("/etc/default/ufw", "input policy ACCEPT", 'INPUT_POLICY="DROP"', 'INPUT_POLICY="ACCEPT"'),
    set(host, ["units", "ufw.service", "enabled"], false),
    ...haproxyMutations(files["/etc/haproxy/haproxy.cfg"] ?? "", rewrite),
    ...(files["/etc/pgbouncer/pgbouncer.ini"] === undefined
      ? []
      : [
          rewrite(
            "/etc/pgbouncer/pgbouncer.ini",
            "server_idle_timeout = 7200",
            "server_idle_timeout = 300",
            "server_idle_timeout = 7200",
          ),
        ]),
    ...(files["/etc/rabbitmq/rabbitmq.conf"] === undefined
      ? []
      : [rewrite("/etc/rabbitmq/rabbitmq.conf", "heartbeat = 300", "heartbeat = 30", "heartbeat = 300")]),
    ...(files["/etc/redis/keybuzz.conf"] === undefined
      ? []
      : [rewrite("/etc/redis/keybuzz.conf", "timeout 60", "timeout 0", "timeout 60")]),
    ...(files["/etc/keybuzz/nat.nft"] === undefined
      ? []
      : [
          rewrite("/etc/keybuzz/nat.nft", "no masquerade", " masquerade", " accept"),
          set(host, ["sysctl", "net.ipv4.ip_forward"], "0"),
        ]),
  ];
}

type Rewrite = (path: string, what: string, from: string, to: string, harmless?: string) => Mutation;

const HEALTH_SPARE = "another line of the health frontend still answers as the checks expect";

function haproxyMutations(config: string, rewrite: Rewrite): readonly Mutation[] {
  const path = "/etc/haproxy/haproxy.cfg";
  let section = "";
  return config.split("\n").flatMap((raw) => {
    const line = raw.trim();
    if (/^(global|defaults|frontend|backend|listen)\b/.test(line)) section = line;
    const change = (what: string, to: string, harmless?: string): Mutation => {
      // The same line stands in several sections: change the one of this section.
      const start = config.indexOf(`${section}\n`);
      const place = config.indexOf(`${raw}\n`, start);
      const head = config.slice(start, place);
      return rewrite(path, `${what} '${line}' in ${section}`, `${head}${raw}\n`, `${head}${to}`, harmless);
    };
    if (section === "global" || section === "defaults" || section === "frontend metrics") return [];
    if (line.startsWith("server ")) return [change("removed", "")];
    if (line.startsWith("bind ")) return line.includes("127.0.0.1") ? [] : [change("removed", "")];
    if (/^timeout (client|server) /.test(line) && section !== "frontend health") {
      const watched =
        section === "backend postgres-pooler" ? "no traffic passes this backend: it is only watched" : undefined;
      return [
        change(
          "shortened",
          "    timeout " + (line.split(" ")[1] ?? "") + " 5s\n",
          watched ??
            (section.startsWith("listen kubernetes-api")
              ? "no promise is declared for the operators' way to the API"
              : undefined),
        ),
      ];
    }
    if (line.startsWith("http-check send")) {
      const role = / \/(primary|replica|read-only)\b/.exec(line)?.[1];
      const other = role === "primary" ? "/replica" : "/primary";
      return [
        change("path /nonsense", "    http-check send meth GET uri /nonsense\n"),
        ...(role !== undefined ? [change("another member's path", `    http-check send meth GET uri ${other}\n`)] : []),
      ];
    }
    if (line.startsWith("http-check expect")) return [change("status 503", "    http-check expect status 503\n")];
    if (/^tcp-check expect .*string (role|\\r)/.test(line)) return [change("removed", "")];
    if (line.startsWith("use_backend "))
      return [change("removed", ""), change("one vote is enough", `    ${line.replace(/ge \d+/, "ge 1")}\n`)];
    if (line.startsWith("http-request return status 200")) {
      const path_ = /\{ path (\S+) \}/.exec(line)?.[1] ?? "";
      const own = line.includes(`nbsrv(${path_.replace("/health/", "")})`);
      return [change("removed", "", own ? undefined : HEALTH_SPARE)];
    }
    if (line.startsWith("default-server "))
      return [
        change(
          "a silent server is left late",
          `    ${line.replace(/ fall \d+/, " fall 100")}\n`,
          section === "backend postgres-pooler" ? "it is beside HAProxy, and falls silent with it" : undefined,
        ),
        change(
          "without its check port or TLS",
          "    default-server inter 1s\n",
          / port | check-ssl/.test(line) ? undefined : "its servers are checked on their own port, without TLS",
        ),
      ];
    return [];
  });
}
