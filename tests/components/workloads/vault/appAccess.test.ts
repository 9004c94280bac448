import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderApp } from "../../../../components/apps/renderApp";
import { vaultPath, vaultRole, type VaultFile } from "../../../../components/apps/vaultAgent";
import { Mistakes } from "../../../../components/mistakes";
import type { AppEntry } from "../../../../components/workloads/apps/appEntry";
import { OwnedNames } from "../../../../components/workloads/apps/ownedNames";
import { planWorkloads } from "../../../../components/workloads/workloadPlans";
import { vaultAccessScript } from "../../../../components/workloads/vault/appAccess";
import { secretVault } from "../../../../components/workloads/vault/vault";
import { serviceEndpoint } from "../../../../components/apps/serviceEndpoint";
import { processPods } from "../../../../components/apps/labels";
import { fakeEstate } from "../fakeServices";

const FILES: readonly VaultFile[] = [
  { name: "stripe.env", secret: "stripe", as: "env" },
  { name: "all.json", secret: "stripe", as: "json" },
  { name: "password", secret: "mail", as: { key: "password" } },
];
const SHOP: AppEntry = {
  name: "shop",
  namespace: "connectors",
  image: "shop:1",
  needs: { vault: { files: FILES } },
  migration: { command: ["migrate"] },
  processes: [
    { kind: "worker", health: { kind: "exit" }, scale: 2 },
    { kind: "cron", name: "report", schedule: "0 3 * * *" },
  ],
};

function planned(entry: AppEntry, withVault = true) {
  const estate = fakeEstate();
  const { topology } = estate;
  const endpoint = serviceEndpoint(topology, "vault/api", processPods("vault", "vault"), 8200);
  const { vault: _none, ...others } = estate.context;
  const mistakes = new Mistakes();
  const vault = secretVault({ endpoint } as Parameters<typeof secretVault>[0], topology);
  const context = { ...others, mistakes, ...(withVault ? { vault } : {}) };
  const given = { nodes: 1, reservedNamespaces: new Map<string, string>(), zones: undefined, names: new OwnedNames() };
  const apps = planWorkloads({ apps: [entry] }, given, context);
  return { flows: estate.flows(), mistakes: mistakes.all, apps };
}

test("each of its pods has an agent with a token for Vault alone, and a way to Vault; a Job's ends with it", () => {
  const { apps, flows, mistakes } = planned(SHOP);
  expect(mistakes).toEqual([]);
  expect(flows).toEqual([
    "connectors/shop-migrate -> vault/api",
    "connectors/shop-report -> vault/api",
    "connectors/shop-worker -> vault/api",
  ]);
  expect(apps.map((one) => one.app.uses.map(({ id }) => id))).toEqual([["vault/api"]]);
  const [app] = apps.map((one) => renderApp(one.app));
  const templates = [
    ["migration", app?.migration?.spec.template, "true"],
    ["cron", app?.crons[0]?.spec.jobTemplate.spec.template, "true"],
    ["worker", app?.processes[0]?.workload.spec.template, "false"],
  ] as const;
  for (const [what, template, ends] of templates) {
    expect([what, template?.metadata.labels["keybuzz.io/vault"]]).toEqual([what, "inject"]);
    expect(template?.metadata.annotations).toMatchObject({
      "vault.hashicorp.com/agent-inject": "true",
      "vault.hashicorp.com/role": "app-shop",
      "vault.hashicorp.com/agent-service-account-token-volume-name": "vault-token",
      "vault.hashicorp.com/agent-pre-populate-only": ends,
      "vault.hashicorp.com/agent-inject-secret-stripe.env": "secret/data/apps/shop/stripe",
      "vault.hashicorp.com/agent-inject-template-all.json":
        '{{- with secret "secret/data/apps/shop/stripe" -}}{{ .Data.data | toJSON }}{{- end -}}',
      "vault.hashicorp.com/agent-inject-template-password":
        '{{- with secret "secret/data/apps/shop/mail" -}}{{ index .Data.data "password" }}{{- end -}}',
    });
    expect(template?.spec.automountServiceAccountToken).toBe(false);
    expect(template?.spec.volumes).toContainEqual({
      name: "vault-token",
      projected: { sources: [{ serviceAccountToken: { path: "token", audience: "vault", expirationSeconds: 3600 } }] },
    });
    expect(JSON.stringify(template?.spec.containers)).not.toContain("vault-token");
  }
});

test("without it an application's pods are as they were", () => {
  const { needs: _none, ...plain } = SHOP;
  const { apps, flows } = planned(plain);
  expect(flows).toEqual([]);
  expect(JSON.stringify(apps.map(({ app }) => renderApp(app)))).not.toMatch(/vault/);
});

test("it is refused where there is no Vault, and a file twice everywhere", () => {
  expect(planned(SHOP, false).mistakes).toMatchObject([
    { path: "workloads.apps[0].needs.vault", allowed: expect.stringContaining("workloads.vault") as string },
  ]);
  const twice = { ...SHOP, needs: { vault: { files: [...FILES, ...FILES.slice(0, 1)] } } };
  expect(planned(twice).mistakes).toMatchObject([{ path: "workloads.apps[0].needs.vault.files[3].name" }]);
});

describe("what Vault's keepers run", () => {
  const dir = mkdtempSync(join(tmpdir(), "keybuzz-vault-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /** With a `vault` that notes what it is told, and knows roles of before. */
  function run(apps: Parameters<typeof vaultAccessScript>[0]): readonly string[] {
    const log = join(dir, "log");
    writeFileSync(log, "");
    const vault = `#!/bin/sh
echo "$*" >> ${log}
case "$1 $2" in "policy write") cat >> ${log} ;; esac
[ "$1" != list ] || printf 'Keys\\n----\\napp-gone\\napp-shop\\npeople\\n'
`;
    writeFileSync(join(dir, "vault"), vault, { mode: 0o755 });
    const env = { ...process.env, PATH: `${dir}:${process.env["PATH"] ?? ""}` };
    execFileSync("sh", ["-s"], { input: vaultAccessScript(apps), env });
    return readFileSync(log, "utf8").trimEnd().split("\n");
  }

  test("opens each application's own path to its own account, and takes away what is gone", () => {
    expect(run([{ name: "shop", namespace: "connectors" }])).toEqual([
      `policy write ${vaultRole("shop")} -`,
      `path "${vaultPath("shop", "*")}" {`,
      '  capabilities = ["read"]',
      "}",
      "write auth/kubernetes/role/app-shop bound_service_account_names=shop bound_service_account_namespaces=connectors audience=vault token_policies=app-shop token_ttl=1h",
      "list auth/kubernetes/role",
      "delete auth/kubernetes/role/app-gone",
      "policy delete app-gone",
    ]);
  });

  test("where nobody asks, nobody has any", () => {
    expect(run([]).filter((line) => line.startsWith("delete"))).toEqual([
      "delete auth/kubernetes/role/app-gone",
      "delete auth/kubernetes/role/app-shop",
    ]);
  });
});
