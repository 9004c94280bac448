import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startWebEntry, type WebEntry } from "@standin/kubernetes-api";
import { WEB_ENTRY } from "../estate";
import { DONE } from "./exitCodes";
import type { Options } from "./options";
import type { Progress } from "./progress";
import { announce, openSession, type Session } from "./session";
import { stopsOnSignal } from "./stops";

/** What other programs need to reach the cloud: the Pulumi CLI, hcloud and kubectl read these variables. */
function clientEnv(session: Session, web: WebEntry | undefined): Record<string, string> {
  const kubeconfig = join(session.dir, "kubeconfig");
  writeFileSync(kubeconfig, session.own?.kubernetes.kubeconfig ?? "", { mode: 0o600 });
  return {
    ...session.env,
    KUBECONFIG: kubeconfig,
    PULUMI_BACKEND_URL: `file://${join(session.dir, "pulumi")}`,
    ...(web === undefined ? {} : { WEB_ENTRY: web.url }),
  };
}

/** Keeps the local cloud in the foreground until Ctrl-C, for rehearsals and other tools in other terminals. */
export async function keepCloud(options: Options, progress: Progress): Promise<number> {
  const stops = stopsOnSignal(() => undefined);
  const session = await openSession(options, (line) => progress.line(line));
  const withdraw = announce(session, options.kubernetes ?? "local");
  const kubernetes = session.own?.kubernetes;
  let web: WebEntry | undefined;
  try {
    if (kubernetes !== undefined) web = await startWebEntry({ ...WEB_ENTRY, snapshot: () => kubernetes.snapshot() });
    const env = clientEnv(session, web);
    if (options.json)
      process.stdout.write(`${JSON.stringify({ stack: options.stack, dir: session.dir, env }, null, 2)}\n`);
    else
      process.stdout.write(
        `${Object.entries(env)
          .map(([name, value]) => `export ${name}='${value}'`)
          .join("\n")}\n`,
      );
    progress.line(
      `\nThe local cloud of ${options.stack} is up; every rehearsal of ${options.stack} in another terminal uses it.\n` +
        `With the lines above, hcloud, kubectl and pulumi reach it too, and curl -H "Host: ..." $WEB_ENTRY asks as a browser would. Ctrl-C ends it; what it holds stays in ${session.dir}.`,
    );
    await stops.ended;
    return DONE;
  } finally {
    withdraw();
    stops.release();
    await web?.close();
    await session.close();
  }
}
