import { createHmac } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { LocalCloudError } from "../../localCloud";
import { ROOT, type Session } from "../session";
import { runPulumiProcess, type PulumiExit } from "./pulumiProcess";

/** A stack of the Pulumi CLI whose state and configuration are in the rehearsal's folder, not in the project. */
export interface PulumiStack {
  /** Options that every command on it needs. */
  readonly where: readonly string[];
  readonly configFile: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Makes the stack on first use and writes its configuration when that has changed. @throws LocalCloudError */
export async function preparePulumiStack(path: string, stack: string, session: Session): Promise<PulumiStack> {
  // `stack init` knows no --config-file and writes beside Pulumi.yaml: so it is given one here.
  const project = join(session.dir, "pulumi", "project");
  const backend = join(session.dir, "pulumi");
  for (const dir of [project, backend]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  copyFileSync(join(ROOT, "Pulumi.yaml"), join(project, "Pulumi.yaml"));
  const configFile = join(project, `Pulumi.${stack}.yaml`);
  const env = pulumiEnvironment(session, backend);
  const must = async (args: readonly string[], input?: string): Promise<PulumiExit> => {
    const exit = await runPulumiProcess({ path, args, cwd: project, env, ...(input === undefined ? {} : { input }) });
    if (exit.code !== 0)
      throw new LocalCloudError(`pulumi ${args.slice(0, 2).join(" ")} failed: ${exit.stderr.trim()}`);
    return exit;
  };

  const stamp = join(project, "configuration.stamp");
  const wanted = createHmac("sha256", session.passphrase).update(JSON.stringify(session.config)).digest("hex");
  const isMade = existsSync(configFile) && existsSync(join(backend, ".pulumi"));
  if (!isMade || !existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    rmSync(stamp, { force: true });
    if (!isMade) await must(["stack", "init", stack, "--no-select"]);
    writePlain(configFile, session);
    for (const key of session.secretConfigKeys)
      await must(["config", "set", key, "--secret", "--stack", stack], session.config[key] ?? "");
    writeFileSync(stamp, wanted, { mode: 0o600 });
  }
  return { where: ["--stack", stack], configFile, env };
}

function pulumiEnvironment(session: Session, backend: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...session.env,
    // The program runs with the project's own Node.
    PATH: `${join(ROOT, "node_modules", ".bin")}:${process.env["PATH"] ?? ""}`,
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}

/** Everything but the secrets, with lists as lists: the CLI checks them against Pulumi.yaml's schema. */
function writePlain(file: string, session: Session): void {
  const { encryptionsalt } = parse(readFileSync(file, "utf8")) as { encryptionsalt?: string };
  const config = Object.fromEntries(
    Object.entries(session.config)
      .filter(([key]) => !session.secretConfigKeys.includes(key))
      .map(([key, value]) => [key, value.startsWith("[") ? (JSON.parse(value) as unknown) : value]),
  );
  writeFileSync(file, stringify({ encryptionsalt, config }), { mode: 0o600 });
}
