import { parse } from "yaml";
import { mergeHostConfigs } from "../../../../components/machines/mergeHostConfigs";
import { expandHostConfig } from "../../../../components/machines/expandHostConfig";
import { hostFirewall } from "../../../../components/machines/hostFirewall";
import { renderScript } from "../../../../components/machines/render";
import { hostRules } from "../../../../components/topology/hostRules";
import type { HostConfigPart } from "../../../../components/machines/hostConfig";
import { given } from "../../../support/shellHeader";
import { AGENTS, app, estate, SERVERS } from "../support/estate";

const text = (part: HostConfigPart, path: string): string => {
  const file = part.files?.find((entry) => entry.path === path);
  if (file === undefined) throw new Error(`no ${path}`);
  return file.content;
};
const config = (part: HostConfigPart): Record<string, unknown> =>
  parse(text(part, "/etc/rancher/k3s/config.yaml")) as Record<string, unknown>;

const FIREWALL = {
  module: "firewall",
  config: hostFirewall([{ from: "10.0.0.9", port: 22, protocol: "tcp", reason: "SSH" }]),
} as const;

/** All files and units, as a person reads them. */
function printed(part: HostConfigPart): string {
  const files = (part.files ?? []).map(
    ({ path, content, mode, secret }) => `=== ${path} ${mode ?? (secret === true ? "0600" : "0644")}\n${content}`,
  );
  const units = (part.units ?? []).map(({ name, content, restartOn, after }) =>
    [
      `=== unit ${name}`,
      `restart on: ${(restartOn ?? []).join(" ")}`,
      `after: ${(after ?? []).join(" ")}`,
      content ?? "",
    ].join("\n"),
  );
  const steps = (part.steps ?? []).map(({ run, ...step }) =>
    [`=== step ${step.id}`, JSON.stringify(step), ...run].join("\n"),
  );
  const rest = { ...part, files: undefined, units: undefined, steps: undefined };
  return [...files, ...units, ...steps, JSON.stringify(rest, undefined, 2)].join("\n");
}

