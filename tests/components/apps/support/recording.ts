import * as pulumi from "@pulumi/pulumi";
import { substituteSecrets } from "../../../../components/secrets/secretRef";
import type { SecretResolver } from "../../../../components/secrets/secretResolver";

export interface Registered {
  readonly name: string;
  readonly type: string;
  readonly inputs: Record<string, unknown>;
}

/** What the program registered, in its order; and what was there already when each registration began. */
const registered: Registered[] = [];
const before = new Map<string, ReadonlySet<string>>();
const finished = new Set<string>();

/** A Job takes a while, so that whoever does not wait for it is seen. */
const JOB_MILLISECONDS = 40;

class RecordingMocks implements pulumi.runtime.Mocks {
  async newResource(args: pulumi.runtime.MockResourceArgs): Promise<{ id: string; state: Record<string, unknown> }> {
    const inputs = args.inputs as Record<string, unknown>;
    before.set(args.name, new Set(finished));
    if (args.type === "kubernetes:batch/v1:Job") await new Promise((resolve) => setTimeout(resolve, JOB_MILLISECONDS));
    finished.add(args.name);
    registered.push({ name: args.name, type: args.type, inputs });
    return { id: `${args.name}-id`, state: inputs };
  }
  call(args: pulumi.runtime.MockCallArgs): Record<string, unknown> {
    throw new Error(`nothing is called here: ${args.token}`);
  }
}

/** Every secret's value tells which one it is. */
export function resolver(values: Readonly<Record<string, string>>): SecretResolver {
  const known = { get: (id: string) => values[id] ?? `value of ${id}` } as ReadonlyMap<string, string>;
  return { resolve: (text) => pulumi.secret(substituteSecrets(text, known)) };
}

/** From here on resources are recorded instead of made, and nothing of what was recorded before. */
export async function record(): Promise<void> {
  registered.length = 0;
  finished.clear();
  before.clear();
  await pulumi.runtime.setMocks(new RecordingMocks(), "keybuzz", "test");
}

export function registeredSoFar(): readonly Registered[] {
  return [...registered];
}

/** What was there already when that one's registration began. */
export function finishedBefore(name: string): readonly string[] {
  return [...(before.get(name) ?? [])];
}

/** The Deployments come last; what nothing waits for may still be under way: wait until none has come for a while. */
export async function settled(): Promise<void> {
  for (let seen = -1; seen !== registered.length;) {
    seen = registered.length;
    await new Promise((resolve) => setTimeout(resolve, 5 * JOB_MILLISECONDS));
  }
}

export function find(resources: readonly Registered[], name: string): Registered {
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined)
    throw new Error(`"${name}" was not registered; there are ${resources.map((r) => r.name).join(", ")}`);
  return found;
}
