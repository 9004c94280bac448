import { commandProvider } from "@standin/pulumi-engine/providers/command";
import { redact } from "@standin/pulumi-engine/providers/command/runResult";
import type { Properties, ResourceContext } from "@standin/pulumi-engine/provider";

const LOCAL = "command:local:Command";
const logged: string[] = [];
const context = (signal = new AbortController().signal): ResourceContext => ({
  urn: `urn:pulumi:prod::demo::${LOCAL}::job`,
  type: LOCAL,
  preview: false,
  signal,
  log: (severity, message) => void logged.push(`${severity} ${message}`),
});
const run = async (inputs: Properties): Promise<Properties> =>
  (await (await commandProvider({})).create(context(), inputs)).outputs;
beforeEach(() => {
  logged.length = 0;
});

describe("a local command", () => {
  test("runs with interpreter, environment, directory and standard input", async () => {
    expect(
      await run({ create: 'cat; echo "$A $(pwd)"; echo e >&2', stdin: "in\n", environment: { A: "b" }, dir: "/" }),
    ).toMatchObject({ stdout: "in\nb /", stderr: "e" });
    expect(logged).toEqual(["info in", "info b /", "info e"]);
    expect(await run({ create: "process.stdout.write('node')", interpreter: [process.execPath, "-e"] })).toMatchObject({
      stdout: "node",
    });
  });

  test("sees the previous output unless told otherwise", async () => {
    const provider = await commandProvider({});
    const old = { id: "x", inputs: {}, outputs: { stdout: "before", stderr: "" } };
    const create = 'echo "<$PULUMI_COMMAND_STDOUT>"';
    expect(await provider.update(context(), old, { create })).toMatchObject({ stdout: "<before>" });
    expect(await provider.update(context(), old, { create, addPreviousOutputInEnv: false })).toMatchObject({
      stdout: "<>",
    });
  });

  test("fails with its status and the end of its errors, without what it was given", async () => {
    const inputs = { create: 'echo "bad $TOKEN" >&2; exit 3', environment: { TOKEN: "s3cret-token" }, logging: "none" };
    await expect(run(inputs)).rejects.toThrow(
      /^job: this machine: step command: failed with exit status 3:\nbad \[secret\]; remedy: /,
    );
    await expect(run({ create: "true", interpreter: ["/no/such/program"] })).rejects.toThrow(
      /step start: \/no\/such\/program cannot be started/,
    );
  });

  test("ends with all that it started when it is cancelled", async () => {
    const stop = new AbortController();
    const provider = await commandProvider({});
    const waiting = provider.create(context(stop.signal), { create: "sleep 60 & sleep 60" });
    setTimeout(() => stop.abort(), 200);
    await expect(waiting).rejects.toThrow(/was cut off/);
  });

  test("is there as a function, too", async () => {
    const provider = await commandProvider({});
    expect(await provider.invoke("command:local:run", { command: "echo hello" })).toMatchObject({ stdout: "hello" });
    await expect(provider.invoke("command:local:other", {})).rejects.toThrow(/has no function/);
  });

  test("with what the embedded engine cannot do is refused", async () => {
    const { failures } = await (
      await commandProvider({})
    ).check(context(), { create: "true", assetPaths: ["*"] }, undefined);
    expect(failures).toEqual([
      { property: "assetPaths", reason: expect.stringContaining("does not know it") as string },
    ]);
  });
});

test("redact blots out values, their lines and their words, the longest first", () => {
  expect(redact("a longsecretvalue b", ["longsecretvalue"])).toBe("a [secret] b");
  expect(redact("said: export-me-1234", ["x\nKEY='export-me-1234'\n"])).toBe("said: [secret]");
  expect(redact("ok", [undefined, "", "ok"])).toBe("ok");
});
