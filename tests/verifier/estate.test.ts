// Prod, altered: each of the verifier's questions, and how it answers.
import type { EmittedGraph, EmittedResource } from "../../verifier/read/graph";
import { verify } from "../../verifier/verify";
import { withFile, withInput, without, type Edit } from "../../verifier/mutations/graphEdits";
import { findingsAfter, only } from "../incidents/support";
import { prodGraph } from "../support/emitted";

let prod: EmittedGraph;
beforeAll(() => {
  prod = prodGraph();
});

const withResource =
  (resource: EmittedResource): Edit =>
  (graph) => ({ resources: [...graph.resources, resource] });
const without_ = (type: string, name: string): Edit => without((one) => one.type === type && one.name === name);
const HAPROXY = "/etc/haproxy/haproxy.cfg";

describe("not understood is never passed", () => {
  test.each([
    ["hcloud:index/floatingIp:FloatingIp", "entrance"],
    ["kubernetes:crd.projectcalico.org/v1:GlobalNetworkPolicy", "everything"],
    ["kubernetes:gateway.networking.k8s.io/v1:GRPCRoute", "support"],
    ["aws:ec2/securityGroup:SecurityGroup", "other-cloud"],
  ])("%s", (type, name) => {
    const [finding, ...others] = findingsAfter(prod, withResource({ type, name, inputs: {} }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      question: "understood",
      at: `${type} ${name}`,
      value: "a type that the verifier does not know, and that may open or close a path",
    });
  });

  test("a line of a host's filter that cannot be read", () => {
    const line = "-A ufw-user-input -m set --match-set friends src -j ACCEPT";
    const findings = findingsAfter(
      prod,
      withFile("minio-01", "/etc/ufw/user.rules", (rules) => `${rules}\n${line}\n`),
    );
    expect(only(findings, { at: "host minio-01" }).value).toBe(`/etc/ufw/user.rules: "${line}"`);
  });

  test("a directive of HAProxy that cannot be read", () => {
    const rewrite = (config: string): string =>
      config.replace("frontend health", "frontend health\n    acl a src 10.0.0.9");
    expect(only(findingsAfter(prod, withFile("haproxy-01", HAPROXY, rewrite)), { at: "host haproxy-01" }).value).toBe(
      'haproxy.cfg: "acl a src 10.0.0.9"',
    );
  });

  test("a host whose command applies something else than what it shows", () => {
    const changed = withInput("redis-01", ["digest"], "0".repeat(64));
    expect(only(findingsAfter(prod, changed), { at: "server redis-01" }).value).toContain("another configuration");
  });

  test("an estate that declares nothing is not proved", () => {
    const verdict = verify({ resources: prod.resources.filter(({ type }) => type !== "keybuzz:stacks:Platform") });
    expect(verdict.ok).toBe(false);
    expect(verdict.findings[0]?.value).toBe("no resource says which flows must be open");
  });
});

