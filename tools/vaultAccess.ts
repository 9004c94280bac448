// `npm run -s vault-access -- [--stack prod]`: what gives each application its own secrets in Vault (docs/operate.md).
import { parseArgs } from "node:util";
import { MistakesError } from "../components/mistakes";
import { namespaceOf } from "../components/workloads/apps/appLayout";
import { vaultAccessScript } from "../components/workloads/vault/appAccess";
import { loadEnvironment } from "../stacks/loadEnvironment";
import { runCommand } from "./commandLine";

const USAGE = `Usage:
  npm run -s vault-access -- [--stack prod]
`;

function main(argv: readonly string[]): number {
  const { values } = parseArgs({ args: [...argv], options: { stack: { type: "string", default: "prod" } } });
  const { apps = [] } = loadEnvironment(values.stack).workloads;
  const asking = apps.filter(({ needs }) => needs?.vault !== undefined);
  process.stdout.write(vaultAccessScript(asking.map((app) => ({ name: app.name, namespace: namespaceOf(app) }))));
  return 0;
}

runCommand(main, { usage: USAGE, told: [MistakesError] });