describe("what is on a node", () => {
  const { k3s } = estate();
  const [server1, server2] = SERVERS;
  const ai = AGENTS[1];
  if (server1 === undefined || server2 === undefined || ai === undefined) throw new Error("hosts");

  test("a server, read by a person", () => {
    expect(printed(k3s.fragment(server1))).toMatchSnapshot();
  });

  test("an agent, read by a person", () => {
    expect(printed(k3s.fragment(ai))).toMatchSnapshot();
  });

  test("another host: nothing", () => {
    expect(k3s.fragment({ name: "db-master-01", address: "10.0.0.120" })).toEqual({});
  });

  test.each([...SERVERS, ...AGENTS])("$name is a valid host configuration", (host) => {
    expect(() =>
      renderScript(mergeHostConfigs(host.name, [{ module: "k3s", config: k3s.fragment(host) }, FIREWALL])),
    ).not.toThrow();
  });

  test("servers agree on everything but who they are", () => {
    const identity = (value: Record<string, unknown>): Record<string, unknown> => ({
      ...value,
      "node-name": "",
      "node-ip": "",
      "advertise-address": "",
    });
    expect(identity(config(k3s.fragment(server1)))).toEqual(identity(config(k3s.fragment(server2))));
  });

  test("no configuration says cluster-init or server on a server: the guard decides there", () => {
    for (const server of SERVERS) {
      const part = k3s.fragment(server);
      expect(Object.keys(config(part))).not.toContain("cluster-init");
      expect(Object.keys(config(part))).not.toContain("server");
      expect(part.files?.map(({ path }) => path)).not.toContain("/etc/rancher/k3s/config.yaml.d/10-membership.yaml");
    }
  });

  test("exactly one server may initialise", () => {
    const may = SERVERS.filter((server) =>
      text(k3s.fragment(server), "/usr/local/sbin/k3s-membership").includes("MAY_INITIALISE=true"),
    );
    expect(may.map(({ name }) => name)).toEqual(["k3s-master-01"]);
  });

  test("agents join at the load balancer, never at a server", () => {
    for (const agent of AGENTS) {
      expect(config(k3s.fragment(agent))["server"]).toBe("https://10.0.0.10:6443");
      expect(printed(k3s.fragment(agent))).not.toMatch(/10\.0\.0\.10[0-2]/);
    }
  });

  test("K3s starts when the firewall is open, and servers restart in turn, not by their unit", () => {
    const orderOn = (host: typeof server1): readonly string[] =>
      expandHostConfig(
        mergeHostConfigs(host.name, [{ module: "k3s", config: k3s.fragment(host) }, FIREWALL]),
      ).actions.map((action) => (action.kind === "step" ? action.step.id : action.unit.name));
    const wanted = ["ufw.service", "boot-firewall-gone", "k3s-membership.socket", "k3s.service"];
    expect(orderOn(server1).filter((name) => wanted.includes(name))).toEqual(wanted);
    expect(orderOn(ai).indexOf("k3s-agent.service")).toBeGreaterThan(orderOn(ai).indexOf("boot-firewall-gone"));
    const unit = k3s.fragment(server1).units?.find(({ name }) => name === "k3s.service");
    expect(unit?.restartOn).toBeUndefined();
    expect(unit?.content).not.toContain("v1.35");
    const paths = given(text(k3s.fragment(server1), "/usr/local/sbin/k3s-restart-in-turn"), "FILES");
    for (const { path, mode } of k3s.fragment(server1).files ?? []) {
      expect(paths.includes(path)).toBe(mode !== "0755");
    }
  });

  test("a worker that runs is never restarted by its own configuration: its turn comes", () => {
    const unit = k3s.fragment(ai).units?.find(({ name }) => name === "k3s-agent.service");
    expect(unit?.restart).toBe("inTurn");
    expect(unit?.restartOn).toContain("/etc/rancher/k3s/release");
    expect(unit?.content).not.toContain("v1.35");
    // No binary is a file of the configuration: that would take its place at once.
    expect(k3s.fragment(ai).binaries).toBeUndefined();
  });

  test("no traefik, no servicelb, no flannel, secrets encrypted, audit on", () => {
    const server = config(k3s.fragment(server1));
    expect(server).toMatchObject({
      disable: ["traefik", "servicelb"],
      "flannel-backend": "none",
      "disable-network-policy": true,
      "secrets-encryption": true,
      "protect-kernel-defaults": true,
      "cluster-dns": "10.233.0.10",
    });
    expect(server["tls-san"]).toContain("10.0.0.10");
    expect(server["egress-selector-mode"]).not.toBe("pod");
    expect(server["kube-apiserver-arg"]).toContain("audit-policy-file=/etc/rancher/k3s/audit-policy.yaml");
  });

  test("pods of a node that is lost are started elsewhere after half a minute, not five", () => {
    for (const server of SERVERS) {
      expect(config(k3s.fragment(server))["kube-apiserver-arg"]).toEqual(
        expect.arrayContaining([
          "default-not-ready-toleration-seconds=30",
          "default-unreachable-toleration-seconds=30",
        ]),
      );
    }
  });

  test("labels and taints follow the duty", () => {
    expect(config(k3s.fragment(ai))).toMatchObject({
      "node-label": ["keybuzz.io/duty=ai"],
      "node-taint": ["keybuzz.io/duty=ai:NoSchedule"],
    });
    const [general] = AGENTS;
    expect(general && config(k3s.fragment(general))["node-taint"]).toEqual([]);
  });

  test("servers take ordinary pods only where there is no agent", () => {
    expect(config(k3s.fragment(server1))["node-taint"]).toEqual([
      "node-role.kubernetes.io/control-plane=true:NoSchedule",
    ]);
    const alone = estate({ servers: [server1], agents: [] });
    expect(config(alone.k3s.fragment(server1))["node-taint"]).toEqual([]);
  });

  test("tokens and S3 keys are only in files that others may not read", () => {
    const { k3s: withStore } = estate({
      snapshots: {
        endpoint: "10.0.0.134:9000",
        bucket: "keybuzz-backups",
        folder: "etcd",
        region: "fsn1",
        tls: false,
        accessKey: "<<secret:minio/etcd-access>>",
        secretKey: "<<secret:minio/etcd-secret>>",
      },
    });
    const part = withStore.fragment(server1);
    const holding = (part.files ?? []).filter(({ content }) => content.includes("<<secret:"));
    expect(holding.map(({ path }) => path).sort()).toEqual([
      "/etc/rancher/k3s/agent-token",
      "/etc/rancher/k3s/config.yaml.d/30-snapshots.yaml",
      "/etc/rancher/k3s/token",
    ]);
    expect(holding.every(({ secret }) => secret === true)).toBe(true);
    const steps = (part.steps ?? []).filter((step) => JSON.stringify(step).includes("<<secret:"));
    expect(steps.map(({ id, secret }) => ({ id, secret }))).toEqual([{ id: "k3s-node-password", secret: true }]);
    expect(JSON.stringify({ ...part, files: [], steps: [] })).not.toContain("<<secret:");
    expect(parse(text(part, "/etc/rancher/k3s/config.yaml.d/30-snapshots.yaml"))).toMatchObject({
      "etcd-s3": true,
      "etcd-s3-insecure": true,
    });
  });

  test("a known checksum pins the binary; otherwise the release's own list is verified", () => {
    const sha256 = "a".repeat(64);
    const pinned = estate({ release: { version: "v1.35.4+k3s1", sha256 } }).k3s.fragment(server1);
    const run = (part: HostConfigPart): string =>
      part.steps?.find(({ id }) => id === "k3s-binary")?.run.join("\n") ?? "";
    expect(given(run(pinned), "sum")).toEqual([sha256]);
    expect(given(run(k3s.fragment(server1)), "sum")).toEqual([""]);
    expect(run(k3s.fragment(server1))).toContain("sha256sum --check --status --strict");
  });
});

