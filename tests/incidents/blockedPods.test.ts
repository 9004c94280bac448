// Incident 1: 504 on support.keybuzz.io. UFW of the nodes allowed 10.0.0.0/16 and dropped the pods' addresses; then a
// timeout was raised, then UFW was switched off.
import type { EmittedGraph } from "../../verifier/read/graph";
import { textVerdict } from "../../verifier/report";
import { verify } from "../../verifier/verify";
import { withFile, withInput, type Edit } from "../../verifier/mutations/graphEdits";
import { prodGraph } from "../support/emitted";
import { findingsAfter, hostsNamed, only } from "./support";

const INGRESS = "chatwoot-web-support-keybuzz-io";
const NODES = /^k3s-/;

let prod: EmittedGraph;
let withoutPodNetwork: Edit;
beforeAll(() => {
  prod = prodGraph();
  withoutPodNetwork = (graph) =>
    hostsNamed(graph, NODES).reduce(
      (changed, host) =>
        withFile(host, "/etc/ufw/user.rules", (rules) =>
          rules
            .split("\n")
            .filter((line) => !/^-A .*10\.233\./.test(line))
            .join("\n"),
        )(changed),
      graph,
    );
});

const timeout60 = withInput(
  INGRESS,
  ["metadata", "annotations", "nginx.ingress.kubernetes.io/proxy-connect-timeout"],
  "60",
);

test("prod as it is: proved, and each accepted risk is printed with its reason", () => {
  const verdict = verify(prod);
  expect(verdict.findings).toEqual([]);
  const text = textVerdict(verdict);
  expect(text).toContain("Verdict: proved.");
  expect(verdict.accepted.length).toBeGreaterThan(0);
  for (const { finding, reasons } of verdict.accepted) {
    expect(text).toContain(finding.subject);
    for (const reason of reasons) expect(text).toContain(reason);
  }
});

test("UFW without the pod network: the nodes' filter, the addresses it drops, and what to do", () => {
  const findings = findingsAfter(prod, withoutPodNetwork);
  const toChatwoot = findings.filter(({ subject }) => subject.startsWith("nodes -> chatwoot/chatwoot-web:3000/tcp"));
  expect(toChatwoot.map(({ at }) => at).sort()).toEqual(
    hostsNamed(prod, NODES)
      .map((name) => `UFW of ${name} (forwarding)`)
      .sort(),
  );
  const [one] = toChatwoot;
  expect(one?.question).toBe("open");
  expect(one?.rule).toMatch(/^missing: route allow from 10\.233\.64\.0\/24 to 10\.233\.96\.0\/19$/);
  expect(one?.value).toContain("10.233.64.0/24 -> 10.233.96.0/19, forwarded");
  expect(one?.value).toContain("chatwoot/chatwoot-web on k3s-");
  expect(one?.remedy).toContain("ufw route allow");
  // It was never Chatwoot alone: pods reach neither each other nor their databases.
  expect(findings.some(({ subject }) => subject.startsWith("chatwoot/chatwoot-web -> lb-data:5432"))).toBe(true);
});

test("proxy-connect-timeout 60 opens nothing: every block stays, and the timeout is refused by itself", () => {
  const broken = findingsAfter(prod, withoutPodNetwork);
  const patched = findingsAfter(prod, withoutPodNetwork, timeout60);
  expect(broken.length).toBeGreaterThan(0);
  expect(patched).toEqual(expect.arrayContaining([...broken]));
  const refusal = only(patched, { at: `Ingress ${INGRESS}`, rule: "proxy-connect-timeout" });
  expect(refusal.value).toMatch(/^60 s: .* opens nothing/);
  expect(refusal.remedy).toContain("mend the filter");
  // Refused in an estate that is well, too.
  expect(only(findingsAfter(prod, timeout60), { rule: "proxy-connect-timeout" }).question).toBe("patient");
});

describe("UFW switched off on the nodes is no fix", () => {
  const off =
    (edit: (host: string) => Edit): Edit =>
    (graph) =>
      hostsNamed(graph, NODES).reduce((changed, host) => edit(host)(changed), graph);
  test.each([
    [
      "ENABLED=no",
      off((host) => withFile(host, "/etc/ufw/ufw.conf", (text) => text.replace("ENABLED=yes", "ENABLED=no"))),
    ],
    ["the unit stopped", off((host) => withInput(host, ["units", "ufw.service", "state"], "stopped"))],
    ["the unit disabled", off((host) => withInput(host, ["units", "ufw.service", "enabled"], false))],
    [
      "everything let in",
      off((host) =>
        withFile(host, "/etc/default/ufw", (text) => text.replace('INPUT_POLICY="DROP"', 'INPUT_POLICY="ACCEPT"')),
      ),
    ],
  ])("%s: every machine that now gets in is named", (_, edit) => {
    const findings = findingsAfter(prod, edit);
    const kubelet = findings.find(({ exposure }) => exposure?.to === "k3s-worker-01:10250");
    expect(kubelet?.question).toBe("closed");
    expect(kubelet?.at).toBe("UFW of k3s-worker-01");
    expect(kubelet?.rule).toMatch(/^opened by: (UFW of k3s-worker-01 filters nothing: |DEFAULT_INPUT_POLICY="ACCEPT")/);
    expect(kubelet?.exposure?.from).toEqual(expect.arrayContaining(["db-master-01", "minio-01"]));
    expect(kubelet?.remedy).toContain("remove that opening");
    expect(findings.every(({ question }) => question === "closed")).toBe(true);
  });
});
