import type * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { SecretResolver } from "../secrets/secretResolver";
import { runScript, type ShellConnection } from "./remoteShell";

/** What a cloud does with a server's power. Times out, and says so. */
export interface ServerPower {
  isOn(id: number): Promise<boolean>;
  /** @throws Error when the type cannot be had there now */
  requireType(type: string, location: string): Promise<void>;
  /** As the button does: daemons end as they like to. @throws Error when it is still on after five minutes */
  shutDown(id: number): Promise<void>;
  /** Waits until it runs, and every balancer that leads to it finds it healthy. */
  start(id: number): Promise<void>;
}

/** The servers whose type this run changes. */
export interface Resizing {
  /** Hetzner's ids, by name: of those that are there with another type than they are to have. */
  readonly servers: ReadonlyMap<string, number>;
  readonly power: ServerPower;
}

/** What a cluster asks of a member around a time without power. Bash for that member; may hold secret placeholders. */
export interface MemberTurn {
  /** Before: the cluster is whole, and does without this member. */
  readonly leave: string;
  /** Afterwards: the cluster is whole again. */
  readonly back: string;
  /** The longest that either takes. */
  readonly timeoutSeconds: number;
}

interface TypeChange {
  readonly name: string;
  readonly location: string;
  readonly power: ServerPower;
  readonly connection: pulumi.Output<ShellConnection>;
  readonly secrets: SecretResolver;
  readonly turn: MemberTurn | undefined;
}

/** A machine that has answered before its turn; one that boots. */
const DIAL_SECONDS = 30;
const BOOT_SECONDS = 300;

/**
 * Around the update of a server whose type changes. The provider powers a server off hard and changes it; here its
 * cluster is asked first, the machine shuts down by itself, and the next one's turn comes when the cluster is whole.
 * Pulumi takes an error before the update for its failure; one after it is a warning, so the next member's `leave`
 * asks again whether the cluster is whole.
 */
export function aroundTypeChange(change: TypeChange): pulumi.ResourceHookBinding {
  const { name, power } = change;
  const run = async (script: string, timeoutSeconds: number, dialSeconds: number): Promise<void> =>
    runScript({
      connection: await valueOf(change.connection),
      script: await valueOf(change.secrets.resolve(script)),
      timeoutSeconds,
      dialSeconds,
    });
  const before = async (told: pulumi.ResourceHookArgs): Promise<void> => {
    const wanted = typeIn(told.newInputs);
    if (wanted === typeIn(told.oldInputs)) return;
    const id = Number(told.id);
    await power.requireType(wanted, change.location);
    if (!(await power.isOn(id))) return;
    if (change.turn !== undefined) await run(change.turn.leave, change.turn.timeoutSeconds, DIAL_SECONDS);
    await power.shutDown(id);
  };
  const after = async (told: pulumi.ResourceHookArgs): Promise<void> => {
    if (typeIn(told.newInputs) === typeIn(told.oldInputs)) return;
    await power.start(Number(told.id));
    await run(change.turn?.back ?? "true\n", change.turn?.timeoutSeconds ?? 60, BOOT_SECONDS);
  };
  return {
    beforeUpdate: [new pulumi.ResourceHook(`${name}-leaves`, before)],
    afterUpdate: [new pulumi.ResourceHook(`${name}-is-back`, after)],
  };
}

const typeIn = (inputs: pulumi.ResourceHookArgs["newInputs"]): string =>
  String((inputs as Partial<Record<keyof hcloud.ServerArgs, unknown>> | undefined)?.serverType);

/** Of an output that is known: hooks run in no preview, and after all that they use is there. */
const valueOf = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => void output.apply(resolve));
