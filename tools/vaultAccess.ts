// `npm run -s vault-access -- [--stack prod]`: what gives each application its own secrets in Vault (docs/operate.md).
import { MistakesError } from "../components/mistakes";
import { namespaceOf } from "../components/workloads/apps/appLayout";
import { vaultAccessScript } from "../components/workloads/vault/appAccess";
import { knownStacks, loadEnvironment } from "../stacks/loadEnvironment";
import { runCommand, type Given } from "./commandLine";

const USAGE = `Usage:
  npm run -s vault-access -- [--stack prod]   prints the script that gives each application its own secrets in Vault

Stacks: ${knownStacks().join(", ")}. Default: prod.
Exit status: 0 printed, 2 bad input.
`;

function main(given: Given): number {
  const { apps = [] } = loadEnvironment(given.text("stack") ?? "prod").workloads;
  const asking = apps.filter(({ needs }) => needs?.vault !== undefined);
  process.stdout.write(vaultAccessScript(asking.map((app) => ({ name: app.name, namespace: namespaceOf(app) }))));
  return 0;
}

runCommand(main, {
  script: "vault-access",
  options: { stack: { allowed: knownStacks() } },
  usage: USAGE,
  told: [MistakesError],
});
