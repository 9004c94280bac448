/** What needs more of the SDK than declared resources; the configuration value "part" says what is tried. */
import * as pulumi from "@pulumi/pulumi";

class Thing extends pulumi.CustomResource {
  declare readonly computed: pulumi.Output<string>;
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.CustomResourceOptions = {}) {
    super("fake:index:Thing", name, { computed: undefined, token: undefined, ...inputs }, options);
  }
}

class Maker extends pulumi.ProviderResource {
  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.ResourceOptions = {}) {
    super("fake", name, inputs, options);
  }
}

class Pair extends pulumi.ComponentResource {
  readonly both: pulumi.Output<string>;

  constructor(name: string, options: pulumi.ComponentResourceOptions = {}) {
    super("test:index:Pair", name, {}, options);
    const left = new Thing(`${name}-left`, { value: "l" }, { parent: this });
    const right = new Thing(`${name}-right`, { value: left.computed }, { parent: this });
    this.both = pulumi.interpolate`${left.computed}+${right.computed}`;
    this.registerOutputs({ both: this.both });
  }
}

const config = new pulumi.Config();
const outputs: Record<string, unknown> = {};

const parts: Record<string, () => Promise<void> | void> = {
  /** An explicit provider whose configuration is the output of a resource. */
  provider() {
    const where: string = config.get<string>("region") ?? "here";
    const region = new Thing("region", { value: where });
    const maker = new Maker("maker", { region: region.computed, token: pulumi.secret("maker-token") });
    const pair = new Pair("pair", { providers: [maker] });
    outputs.both = pair.both;
    outputs.depends = new Thing("after", { value: "x" }, { dependsOn: [pair] }).computed;
  },
  transforms() {
    pulumi.runtime.registerResourceTransform((args) => {
      if (args.name !== "transformed") return undefined;
      return {
        props: { ...args.props, value: "by the stack" },
        opts: pulumi.mergeOptions(args.opts, { ignoreChanges: ["other"] }),
      };
    });
    outputs.own = new Thing(
      "own",
      { value: "original" },
      { transforms: [(args) => ({ props: { ...args.props, value: "by its own" }, opts: args.opts })] },
    ).computed;
    outputs.stack = new Thing("transformed", { value: "original" }).computed;
    outputs.not = new Thing("not", { value: "original" }).computed;
  },
  async invoke() {
    const thing = new Thing("asked", { value: "unknown in a preview" });
    outputs.plain = await pulumi.runtime.invoke("fake:index:getThing", { question: "plain" });
    outputs.output = pulumi.runtime.invokeOutput("fake:index:getThing", { question: thing.computed });
    outputs.hidden = pulumi.runtime.invokeOutput("fake:index:getThing", { question: pulumi.secret("hidden-question") });
  },
  asset() {
    new Thing("asset", { file: new pulumi.asset.StringAsset("text") });
  },
  /** Each hook says what it was told; the one that is named by "failing" fails. */
  hooks() {
    const value: string = config.get<string>("value") ?? "first";
    const hook = (moment: string): pulumi.ResourceHook =>
      new pulumi.ResourceHook(
        moment,
        async ({ name, id, ...told }) => {
          const values = ["oldInputs", "newInputs", "oldOutputs", "newOutputs"].map(
            (key) => (told as Record<string, { value?: string } | undefined>)[key]?.value ?? "-",
          );
          process.stdout.write(`${moment} ${name} ${id === "" ? "without" : "with"} id: ${values.join(" ")}\n`);
          await new Promise((resolve) => setTimeout(resolve, 50));
          if (config.get("failing") === moment) throw new Error(`${name} is not let through`);
        },
        { onDryRun: moment === "beforeUpdate" },
      );
    const hooked = new Thing(
      "hooked",
      { value },
      {
        hooks: {
          beforeCreate: [hook("beforeCreate")],
          afterCreate: [hook("afterCreate")],
          beforeUpdate: [hook("beforeUpdate")],
          afterUpdate: [hook("afterUpdate")],
        },
      },
    );
    new Thing("next", { value }, { dependsOn: hooked });
  },
  deletionHooks() {
    new Thing("hooked", {}, { hooks: { beforeDelete: [new pulumi.ResourceHook("end", async () => undefined)] } });
  },
  errorHooks() {
    new Thing("hooked", {}, { hooks: { onError: [new pulumi.ErrorHook("again", async () => true)] } });
  },
  call() {
    outputs.called = pulumi.runtime.call("fake:index:Thing/method", {}, undefined);
  },
  prints() {
    process.stdout.write("printed\n");
    void pulumi.log.warn("careful");
    const { stack, project } = { stack: pulumi.getStack(), project: pulumi.getProject() };
    outputs.where = `${project}/${stack}/${pulumi.runtime.isDryRun() ? "preview" : "up"}/${process.argv.slice(2).join("+")}/${process.env["EXTRA"] ?? ""}`;
  },
};

module.exports = (async () => {
  await parts[config.require("part")]?.();
  return outputs;
})();