describe("closed", () => {
  test("a private machine gets a public interface", () => {
    const findings = findingsAfter(prod, withInput("db-master-01", ["publicNets", 0, "ipv4Enabled"], true));
    expect(only(findings, { subject: "the internet -> db-master-01:*" })).toMatchObject({
      question: "closed",
      rule: "opened by: no Hetzner firewall is attached to its public interface",
    });
  });

  test("the data balancer gets a public interface: each of its ports", () => {
    const balancer = prod.resources.find(
      ({ type, name }) => type.endsWith("LoadBalancerNetwork") && name.startsWith("lb-data"),
    );
    const findings = findingsAfter(prod, withInput(balancer?.name ?? "", ["enablePublicInterface"], true));
    const exposed = findings.filter(({ exposure }) => exposure?.from.includes("the internet") === true);
    expect(exposed.map(({ exposure }) => exposure?.to).sort()).toEqual(
      ["5432", "5433", "5672", "6379", "6432", "6443"].map((port) => `lb-data:${port}`),
    );
  });

  test("SSH of the bastion from everywhere", () => {
    const firewall = prod.resources.find(({ type }) => type === "hcloud:index/firewall:Firewall");
    const findings = findingsAfter(prod, withInput(firewall?.name ?? "", ["rules", 0, "sourceIps"], ["0.0.0.0/0"]));
    expect(findings.map(({ question, at }) => [question, at])).toContainEqual([
      "closed",
      "Hetzner firewall of bastion-01",
    ]);
  });

  test("the bastion without Hetzner's firewall, which alone says who may come", () => {
    const findings = findingsAfter(prod, withInput("bastion-01", ["firewallIds"], []));
    expect(findings.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(["the internet -> bastion-01:*", expect.stringContaining("-> bastion-01:22")]),
    );
    for (const finding of findings) expect(finding).toMatchObject({ question: "closed" });
    expect(only(findings, { subject: "the internet -> bastion-01:*" }).remedy).toContain("attach one");
  });

  test("the bastion's own filter without its exception: every machine gets in", () => {
    const drop = /^-A ufw-user-input -p tcp --dport 22 -s 10\.0\.0\.0\/16 -j DROP\n/m;
    const findings = findingsAfter(
      prod,
      withFile("bastion-01", "/etc/ufw/user.rules", (rules) => rules.replace(drop, "")),
    );
    const [finding] = findings.filter(({ exposure }) => exposure?.to === "bastion-01:22");
    expect(finding?.exposure?.from).toEqual(expect.arrayContaining(["db-master-01", "k3s-worker-01"]));
  });

  test.each([
    ["lb-mariadb", 3306],
    ["lb-data", 5432],
  ])("Galera's 4567 behind %s: its declared ports are accepted, and no other", (balancer, port) => {
    const service = prod.resources.find(({ name }) => name === `${balancer}-service-${port}`);
    if (service === undefined) throw new Error(`prod has no ${balancer}:${port}`);
    const galera = {
      ...service,
      name: "galera",
      id: "galera",
      inputs: { ...service.inputs, listenPort: 4567, destinationPort: 4567 },
    };
    const finding = findingsAfter(prod, withResource(galera)).find(
      ({ exposure }) => exposure?.to === `${balancer}:4567`,
    );
    expect(finding?.question).toBe("closed");
  });

  test("an accepted exposure covers what it names, and nothing more", () => {
    const platform = prod.resources.find(({ type }) => type === "keybuzz:stacks:Platform")?.name ?? "";
    const accepted = [{ kind: "exposure", from: ["k3s-*"], to: "lb-data:5432", reason: "only the nodes" }];
    const findings = findingsAfter(prod, withInput(platform, ["declaration", "accepted"], accepted));
    const left = findings.find(({ exposure }) => exposure?.to === "lb-data:5432")?.exposure?.from ?? [];
    expect(left).toContain("minio-01");
    expect(left.filter((from) => from.startsWith("k3s-"))).toEqual([]);
  });
});

describe("a filter that is open where others still close", () => {
  test("an ingress rule without peers", () => {
    const name = "policies-keybuzz-allow-keybuzz-front";
    const finding = only(findingsAfter(prod, withInput(name, ["spec", "ingress", 0, "from"], [])), {
      question: "closed",
    });
    expect(finding.subject).toMatch(/^anybody -> keybuzz\/keybuzz-front:/);
    expect(finding.rule).toBe("opened by: NetworkPolicy keybuzz/allow-keybuzz-front, ingress[0], which names no peer");
  });

  test("Felix takes pods' packets past their node's UFW", () => {
    const edit = withInput("kubernetes-calico-felix", ["spec", "defaultEndpointToHostAction"], "Accept");
    expect(only(findingsAfter(prod, edit), { at: "Felix" }).remedy).toContain("Return");
  });

  test("a wildcard accepts machines and pods of the estate, never the internet", () => {
    const platform = prod.resources.find(({ type }) => type === "keybuzz:stacks:Platform")?.name ?? "";
    const opened = withInput("minio-01", ["publicNets", 0, "ipv4Enabled"], true);
    const accept = (from: string): Edit =>
      withInput(
        platform,
        ["declaration", "accepted"],
        [{ kind: "exposure", from: [from], to: "minio-01:*", reason: "to see" }],
      );
    const exposed = (from: string): number =>
      findingsAfter(prod, opened, accept(from)).filter(({ exposure }) => exposure?.to === "minio-01:*").length;
    expect(exposed("*")).toBe(1);
    expect(exposed("the internet")).toBe(0);
  });
});

test("a proxy without servers: the operators' way to the API ends there", () => {
  const edit = withFile("bastion-01", HAPROXY, (config) => config.replace(/^\s*server api .*$/m, ""));
  expect(only(findingsAfter(prod, edit), { value: "it has no server" }).at).toBe("HAProxy on bastion-01");
});

