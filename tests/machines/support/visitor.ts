import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hostKeyPair } from "@standin/machines/simulated/hostKeyPair";
import type { Properties } from "@standin/pulumi-engine/provider";
import { commandProviderWith } from "@standin/pulumi-engine/providers/command";
import { run } from "../../packages/machines/support/simulatedFleet";

/** Somebody with a name and a key, who comes over SSH from some address. */
export class Visitor {
  readonly keys: { readonly private: string; readonly public: string };

  constructor(
    readonly name: string,
    keys?: { readonly private: string; readonly public: string },
  ) {
    this.keys = keys ?? hostKeyPair(name);
  }

  /** As `keybuzz:operators` has them, in YAML. */
  get setting(): string {
    return `{name: ${this.name}, publicKeys: ["${this.keys.public.trim()}"]}`;
  }

  /**
   * Runs a command on the bastion, or on a machine behind it.
   * @throws Error with the reason why not, where they are not let in.
   */
  run(port: number, command: string, to: { readonly address?: string; readonly from?: string } = {}): Promise<string> {
    const own: Properties = { user: this.name, privateKey: this.keys.private, dialErrorLimit: 0, perDialTimeout: 5 };
    const bastion: Properties = { ...own, host: "127.0.0.1", port };
    const connection = to.address === undefined ? bastion : { ...own, host: to.address, port: 22, proxy: bastion };
    const { from } = to;
    const factory = commandProviderWith(from === undefined ? {} : { localAddress: () => from });
    return run(connection, command, undefined, factory);
  }
}

/** Who operates a rehearsed stack, where nobody else is named. */
export function defaultOperator(stackDir: string): Visitor {
  const text = readFileSync(join(stackDir, "identity.json"), "utf8");
  const { operatorKey } = JSON.parse(text) as { readonly operatorKey: Visitor["keys"] };
  return new Visitor("rehearsal", operatorKey);
}
