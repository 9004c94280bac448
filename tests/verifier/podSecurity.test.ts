// What each stack emits, held against Pod Security "restricted" (kubernetes.io, Pod Security Standards).
import { environment as local } from "../../stacks/local";
import { withInput } from "../../verifier/mutations/graphEdits";
import { at, list, text, texts, type EmittedGraph, type EmittedResource } from "../../verifier/read/graph";
import { findingsAfter } from "../incidents/support";
import { emitted, prodGraph } from "../support/emitted";

const LEVEL = "pod-security.kubernetes.io/enforce";
/** On the nodes' own network, or reading the nodes' files. */
const PRIVILEGED = ["calico-system", "ingress-nginx", "node-exporter", "tigera-operator"];
const VOLUMES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const SYSCTLS = ["net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"];

const podOf = ({ type, inputs }: EmittedResource): unknown =>
  type.endsWith(":CronJob")
    ? at(inputs, "spec", "jobTemplate", "spec", "template", "spec")
    : at(inputs, "spec", "template", "spec");

/** What the API server would refuse the pod for. */
function refusals(pod: unknown): readonly string[] {
  const own = at(pod, "securityContext");
  const containers = [...list(at(pod, "containers")), ...list(at(pod, "initContainers"))];
  const wrong = (what: string, is: boolean): readonly string[] => (is ? [what] : []);
  return [
    ...["hostNetwork", "hostPID", "hostIPC"].flatMap((key) => wrong(key, at(pod, key) === true)),
    ...list(at(pod, "volumes")).flatMap((volume) =>
      Object.keys(volume as object).flatMap((key) => wrong(`volume ${key}`, key !== "name" && !VOLUMES.includes(key))),
    ),
    ...list(at(own, "sysctls")).flatMap((one) => wrong("sysctl", !SYSCTLS.includes(text(at(one, "name")) ?? ""))),
    ...containers.flatMap((container) => {
      const context = at(container, "securityContext");
      const either = (key: string): unknown => at(context, key) ?? at(own, key);
      const added = list(at(context, "capabilities", "add"));
      return [
        ...wrong("privileged", at(context, "privileged") === true),
        ...wrong("allowPrivilegeEscalation", at(context, "allowPrivilegeEscalation") !== false),
        ...wrong("runAsNonRoot", either("runAsNonRoot") !== true || either("runAsUser") === 0),
        ...wrong("seccompProfile", text(at(either("seccompProfile"), "type")) !== "RuntimeDefault"),
        ...wrong("capabilities", !list(at(context, "capabilities", "drop")).includes("ALL") || added.length > 0),
        ...wrong(
          "hostPort",
          list(at(container, "ports")).some((port) => at(port, "hostPort") !== undefined),
        ),
      ];
    }),
  ];
}

describe.each([
  ["prod", prodGraph],
  ["local", () => emitted(local)],
])("%s", (_stack, graphOf) => {
  let graph: EmittedGraph;
  beforeAll(() => {
    graph = graphOf();
  });

  test("every namespace is restricted, but for those whose pods are the nodes' own", () => {
    const levels = graph.resources
      .filter(({ type }) => type === "kubernetes:core/v1:Namespace")
      .map(({ inputs }) => [text(at(inputs, "metadata", "name")), texts(at(inputs, "metadata", "labels"))[LEVEL]]);
    expect(levels.length).toBeGreaterThan(8);
    expect(levels.filter(([, level]) => level !== "restricted").map(([name]) => name)).toEqual(
      PRIVILEGED.filter((name) => levels.some(([other]) => other === name)),
    );
  });

  test("every pod in them is one that the API server takes", () => {
    const pods = graph.resources.filter(({ type }) => /^kubernetes:(apps|batch)\/v1:/.test(type));
    expect(pods.length).toBeGreaterThan(20);
    const refused = pods
      .filter(({ inputs }) => !PRIVILEGED.includes(text(at(inputs, "metadata", "namespace")) ?? ""))
      .map((one) => [one.name, refusals(podOf(one))] as const)
      .filter(([, why]) => why.length > 0);
    expect(refused).toEqual([]);
  });

  test("none of them reaches the cloud's metadata; without the exception it is found", () => {
    const blocks = graph.resources.flatMap(({ type, name, inputs }) =>
      type !== "kubernetes:networking.k8s.io/v1:NetworkPolicy"
        ? []
        : list(at(inputs, "spec", "egress")).flatMap((rule, i) =>
            list(at(rule, "to")).flatMap((peer, j) =>
              text(at(peer, "ipBlock", "cidr")) === "0.0.0.0/0"
                ? [{ name, path: ["spec", "egress", i, "to", j, "ipBlock", "except"], peer }]
                : [],
            ),
          ),
    );
    expect(blocks.length).toBeGreaterThan(3);
    for (const { peer } of blocks) expect(list(at(peer, "ipBlock", "except"))).toContain("169.254.0.0/16");
    const [{ name, path, peer } = { name: "", path: [], peer: {} }] = blocks;
    const kept = list(at(peer, "ipBlock", "except")).filter((cidr) => cidr !== "169.254.0.0/16");
    const found = findingsAfter(graph, withInput(name, path, kept));
    expect(found).toEqual([
      expect.objectContaining({
        question: "closed",
        subject: "pods -> 169.254.169.254",
        remedy: "add 169.254.0.0/16 to the exceptions",
      }),
    ]);
  });
});
