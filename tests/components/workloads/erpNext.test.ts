import { MistakesError } from "../../../components/mistakes";
import { planErpNext } from "../../../components/workloads/erpNext";
import { planApp } from "../../../components/apps/planApp";
import { renderApp } from "../../../components/apps/renderApp";
import { reassign } from "../../support/shellHeader";
import { StubbedHost } from "../../support/stubbedHost";
import { fakeEstate } from "./fakeServices";
import { planOf, podSpecs, prod } from "./prodWorkloads";

const ARGS = {
  image: "frappe/erpnext:v15.94.3",
  host: "erp.keybuzz.io",
  replicas: 2,
  workerReplicas: 2,
  filesGb: 50,
};
const SITE = "/home/frappe/frappe-bench/sites/erp.keybuzz.io";

describe("ERPNext", () => {
  it("has one claim, which every pod and the migration mount at the site and nowhere else", () => {
    const plan = planOf("erpnext");
    const { claim } = renderApp(plan);
    expect(claim?.spec).toEqual({
      storageClassName: "local-path",
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "50Gi" } },
    });
    const specs = podSpecs(plan);
    expect(specs).toHaveLength(7);
    for (const { volumes, containers } of specs) {
      expect(volumes).toContainEqual({ name: "shared", persistentVolumeClaim: { claimName: "erpnext-files" } });
      // First: the site's configuration is mounted inside of it.
      expect(containers[0]?.volumeMounts[0]).toEqual({ name: "shared", mountPath: SITE });
    }
  });

  it("takes a class that several nodes can mount", () => {
    const { app } = planErpNext({ ...ARGS, sharedClass: "longhorn" }, fakeEstate().context);
    expect(renderApp(app).claim?.spec).toMatchObject({
      storageClassName: "longhorn",
      accessModes: ["ReadWriteMany"],
    });
  });

  it("has one scheduler and one socket process, ever, and prepares its site first", () => {
    const { processes, migration } = renderApp(planOf("erpnext"));
    const spec = (name: string) => processes.find((process) => process.name === name)?.workload.spec;
    expect(spec("erpnext-scheduler")).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect(spec("erpnext-socket")).toMatchObject({ replicas: 1 });
    expect(migration?.spec.template.spec.containers[0]?.command).toEqual(["bash", "/home/frappe/keybuzz/site.sh"]);
  });

  it("keeps passwords in files of Secrets: none in variables, commands or ConfigMaps", () => {
    const plan = planOf("erpnext");
    const secret = plan.files.filter((file) => file.secret).map(({ path }) => path);
    expect(secret).toEqual(["/home/frappe/frappe-bench/sites/common_site_config.json", `${SITE}/site_config.json`]);
    const { configMaps, migration, processes } = renderApp(plan);
    expect(JSON.stringify([configMaps, migration, processes])).not.toContain("<<secret:");
    expect(plan.secret.entries).toEqual({});
  });

  it("reaches MariaDB through its balancer, Redis, and only what it says", () => {
    const flows = prod()
      .flows()
      .filter((flow) => flow.startsWith("erpnext/"));
    expect(flows).toContain("erpnext/erpnext-site -> lb/mariadb");
    expect(flows).toContain("erpnext/erpnext-nginx -> erpnext/web");
    expect(flows).toContain("erpnext/erpnext-nginx -> erpnext/socket");
    expect(flows.filter((flow) => flow.startsWith("erpnext/erpnext-nginx")).some((flow) => flow.includes("lb/"))).toBe(
      false,
    );
    expect(flows.filter((flow) => flow.includes("internet"))).toEqual(["erpnext/erpnext-socket -> internet/https"]);
  });

  it("is refused where there is no MariaDB", () => {
    const { mariadb: _none, ...context } = fakeEstate().context;
    expect(() => planErpNext(ARGS, context)).toThrow(MistakesError);
    expect(() => planErpNext(ARGS, context)).toThrow(/erpNext\.uses\.mariadb.*"mariadb" and "proxysql"/s);
  });
});

describe("ERPNext's site", () => {
  /** @param state of the database, as its check tells. @returns what bench is asked to do. */
  const prepare = (state: string) => {
    const host = new StubbedHost();
    try {
      host.stub("python", `echo ${state}`);
      host.stub("bench");
      const script = planOf("erpnext").files.find(({ path }) => path.endsWith("/site.sh"))?.content ?? "";
      const { status, asked } = host.run(reassign(script, { bench: host.folder, python: host.path("python") }));
      return { status, asked: asked.slice(1), there: host.has("sites/erp.keybuzz.io/private/backups") };
    } finally {
      host.dispose();
    }
  };

  it("is made in an empty database, and brought up to date afterwards", () => {
    expect(prepare("empty").asked).toEqual([
      expect.stringMatching(
        /^bench new-site --force --no-setup-db --db-host [\d.]+ --db-port 3306 --db-name erpnext --install-app erpnext erp\.keybuzz\.io$/,
      ),
    ]);
    expect(prepare("installed")).toEqual({ status: 0, asked: ["bench --site erp.keybuzz.io migrate"], there: true });
  });

  it("is left alone when nobody knows what is in its database", () => {
    expect(prepare("")).toMatchObject({ status: 1, asked: [] });
  });
});

describe("a shared volume", () => {
  const base = planOf("erpnext");
  const args = {
    name: "files",
    namespace: "files",
    image: "files:1",
    runtime: { uid: 1, rootFilesystem: "readOnly" as const },
    config: { env: {} },
    processes: base.processes.slice(0, 1).map(({ name, probes, ports, resources, longestRequestSeconds }) => ({
      ...{ name, probes, ports, resources, longestRequestSeconds },
      scale: 1,
    })),
  };
  it.each([
    [{ name: "Files", path: "/files", sizeGb: 1 }, /files\.volume\.name/],
    [{ name: "files", path: "files", sizeGb: 1 }, /files\.volume\.path/],
    [{ name: "files", path: "/files", sizeGb: 0.5 }, /files\.volume\.sizeGb/],
  ])("is refused: %j", (volume, expected) => {
    expect(() => planApp({ ...args, volume }, fakeEstate().secrets)).toThrow(expected);
  });
  it("is fine otherwise", () => {
    expect(
      planApp({ ...args, volume: { name: "files", path: "/files", sizeGb: 1 } }, fakeEstate().secrets).volume,
    ).toBeDefined();
  });
});
