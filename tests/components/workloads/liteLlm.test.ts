import { interpret, itWith } from "./interpreted";
import { planOf, prod } from "./prodWorkloads";

const file = (path: string): string => planOf("llm-proxy").files.find((one) => one.path === path)?.content ?? "";

/** A database with these tables, and a schema that wants three. */
const checkTables = (tables: readonly string[]) => {
  const prisma = `
import json, os
class Prisma:
    async def connect(self): self.open = True
    async def disconnect(self): self.open = False
    async def query_raw(self, query):
        assert self.open and "tablename::text" in query
        return [{"name": name} for name in json.loads(os.environ["TABLES"])]
`;
  const schema = `model LiteLLM_Keys {\n  id String @id\n}\n\nmodel LiteLLM_Models {\n  id String @id\n}\n
model Plugin {\n  id String @id\n\n  @@map("LiteLLM_Plugins")\n}\n`;
  const modules = { "prisma.py": prisma, "litellm_proxy_extras.py": "", "schema.prisma": schema };
  return interpret("python3", file("/etc/litellm/tables.py"), { modules, env: { TABLES: JSON.stringify(tables) } });
};

describe("LiteLLM", () => {
  it("migrates in its Job alone", () => {
    const plan = planOf("llm-proxy");
    expect(plan.configMap.entries.DISABLE_SCHEMA_UPDATE).toBe("true");
    expect(plan.migration?.env.DISABLE_SCHEMA_UPDATE).toBe("false");
  });

  it("migrates without the internet, with what its image has", () => {
    expect(planOf("llm-proxy").configMap.entries.PRISMA_OFFLINE_MODE).toBe("true");
    const flows = prod().flows();
    expect(flows).toContain("ai/llm-proxy -> internet/https");
    expect(flows).not.toContain("ai/llm-proxy-migrate -> internet/https");
  });

  it("fails its migration where Prisma does, and looks at the tables afterwards", () => {
    const { command, env } = planOf("llm-proxy").migration ?? {};
    expect(env?.ENFORCE_PRISMA_MIGRATION_CHECK).toBe("true");
    expect(command).toEqual([
      "sh",
      "-c",
      "python litellm/proxy/prisma_migration.py && exec python /etc/litellm/tables.py",
    ]);
  });

  itWith("python3")("takes no migration for done that has not made every table of the image's schema", () => {
    expect(checkTables(["LiteLLM_Keys", "LiteLLM_Models", "LiteLLM_Plugins", "other"])).toEqual({
      status: 0,
      said: "all 3 tables are there\n",
    });
    expect(checkTables(["LiteLLM_Keys"])).toEqual({
      status: 1,
      said: "the migration ended, but 2 tables are missing: LiteLLM_Models, LiteLLM_Plugins\n",
    });
    expect(checkTables([]).status).toBe(1);
  });

  it("asks neither probe for /health", () => {
    const probes = planOf("llm-proxy").processes.flatMap((process) =>
      process.probes === "exit" ? [] : [process.probes.startup, process.probes.readiness, process.probes.liveness],
    );
    const paths = probes.map(({ check }) => (check.kind === "http" ? check.path : check.kind));
    expect(paths.sort()).toEqual(["/health/liveliness", "/health/liveliness", "/health/readiness"]);
  });
});
