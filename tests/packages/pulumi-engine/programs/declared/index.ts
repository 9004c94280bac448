/**
 * Registers what the configuration value "spec" declares, so that each test can say in a few lines which
 * resources there are. In inputs and outputs, {"$ref": "a.id"} is an output of resource a, {"$secret": x} a secret.
 */
import * as pulumi from "@pulumi/pulumi";
import type { Declared, Spec } from "../../support/spec";

class Thing extends pulumi.CustomResource {
  constructor(type: string, name: string, inputs: pulumi.Inputs, options: pulumi.CustomResourceOptions) {
    super(type, name, { ...inputs, computed: undefined, token: undefined }, options);
  }
}

class Group extends pulumi.ComponentResource {
  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.ComponentResourceOptions) {
    super("test:index:Group", name, inputs, options);
    this.registerOutputs({ registered: name });
  }
}

class Maker extends pulumi.ProviderResource {
  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.ResourceOptions) {
    super("fake", name, inputs, options);
  }
}

const spec = new pulumi.Config().requireObject<Spec>("spec");
const made = new Map<string, pulumi.Resource>();

function find(name: string): pulumi.Resource {
  const resource = made.get(name);
  if (resource === undefined) throw new Error(`the spec refers to "${name}" before it is declared`);
  return resource;
}

function resolve(value: unknown): pulumi.Input<unknown> {
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value !== "object" || value === null) return value;
  const map = value as Record<string, unknown>;
  if (typeof map["$ref"] === "string") {
    const [name = "", property = ""] = map["$ref"].split(".");
    return (find(name) as unknown as Record<string, pulumi.Output<unknown>>)[property];
  }
  if ("$secret" in map) return pulumi.secret(resolve(map["$secret"]));
  return Object.fromEntries(Object.entries(map).map(([k, v]) => [k, resolve(v)]));
}

function options({ options: given = {} }: Declared): pulumi.CustomResourceOptions {
  const { parent, dependsOn, deletedWith, provider, replaceWith, ...rest } = given;
  return {
    ...rest,
    ...(parent === undefined ? {} : { parent: find(parent) }),
    ...(dependsOn === undefined ? {} : { dependsOn: dependsOn.map(find) }),
    ...(deletedWith === undefined ? {} : { deletedWith: find(deletedWith) }),
    ...(replaceWith === undefined ? {} : { replaceWith: replaceWith.map(find) }),
    ...(provider === undefined ? {} : { provider: find(provider) as pulumi.ProviderResource }),
  };
}

for (const declared of spec.resources) {
  const inputs = resolve(declared.inputs ?? {}) as pulumi.Inputs;
  const { name, kind = "fake:index:Thing" } = declared;
  if (kind === "component") made.set(name, new Group(name, inputs, options(declared)));
  else if (kind === "provider") made.set(name, new Maker(name, inputs, options(declared)));
  else made.set(name, new Thing(kind, name, inputs, options(declared)));
}

if (spec.throws !== undefined) throw new Error(spec.throws);
module.exports = Object.fromEntries(Object.entries(spec.outputs ?? {}).map(([name, value]) => [name, resolve(value)]));
