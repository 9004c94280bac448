// Every rule, service, policy and timeout of an emitted graph, removed or altered, one at a time.
import { at, list, text, texts, type EmittedGraph, type EmittedResource } from "../components/topology/verifier/graph";
import { withFile, withInput, without, type Edit } from "./graphEdits";

export interface Mutation {
  /** What was done, e.g. "UFW of minio-01: removed -A ufw-user-input ...". */
  readonly name: string;
  readonly kind: string;
  readonly edit: Edit;
  /** Why it changes nothing for any packet; undefined: it must be caught. */
  readonly harmless?: string;
}

const RULES = "/etc/ufw/user.rules";

export function mutations(graph: EmittedGraph): readonly Mutation[] {
  const peopled = namespacesWithPods(graph);
  return graph.resources.flatMap((resource): readonly Mutation[] => {
    switch (resource.type) {
      case "keybuzz:machines:Host":
        return hostMutations(resource);
      case "hcloud:index/server:Server":
        return serverMutations(resource);
      case "hcloud:index/firewall:Firewall":
        return firewallMutations(resource);
      case "hcloud:index/networkRoute:NetworkRoute":
        return [removed(resource)];
      case "hcloud:index/loadBalancerTarget:LoadBalancerTarget":
        return [removed(resource)];
      case "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork":
        return [
          removed(resource),
          set(resource, ["enablePublicInterface"], resource.inputs["enablePublicInterface"] !== true),
        ];
      case "hcloud:index/loadBalancerService:LoadBalancerService":
        return balancerMutations(resource);
      case "kubernetes:core/v1:Service":
        return serviceMutations(resource);
      case "kubernetes:networking.k8s.io/v1:NetworkPolicy":
        return policyMutations(resource, peopled);
      case "kubernetes:networking.k8s.io/v1:Ingress":
        return ingressMutations(resource);
      case "kubernetes:networking.k8s.io/v1:IngressClass":
        return [removed(resource)];
      case "kubernetes:operator.tigera.io/v1:Installation":
        return [set(resource, ["spec", "calicoNetwork", "ipPools", 0, "natOutgoing"], "Disabled"), removed(resource)];
      case "kubernetes:crd.projectcalico.org/v1:FelixConfiguration":
        return [
          set(resource, ["spec", "defaultEndpointToHostAction"], "Drop"),
          set(resource, ["spec", "defaultEndpointToHostAction"], "Accept"),
        ];
      case "kubernetes:core/v1:ConfigMap":
        return controllerMutations(resource);
      default:
        return [];
    }
  });
}

function removed(resource: EmittedResource): Mutation {
  return {
    name: `${resource.type} ${resource.name}: removed`,
    kind: `removed ${resource.type}`,
    edit: without((one) => one === resource || (one.type === resource.type && one.name === resource.name)),
  };
}

function set(
  resource: EmittedResource,
  path: readonly (string | number)[],
  value: unknown,
  harmless?: string,
): Mutation {
  return {
    name: `${resource.type} ${resource.name}: ${path.join(".")} = ${JSON.stringify(value) ?? "removed"}`,
    kind: `${resource.type} ${path.filter((key) => typeof key === "string").join(".")}`,
    edit: withInput(resource.name, path, value),
    ...(harmless === undefined ? {} : { harmless }),
  };
}

function hostMutations(host: EmittedResource): readonly Mutation[] {
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
    if (line.startsWith("http-check send"))
      return [change("path /nonsense", "    http-check send meth GET uri /nonsense\n")];
    if (line.startsWith("http-check expect")) return [change("status 503", "    http-check expect status 503\n")];
    if (line.startsWith("tcp-check expect string role")) return [change("removed", "")];
    if (line.startsWith("http-request return status 200")) {
      const path_ = /\{ path (\S+) \}/.exec(line)?.[1] ?? "";
      const own = line.includes(`nbsrv(${path_.replace("/health/", "")})`);
      return [change("removed", "", own ? undefined : HEALTH_SPARE)];
    }
    if (line.startsWith("default-server "))
      return [
        change(
          "without its check port or TLS",
          "    default-server inter 1s\n",
          / port | check-ssl/.test(line) ? undefined : "its servers are checked on their own port, without TLS",
        ),
      ];
    return [];
  });
}

function serverMutations(server: EmittedResource): readonly Mutation[] {
  return [
    ...(server.inputs["placementGroupId"] === undefined ? [] : [set(server, ["placementGroupId"], undefined)]),
    ...(list(server.inputs["firewallIds"]).length === 0 ? [] : [set(server, ["firewallIds"], [])]),
  ];
}

function firewallMutations(firewall: EmittedResource): readonly Mutation[] {
  return list(firewall.inputs["rules"]).flatMap((_, index) => [
    set(firewall, ["rules", index], undefined),
    set(firewall, ["rules", index, "sourceIps"], ["0.0.0.0/0"]),
    set(firewall, ["rules", index, "port"], "1-65535"),
  ]);
}