describe("patient", () => {
  test("a body limit that shrinks along the way", () => {
    const name = "nginx.ingress.kubernetes.io/proxy-body-size";
    const edit = withInput("keybuzz-front-platform-keybuzz-io", ["metadata", "annotations", name], "10m");
    expect(only(findingsAfter(prod, edit), { rule: "proxy-body-size" }).value).toBe(
      "10m, but requests have up to 50 MiB",
    );
  });

  test("a grace period shorter than the longest request", () => {
    const edit = withInput("keybuzz-api-deployment", ["spec", "template", "spec", "terminationGracePeriodSeconds"], 20);
    const finding = only(findingsAfter(prod, edit), { rule: "terminationGracePeriodSeconds" });
    expect(finding.at).toBe("keybuzz/keybuzz-api");
    expect(finding.value).toMatch(/^20 s, .* left for requests of 60 s$/);
  });

  test("a balancer that gives up before nginx' retries are through", () => {
    const findings = findingsAfter(prod, withInput("lb-keybuzz-1-service-443", ["http", "timeoutIdle"], 150));
    const finding = only(findings, { at: "load balancer lb-keybuzz-1", subject: "http bi.keybuzz.io/" });
    expect(finding.value).toContain(
      "150 s, but ingress-nginx behind it may take 250 s: 2 tries of 5 s to connect and 120 s to read",
    );
  });

  test("PgBouncer keeps connections longer than HAProxy does", () => {
    const edit = withFile("haproxy-01", "/etc/pgbouncer/pgbouncer.ini", (ini) =>
      ini.replace(/^server_idle_timeout.*$/m, "server_idle_timeout = 86400"),
    );
    expect(only(findingsAfter(prod, edit), { at: "PgBouncer on haproxy-01" }).value).toContain(
      "the next query meets a dead connection",
    );
  });
});

test("sound: a check that asks Patroni nothing about the role", () => {
  const edit = withFile("haproxy-01", HAPROXY, (config) => config.replaceAll("uri /primary", "uri /health"));
  const finding = findingsAfter(prod, edit).find(({ question }) => question === "sound");
  expect(finding?.at).toBe("HAProxy on haproxy-01");
  expect(finding?.value).toBe("GET /health does not tell the leader from a replica");
  expect(finding?.remedy).toContain("/primary");
});

describe("alive", () => {
  test("one HAProxy is not enough for whoever uses the data balancer", () => {
    const target = prod.resources.find(
      ({ type, name }) => type.endsWith("LoadBalancerTarget") && name.includes("haproxy-02"),
    );
    const findings = findingsAfter(prod, without_(target?.type ?? "", target?.name ?? ""));
    const finding = only(findings, { question: "alive", subject: "loss of haproxy-01" });
    expect(finding.value).toContain("lb-data:5432/tcp");
  });

  test("machines that stand in for each other on one physical machine", () => {
    const findings = findingsAfter(prod, withInput("redis-02", ["placementGroupId"], undefined));
    expect(only(findings, { question: "alive" }).value).toBe("redis-02 may stand beside another of redis");
  });

  test("single-node MinIO is accepted, and says so", () => {
    const minio = verify(prod).accepted.find(({ finding }) => finding.singlePoint === "minio-01");
    expect(minio?.finding.value).toMatch(/^\d+ flow\(s\) end: /);
    expect(minio?.reasons.join()).toContain("One node on purpose");
  });
});

describe("names of Services", () => {
  test.each([
    ["llm-proxy-service", "Service ai/llm-proxy", "there is none: the name does not resolve"],
    ["vault-server-headless", "Service vault/vault-members", "there is none: the name does not resolve"],
  ])("%s is gone, and its name is used", (name, at, value) => {
    const finding = findingsAfter(
      prod,
      without((one) => one.name === name),
    ).find((one) => one.at === at && one.value === value);
    expect(finding?.question).toBe("open");
    expect(finding?.subject).toMatch(/ uses .*\.svc$/);
  });

  test("a port that the Service does not have", () => {
    const findings = findingsAfter(prod, withInput("llm-proxy-service", ["spec", "ports", 0, "port"], 4001));
    expect(findings.map(({ rule, value }) => [rule, value])).toContainEqual(["missing: port 4000", "it has 4001"]);
  });
});

describe("admission webhooks", () => {
  test("a Service that leads nowhere", () => {
    const edit = withInput("vault-webhook", ["webhooks", 0, "clientConfig", "service", "port"], 443);
    const finding = only(findingsAfter(prod, edit), { question: "open" });
    expect(finding.subject).toBe("API server -> webhook vault.hashicorp.com (failurePolicy Fail)");
    expect(finding.at).toBe("Service vault/vault-agent-injector");
  });
});
