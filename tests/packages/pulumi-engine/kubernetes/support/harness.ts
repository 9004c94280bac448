import type { DiffResult, Properties, Provider, ResourceContext, ResourceState } from "@standin/pulumi-engine/provider";

export interface Declaration {
  /** Type token, e.g. "kubernetes:apps/v1:Deployment". */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  readonly inputs: Properties;
}

/** Calls a provider as the engine does, one resource at a time. */
export class Harness {
  readonly messages: string[] = [];

  constructor(readonly provider: Provider) {}

  context({ type, name }: Pick<Declaration, "type" | "name">, more: Partial<ResourceContext> = {}): ResourceContext {
    return {
      urn: `urn:pulumi:test::demo::${type}::${name}`,
      type,
      preview: false,
      signal: new AbortController().signal,
      log: (severity, message) => void this.messages.push(`${severity}: ${message}`),
      ...more,
    };
  }

  async checked(declaration: Declaration, olds?: Properties): Promise<Properties> {
    const { inputs, failures } = await this.provider.check(this.context(declaration), declaration.inputs, olds);
    if (failures.length > 0)
      throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("; "));
    return inputs;
  }

  async create(declaration: Declaration, more: Partial<ResourceContext> = {}): Promise<ResourceState> {
    const inputs = await this.checked(declaration);
    const { id, outputs } = await this.provider.create(this.context(declaration, more), inputs);
    return { id, inputs, outputs };
  }

  async diff(declaration: Declaration, old: ResourceState): Promise<DiffResult> {
    return this.provider.diff(this.context(declaration), old, await this.checked(declaration, old.inputs));
  }

  async update(
    declaration: Declaration,
    old: ResourceState,
    more: Partial<ResourceContext> = {},
  ): Promise<ResourceState> {
    const inputs = await this.checked(declaration, old.inputs);
    return { id: old.id, inputs, outputs: await this.provider.update(this.context(declaration, more), old, inputs) };
  }

  delete(
    declaration: Pick<Declaration, "type" | "name">,
    state: ResourceState,
    more: Partial<ResourceContext> = {},
  ): Promise<void> {
    return this.provider.delete(this.context(declaration, more), state);
  }

  read(
    declaration: Pick<Declaration, "type" | "name">,
    id: string,
    last?: ResourceState,
  ): Promise<ResourceState | undefined> {
    return this.provider.read(this.context(declaration), id, last);
  }
}

/** The error of a call that has to fail. */
export async function failure<E extends Error>(call: Promise<unknown>, type: new (...args: never[]) => E): Promise<E> {
  try {
    await call;
  } catch (error) {
    if (error instanceof type) return error;
    throw error;
  }
  throw new Error("the call should have failed");
}

export const configMap = (namespace: string, name: string, data: Properties): Declaration => ({
  type: "kubernetes:core/v1:ConfigMap",
  name,
  inputs: { metadata: { name, namespace }, data },
});

export function deployment(
  namespace: string,
  name: string,
  podSpec: Properties = {},
  spec: Properties = {},
): Declaration {
  const labels = { app: name };
  const containers = [{ name: "web", image: "nginx:1.29", ports: [{ name: "http", containerPort: 8080 }] }];
  const template = { metadata: { labels }, spec: { containers, ...podSpec } };
  return {
    type: "kubernetes:apps/v1:Deployment",
    name,
    inputs: {
      metadata: { name, namespace },
      spec: { replicas: 2, selector: { matchLabels: labels }, template, ...spec },
    },
  };
}

export const service = (namespace: string, name: string, spec: Properties = {}): Declaration => ({
  type: "kubernetes:core/v1:Service",
  name,
  inputs: {
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: "http" }], ...spec },
  },
});

export const job = (namespace: string, name: string): Declaration => ({
  type: "kubernetes:batch/v1:Job",
  name,
  inputs: {
    metadata: { name, namespace },
    spec: {
      backoffLimit: 0,
      template: { spec: { restartPolicy: "Never", containers: [{ name: "migrate", image: "busybox:1.37" }] } },
    },
  },
});
