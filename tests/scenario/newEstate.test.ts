import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseKubeconfig } from "@standin/kubernetes-api/wire/connection";
import { KubeClient } from "@standin/kubernetes-api/wire/kubeClient";
import { environment as shop } from "../support/shop";
import { CloudView } from "./support/cloudView";
import { Stand } from "./support/stand";

const LIMIT = 240_000;
const STACK = ["--stack", "shop"];
const SEARCH = ["search-a", "search-b", "search-c"];
const LAST_HOST = '{ name: "sql-proxy-b", role: "proxysql", address: "10.42.7.62", serverType: "cx23" },';
const SEARCH_HOSTS = SEARCH.map(
  (name, i) => `{ name: "${name}", role: "opensearch", address: "10.42.7.${71 + i}", serverType: "cx33" },`,
).join("\n");

describe("what is new needs its own place, and no other", () => {
  let stand: Stand;
  beforeAll(() => {
    stand = new Stand();
  });
  afterAll(() => stand.dispose());

  describe("a third environment: one file and one yaml", () => {
    test(
      "is proved, and no acceptance is left over for parts that it has not",
      async () => {
        const file = readFileSync(join(__dirname, "..", "support", "shop.ts"), "utf8");
        stand.add("stacks/shop.ts", file.replaceAll('"../../stacks/', '"./'));
        stand.add("Pulumi.shop.yaml", "config: {}\n");
        const { code, stdout } = await stand.task("verify", ...STACK);
        expect(stdout).toContain("Verdict: proved.");
        expect(stdout).not.toContain("not there (any more)");
        expect(code).toBe(0);
      },
      LIMIT,
    );

    test(
      "comes up in a rehearsal; its cluster's networks are its own, and the API answers by its own address",
      async () => {
        const { code, document } = await stand.document("up", ...STACK);
        expect(document.errors).toEqual([]);
        expect(code).toBe(0);
        const view = await CloudView.open(stand, "shop");
        // As kubectl does with the kubeconfig that the program gives: dialled elsewhere, known by this address.
        const serverName = shop.dataLoadBalancer.address;
        const client = new KubeClient({ ...parseKubeconfig(view.kubeconfig), serverName });
        await expect(client.request({ method: "GET", path: "/version" })).resolves.toHaveProperty("gitVersion");
        client.close();
        const [kubernetes] = (await view.kubernetes("Service")).filter(
          ({ metadata }) => metadata.name === "kubernetes",
        );
        expect(kubernetes?.spec["clusterIP"]).toBe("10.97.0.1");
        expect(await view.mismatch()).toEqual({ orphans: [], lost: [] });
        expect(await view.close()).toBe(0);
      },
      LIMIT,
    );
  });

  describe("a new role whose machines hold data", () => {
    test(
      "comes up once its row and its service are there",
      async () => {
        stand.edit("stacks/roles.ts", '  "mariadb",\n] as const;', '  "mariadb",\n  "opensearch",\n] as const;');
        stand.edit(
          "stacks/roles.ts",
          "HostRole, RoleFacts>> = {\n",
          `HostRole, RoleFacts>> = {
            opensearch: {
              group: "opensearch", stateful: true, votes: true, count: noneOrOdd("its managers need a majority"),
              keptPackages: [], placement: "apart", kind: "private", passesOn: "nothing", takesDuty: false,
            },\n`,
        );
        stand.edit("stacks/planHosts.ts", '    case "redis":\n', '    case "opensearch":\n    case "redis":\n');
        stand.edit("stacks/estateServices.ts", "const data = [", `const data = [opensearch,`);
        stand.edit(
          "stacks/estateServices.ts",
          "  const data = [",
          `  const opensearch: DataService | undefined = present("opensearch")
            ? {
                token: "OpenSearchCluster",
                name: "opensearch",
                hosts: parties.hosts("opensearch"),
                fragment: () => ({ packages: [{ name: "curl" }] }),
                clusterJob: () => undefined,
                rolling: () => undefined,
                retireScript: () => undefined,
              }
            : undefined;\n  const data = [`,
        );
        stand.edit("stacks/shop.ts", LAST_HOST, `${LAST_HOST}\n${SEARCH_HOSTS}`);
        const { code, document } = await stand.document("up", ...STACK);
        expect(document.errors).toEqual([]);
        expect(code).toBe(0);
        const made = document.resources.filter(({ op, type }) => op === "create" && type.endsWith(":Server"));
        expect(made.map(({ name }) => name).sort()).toEqual(SEARCH);
      },
      LIMIT,
    );

    test(
      "more than a minority of them is not replaced at once, whatever is consented",
      async () => {
        const { code, stdout } = await stand.run("preview", ...STACK, "--consent", SEARCH.slice(0, 2).join(","));
        expect(stdout).toContain('2 of 3 with role "opensearch" at once');
        expect(code).toBe(1);
      },
      LIMIT,
    );

    test(
      "taken out of the environment, they are not deleted without consent",
      async () => {
        stand.edit("stacks/shop.ts", `\n${SEARCH_HOSTS}`, "");
        const { code, stdout } = await stand.run("up", ...STACK);
        for (const name of SEARCH) expect(stdout).toContain(name);
        expect(stdout).toContain("--consent");
        expect(code).toBe(1);
        const view = await CloudView.open(stand, "shop");
        const servers = (await view.hetzner("servers")).map(({ name }) => name);
        expect(servers).toEqual(expect.arrayContaining(SEARCH));
        expect(await view.close()).toBe(0);
      },
      LIMIT,
    );
  });
});