function balancerMutations(service: EmittedResource): readonly Mutation[] {
  const health = service.inputs["healthCheck"];
  const http = at(health, "http") !== undefined;
  return [
    removed(service),
    set(service, ["destinationPort"], 1),
    set(service, ["proxyprotocol"], true),
    set(service, ["healthCheck"], undefined),
    set(service, ["healthCheck", "port"], 1),
    ...(http
      ? [
          set(service, ["healthCheck", "http", "path"], "/nonsense"),
          set(service, ["healthCheck", "http", "statusCodes"], ["404"]),
          set(service, ["healthCheck", "http", "tls"], true),
        ]
      : []),
    ...(at(service.inputs, "http", "timeoutIdle") === undefined
      ? []
      : [set(service, ["http", "timeoutIdle"], 30), set(service, ["http", "timeoutIdle"], undefined)]),
    ...(at(service.inputs, "http", "redirectHttp") === true ? [set(service, ["http", "redirectHttp"], false)] : []),
  ];
}

function serviceMutations(service: EmittedResource): readonly Mutation[] {
  const ports = list(at(service.inputs, "spec", "ports"));
  return [
    removed(service),
    set(service, ["spec", "selector"], { "app.kubernetes.io/name": "nobody" }),
    ...ports.map((_, index) =>
      set(
        service,
        ["spec", "ports", index, "port"],
        1,
        at(service.inputs, "spec", "type") === "NodePort"
          ? "the balancers use its NodePort; nothing uses its cluster port"
          : undefined,
      ),
    ),
    ...ports.map((_, index) => set(service, ["spec", "ports", index, "targetPort"], 1)),
    ...(at(service.inputs, "spec", "type") === "NodePort"
      ? [
          set(service, ["spec", "externalTrafficPolicy"], "Cluster"),
          set(service, ["spec", "ports", 0, "nodePort"], 32000),
        ]
      : []),
  ];
}

function policyMutations(policy: EmittedResource, peopled: ReadonlySet<string>): readonly Mutation[] {
  // What opens an empty namespace is an exposure for whoever is started there; what narrows it meets nobody.
  const empty = !peopled.has(text(at(policy.inputs, "metadata", "namespace")) ?? "");
  const nobody = empty ? "no pod on the pod network is emitted in that namespace" : undefined;
  const rules = (direction: "ingress" | "egress", side: "from" | "to"): readonly Mutation[] =>
    list(at(policy.inputs, "spec", direction)).flatMap((rule, index) => {
      const everywhere = list(at(rule, side)).some((peer) => at(peer, "ipBlock", "cidr") === "0.0.0.0/0");
      return [
        set(policy, ["spec", direction, index], undefined, nobody),
        set(policy, ["spec", direction, index, side], [], everywhere ? "it already names every address" : undefined),
        set(policy, ["spec", direction, index, "ports", 0, "port"], 1, nobody),
      ];
    });
  return [removed(policy), ...rules("ingress", "from"), ...rules("egress", "to")];
}

function namespacesWithPods(graph: EmittedGraph): ReadonlySet<string> {
  const workloads = graph.resources.filter(
    ({ type, inputs }) =>
      /^kubernetes:(apps|batch)\/v1:/.test(type) && at(inputs, "spec", "template", "spec", "hostNetwork") !== true,
  );
  return new Set([
    "kube-system",
    ...workloads.map(({ inputs }) => text(at(inputs, "metadata", "namespace")) ?? "default"),
  ]);
}

/** Values that ingress-nginx has anyway (its documentation, ConfigMap). */
const DEFAULTS: Readonly<Record<string, string>> = {
  "proxy-connect-timeout": "5",
  "proxy-read-timeout": "60",
  "proxy-send-timeout": "60",
  "proxy-body-size": "1m",
};

function ingressMutations(ingress: EmittedResource): readonly Mutation[] {
  const annotations = texts(at(ingress.inputs, "metadata", "annotations"));
  const path = (name: string): readonly string[] => ["metadata", "annotations", name];
  const kind = text(at(ingress.inputs, "metadata", "labels", "keybuzz.io/route"));
  return [
    removed(ingress),
    set(ingress, ["spec", "ingressClassName"], "other"),
    set(ingress, ["spec", "rules", 0, "http", "paths", 0, "backend", "service", "port", "number"], 1),
    ...Object.entries(annotations).flatMap(([name, value]) => {
      const short = name.split("/")[1] ?? "";
      const usual = DEFAULTS[short] === value ? `${short} ${value} is the controller's default` : undefined;
      const looser =
        kind === "websocket" && short.endsWith("-timeout")
          ? "the controller's default is longer, and shorter than the balancers' limit"
          : undefined;
      const unused =
        short === "proxy-send-timeout" && kind !== "websocket"
          ? "the time between two writes to the pod limits no declared need of this route"
          : undefined;
      const connect =
        short === "proxy-connect-timeout"
          ? "a connection within the cluster stands in milliseconds or never"
          : undefined;
      return [
        set(ingress, path(name), undefined, usual ?? looser ?? unused),
        ...(short.endsWith("-timeout")
          ? [set(ingress, path(name), "1", unused ?? connect), set(ingress, path(name), `${value}s`)]
          : []),
        ...(short === "proxy-body-size" ? [set(ingress, path(name), "1k")] : []),
      ];
    }),
  ];
}

function controllerMutations(map: EmittedResource): readonly Mutation[] {
  const data = texts(map.inputs["data"]);
  if (data["proxy-real-ip-cidr"] === undefined) return [];
  return [
    set(map, ["data", "keep-alive"], "60"),
    set(map, ["data", "keep-alive"], undefined),
    set(map, ["data", "worker-shutdown-timeout"], "900s"),
    set(map, ["data", "proxy-real-ip-cidr"], "0.0.0.0/0"),
    set(map, ["data", "proxy-real-ip-cidr"], undefined),
  ];
}
