import type { HostConfigPart } from "../../../components/machines/hostConfig";
import { mergeHostConfigs } from "../../../components/machines/mergeHostConfigs";
import { renderScript } from "../../../components/machines/render";
import { commandProvider } from "@standin/pulumi-engine/providers/command";
import type { Properties, ResourceContext } from "@standin/pulumi-engine/provider";

const context: ResourceContext = {
  urn: "urn:pulumi:prod::keybuzz::command:remote:Command::job",
  type: "command:remote:Command",
  preview: false,
  signal: new AbortController().signal,
  log: () => undefined,
};

/** Runs a command as the program does. @returns what it says. */
export const run = async (connection: Properties, create: string, stdin?: string): Promise<string> => {
  const provider = await commandProvider({});
  const { outputs } = await provider.create(context, { connection, create, ...(stdin === undefined ? {} : { stdin }) });
  return outputs["stdout"] as string;
};

/** A host's script, as the program renders it. */
export const script = (config: HostConfigPart, host = "db-01"): string =>
  renderScript(mergeHostConfigs(host, [{ module: "test", config }])).script;

/** The command line that takes such a script. */
export const APPLY = "sudo timeout 1800 bash -s # 0123456789abcdef";
export const KEY_PATH = "/etc/ssh/ssh_host_ed25519_key.pub";
