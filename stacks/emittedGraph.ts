// What a stack registers, without an engine, a cloud or a cluster: the program's own components under Pulumi's mocks.
import * as pulumi from "@pulumi/pulumi";
import type { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import * as pulumiState from "@pulumi/pulumi/runtime/state";
import type { Resizing } from "../components/machines/resizing";
import { DECLARING_TYPE } from "../verifier/declaration";
import type { EmittedGraph, EmittedResource } from "../verifier/read/graph";
import type { Environment } from "./environment";
import { planEstate, type EstatePlan } from "./plan";
import { Platform } from "./platform";
import type { Settings } from "./stackConfig";

/** What a stack needs of its account so that it can be registered; nobody's network (RFC 5737). */
export const EXAMPLE_SETTINGS: Settings = {
  operatorCidrs: ["203.0.113.0/24"],
  operators: [],
  bastionSshPort: 22,
  bastionKubernetesPort: 6443,
  consentToDelete: [],
};

/**
 * The SDK keeps what belongs to a run (monitor, stack, settings) in a store; this gives the callback one of its own, as
 * the Automation API does for its inline programs (sdk/nodejs/runtime/state.ts). It is left out of the SDK's types.
 */
const { withLocalStorage } = pulumiState as unknown as { withLocalStorage: <T>(work: () => Promise<T>) => Promise<T> };

/** As in Pulumi.yaml. */
export const PROJECT = "keybuzz";

/** What an environment registers: {@link registered} of its plan. */
export function emittedGraph(environment: Environment, settings: Settings): Promise<EmittedGraph> {
  return registered(planEstate(environment, settings));
}

/**
 * Registers a plan as a preview would, with nobody, and returns what was registered: also within a program, which
 * notices nothing of it. Ids are made up, so that references can be followed; what only a provider could know, secrets
 * among it, stays unknown.
 */
export async function registered(plan: EstatePlan): Promise<EmittedGraph> {
  const resources: EmittedResource[] = [];
  const twice: string[] = [];
  const declaration = await registerWith(plan, {
    call: () => ({}),
    newResource: ({ type, name, inputs }) => {
      if (resources.some((one) => one.type === type && one.name === name)) twice.push(`"${name}" with type ${type}`);
      const id = String(resources.length + 1);
      resources.push({ type, name, id, inputs: plain(inputs) as EmittedResource["inputs"] });
      return { id, state: { ...(inputs as Record<string, unknown>) } };
    },
  });
  // Pulumi refuses it under one parent, which the mocks do not; under two, no stack has it.
  if (twice.length > 0) throw new Error(`duplicate resource: two resources are called ${twice.join(", ")}; rename one`);
  // Mocks are not told of a component's outputs.
  return {
    resources: resources.map((one) =>
      one.type === DECLARING_TYPE ? { ...one, inputs: { ...one.inputs, declaration } } : one,
    ),
  };
}

/**
 * Registers a plan with nobody.
 *
 * @param mocks what they answer is what providers would.
 * @param options.monitor whom it is registered with. Default: one that knows the mocks alone.
 * @param options.resizing servers whose type changes in this run. Default: none.
 * @param options.preview Default true: what only a provider could know is unknown. Otherwise it is what the mocks say.
 * @returns the declaration, in plain JSON.
 */
export function registerWith(
  plan: EstatePlan,
  mocks: pulumi.runtime.Mocks,
  {
    monitor,
    preview = true,
    resizing,
  }: {
    readonly monitor?: MockMonitor;
    readonly preview?: boolean;
    readonly resizing?: Resizing | undefined;
  } = {},
): Promise<unknown> {
  return withLocalStorage(async () => {
    await pulumi.runtime.setMocks(mocks, PROJECT, plan.environment.name, preview);
    if (monitor !== undefined) pulumi.runtime.setMockOptions(monitor, PROJECT, plan.environment.name, preview);
    let declared: unknown;
    await pulumi.runtime.runInPulumiStack(async () => {
      // Values that nobody sees: what depends on them stays unknown.
      const configured = Object.fromEntries(
        plan.secrets.flatMap((spec) => (spec.kind === "configured" ? [[spec.configKey, "made-up"]] : [])),
      );
      declared = plain(new Platform(plan.environment.name, { plan, configured, resizing }).declaration);
    });
    await pulumi.runtime.disconnect();
    return declared;
  });
}

/** Key of the object that Pulumi wraps a secret in (sdk/nodejs/runtime/rpc.ts, specialSigKey). */
const SECRET_ENVELOPE = "4dabf18193072939515e22adb298388d";

/** Plain JSON: no Outputs, and nothing unknown. */
function plain(value: unknown): unknown {
  if (pulumi.Output.isInstance(value)) return "[unknown]";
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "number" && Number.isNaN(value)) return "[unknown]";
  if (typeof value !== "object" || value === null) return value;
  if ("__pulumiUnknown" in value) return "[unknown]";
  if (SECRET_ENVELOPE in value) return "[secret]";
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}