describe("mistakes", () => {
  test("all at once: version, checksum, an even number of servers, a host twice", () => {
    const [first, second] = SERVERS;
    if (first === undefined || second === undefined) throw new Error("hosts");
    const run = (): unknown =>
      estate({
        servers: [first, second],
        agents: [{ ...first, duty: "general" }],
        release: { version: "latest", sha256: "abc" },
      });
    expect(run).toThrow(/latest[^]*abc[^]*servers: found 2 of them[^]*k3s-master-01/);
  });

  test("the API's address is not known before it is published, and is published once", () => {
    const { k3s, topology } = estate();
    expect(() => k3s.publishAt(k3s.apiBackend)).toThrow("published twice");
    expect(topology.endpoints.map(({ id }) => id)).toContain("kubernetes/api-servers");
  });
});

describe("the nodes' own firewalls", () => {
  const { topology, context, k3s } = estate();
  const [server] = SERVERS;
  const [worker] = AGENTS;
  if (server === undefined || worker === undefined) throw new Error("hosts");
  const sources = (host: typeof server, port: number, protocol = "tcp"): readonly string[] =>
    hostRules(topology, host, context)
      .filter((rule) => rule.port === port && rule.protocol === protocol)
      .map(({ from }) => from);

  test("the API is open to HAProxy, nodes and pods with their own addresses, and to nobody else", () => {
    expect(sources(server, 6443)).toEqual([
      "10.0.0.11", "10.0.0.12", "10.0.0.101", "10.0.0.102", "10.0.0.110", "10.0.0.112", "10.0.0.114", "10.233.64.0/18",
    ]); // prettier-ignore
    expect(sources(worker, 6443)).toEqual([]);
  });

  test("etcd and the membership question are for servers only", () => {
    for (const port of [2379, 2380, 6440]) {
      expect(sources(server, port)).toEqual(["10.0.0.101", "10.0.0.102"]);
      expect(sources(worker, port)).toEqual([]);
    }
  });

  test("kubelets are open to nodes and to metrics-server's pod addresses; VXLAN and Typha to nodes", () => {
    const others = k3s.nodes.hosts.map(({ address }) => address).filter((address) => address !== worker.address);
    expect(sources(worker, 10250)).toEqual([...others, "10.233.64.0/18"]);
    expect(sources(worker, 4789, "udp")).toEqual(others);
    expect(sources(worker, 5473)).toEqual(others);
  });

  test("the ingress is open to the web load balancers, on the port that the filter sees", () => {
    expect(sources(worker, 80)).toEqual(["10.0.0.5", "10.0.0.6"]);
    expect(sources(worker, 31695)).toEqual([]);
    expect(sources(worker, 443)).toEqual([]);
  });

  test("CoreDNS' port is not opened on nodes: it is a pod", () => {
    app(topology, "chatwoot", "chatwoot-web", 3000);
    expect(sources(worker, 53)).toEqual([]);
    expect(sources(worker, 53, "udp")).toEqual([]);
  });
});
