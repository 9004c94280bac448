import { PLATFORM_RISKS } from "../../stacks/acceptedRisks";
import { declaredRisks } from "../../stacks/declaredRisks";
import { emittedGraph, EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import type { Environment } from "../../stacks/environment";
import { loadEnvironment } from "../../stacks/loadEnvironment";
import { planEstate } from "../../stacks/plan";
import { validateEnvironment } from "../../stacks/judgeEnvironment";
import { verify } from "../../verifier/verify";
import { environment as shop } from "../support/shop";

/** What an environment accepts, in its own names: "sources -> destination", or the single point. */
function accepted(environment: Environment): readonly string[] {
  const { topology } = planEstate(environment, EXAMPLE_SETTINGS);
  return declaredRisks(environment, topology).map((risk) =>
    risk.kind === "exposure" ? `${risk.from.join(", ")} -> ${risk.to}` : risk.of,
  );
}

describe("accepted risks", () => {
  test("speak of an estate's own machines, balancers and parts, whatever they are called", () => {
    expect([...accepted(shop)].sort()).toEqual([
      "* -> data-entry:5432",
      "* -> data-entry:5433",
      "* -> data-entry:6380",
      "* -> data-entry:6432",
      "* -> data-entry:6443",
      "* -> sql-entry:3306",
      "data-entry",
      "erpnext/erpnext-socket",
      "gate",
      "ingress-nginx/ingress-nginx -> every Secret of the cluster",
      "ingress-nginx/ingress-nginx -> the nodes' own network",
      "kube-system/metrics-server",
      "node-a, node-b -> kube-system/metrics-server:10250",
      "sql-entry",
    ]);
  });

  test("of the platform are all that a third environment needs to be proved, and none is left over", async () => {
    const verdict = verify(await emittedGraph(validateEnvironment(shop, "shop.ts"), EXAMPLE_SETTINGS));
    expect(verdict.findings).toEqual([]);
    expect(verdict.notes.filter((note) => note.startsWith("Accepted, but not there"))).toEqual([]);
  });

  test("of a role are a single point while there is one host of it; four of MinIO are none", () => {
    const prod = loadEnvironment("prod");
    const minio = [2, 3, 4].map(
      (n) => ({ name: `minio-0${n}`, role: "minio", address: `10.0.0.${140 + n}`, serverType: "cpx42" }) as const,
    );
    expect(accepted(prod)).toContain("minio-01");
    expect(accepted({ ...prod, hosts: [...prod.hosts, ...minio] })).not.toContain("minio-01");
  });

  test("of a balancer are a single point only where somebody comes through it: nothing in prod uses MariaDB", () => {
    expect(accepted(loadEnvironment("prod"))).not.toContain("lb-mariadb");
    expect(accepted(loadEnvironment("local"))).toContain("lb-mariadb");
  });

  test("that are named stay, so that the verifier can say that they are not there any more", async () => {
    const named = {
      kind: "singlePoint",
      of: "queue-01",
      reason: "One broker, until there are three of them.",
    } as const;
    const verdict = verify(await emittedGraph({ ...shop, accepted: [...PLATFORM_RISKS, named] }, EXAMPLE_SETTINGS));
    expect(verdict.notes).toContain("Accepted, but not there (any more): queue-01.");
  });

  test("speak of nothing that there is no word for", () => {
    const wrong = { kind: "singlePoint", of: { role: "opensearch" }, reason: "Nobody knows what this is." };
    expect(() => validateEnvironment({ ...shop, accepted: [wrong] }, "shop.ts")).toThrow(
      /accepted\[0\]\.of\.role: found "opensearch"; allowed: one of "bastion", /,
    );
  });
});
