import { diffProperties, show } from "@standin/pulumi-engine/diff";
import { parseDuration } from "@standin/pulumi-engine/goal";
import { formatPath, keepOldValues, parsePath, touchesAny } from "@standin/pulumi-engine/propertyPath";
import { UNKNOWN } from "@standin/pulumi-engine/provider";
import { runGraph, Scheduler, StoppedError } from "@standin/pulumi-engine/scheduler";
import { SecretMasker, StateCipher } from "@standin/pulumi-engine/secrets";
import { fromWire, SECRET_SIGNATURE, SIGNATURE_KEY, toWire, UNKNOWN_MARKER } from "@standin/pulumi-engine/serialize";
import { aliasUrns, makeUrn, parseUrn } from "@standin/pulumi-engine/urn";
import { equal, markLike, Secret, toMasked } from "@standin/pulumi-engine/values";
import type { EngineValue } from "@standin/pulumi-engine/values";

describe("property paths", () => {
  test.each([
    ["spec.template.spec.containers[0].image", ["spec", "template", "spec", "containers", 0, "image"]],
    ['metadata.annotations["a.b/c"]', ["metadata", "annotations", "a.b/c"]],
    ['["x.y"].z', ["x.y", "z"]],
  ])("%s is read and written alike", (text, path) => {
    expect(parsePath(text)).toEqual(path);
    expect(formatPath(path)).toBe(text);
  });
  test("stars are read, rubbish is refused", () => {
    expect(parsePath("a[*].b")).toEqual(["a", "*", "b"]);
    expect(() => parsePath("a[0")).toThrow('property path "a[0": cannot be read from position 1');
  });
  test("a pattern touches what is above and below it, and nothing beside", () => {
    expect(touchesAny(["a.b"], ["a", "b", "c"])).toBe(true);
    expect(touchesAny(["a.b"], ["a"])).toBe(true);
    expect(touchesAny(["a[*].x"], ["a", 3, "x"])).toBe(true);
    expect(touchesAny(["a.b"], ["a", "c"])).toBe(false);
    expect(touchesAny([], ["a"])).toBe(false);
  });
  test("ignored paths get their old values, or go when there were none", () => {
    const olds = { a: 1, m: { x: 1, y: 1 }, l: [{ v: 1, w: 1 }], s: new Secret("old") };
    const news = {
      a: 2,
      b: 2,
      m: { x: 2, y: 2 },
      l: [
        { v: 2, w: 2 },
        { v: 2, w: 2 },
      ],
      s: new Secret("new"),
    };
    expect(keepOldValues(news, olds, ["a", "b", "m.x", "l[0].v", "s"])).toEqual({
      a: 1,
      m: { x: 1, y: 2 },
      l: [
        { v: 1, w: 2 },
        { v: 2, w: 2 },
      ],
      s: new Secret("old"),
    });
    expect(keepOldValues(news, olds, ["*"])).toEqual(olds);
    expect(keepOldValues(news, olds, [])).toEqual(news);
  });
});

describe("differences", () => {
  const shown = (before: Record<string, EngineValue>, after: Record<string, EngineValue>): unknown =>
    diffProperties(before, after).map(show);
  test("each at its deepest path; additions and removals are one-sided", () => {
    expect(shown({ a: { b: [1, 2], c: 1 }, gone: "x" }, { a: { b: [1, 3, 4], c: 1 }, new: null })).toEqual([
      { path: "a.b[1]", before: 2, after: 3 },
      { path: "a.b[2]", after: 4 },
      { path: "gone", before: "x" },
      { path: "new", after: null },
    ]);
  });
  test("secrets are compared and hidden; unknowns always differ", () => {
    expect(shown({ s: new Secret("1"), t: new Secret("1"), u: 1 }, { s: new Secret("2"), t: "1", u: UNKNOWN })).toEqual(
      [
        { path: "s", before: "[secret]", after: "[secret]" },
        { path: "u", before: 1, after: "[unknown]" },
      ],
    );
    expect(shown({ m: new Secret({ a: 1, b: 1 }) }, { m: new Secret({ a: 2, b: 1 }) })).toEqual([
      { path: "m.a", before: "[secret]", after: "[secret]" },
    ]);
    expect(shown({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
  });
});

describe("values", () => {
  test("the wire form and back, at any depth", () => {
    const value: EngineValue = { a: [1, "x", null, true, { s: new Secret({ deep: UNKNOWN }) }], u: UNKNOWN };
    const wire = toWire(value);
    expect(wire).toEqual({
      a: [1, "x", null, true, { s: { [SIGNATURE_KEY]: SECRET_SIGNATURE, value: { deep: UNKNOWN_MARKER } } }],
      u: UNKNOWN_MARKER,
    });
    expect(equal(fromWire(wire, ""), value)).toBe(true);
    const output = (rest: object) => ({ [SIGNATURE_KEY]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", ...rest });
    expect(fromWire(output({ value: 1, secret: true }), "")).toEqual(new Secret(1));
    expect(fromWire(output({}), "")).toBe(UNKNOWN);
    expect(() => fromWire({ a: { [SIGNATURE_KEY]: "new" } }, "inputs")).toThrow("inputs.a: unknown value marker new");
  });
  test("marks follow the values they belong to", () => {
    const like = { a: new Secret(1), m: { x: new Secret(1), y: 1 }, l: ["n", new Secret("s")] };
    expect(markLike({ a: 9, b: 1, m: { x: 9, y: 1, z: 1 }, l: ["n", "t"] }, like)).toEqual({
      a: new Secret(9),
      b: 1,
      m: { x: new Secret(9), y: 1, z: 1 },
      l: ["n", new Secret("t")],
    });
    // Moved: nobody knows which is which.
    expect(markLike({ l: ["s", "n"] }, like)["l"]).toEqual(new Secret(["s", "n"]));
    expect(toMasked({ l: [new Secret("x"), UNKNOWN] })).toEqual({ l: ["[secret]", "[unknown]"] });
  });
  test("durations", () => {
    expect([
      parseDuration("1h30m", "x"),
      parseDuration("90s", "x"),
      parseDuration("1.5m", "x"),
      parseDuration("", "x"),
    ]).toEqual([5400, 90, 90, undefined]);
    expect(() => parseDuration("5 minutes", "customTimeouts.create")).toThrow(
      'customTimeouts.create: "5 minutes" is no duration',
    );
  });
});

describe("secrets", () => {
  test("encryption: another key, or a changed byte, is noticed; the same text never looks the same", () => {
    const cipher = StateCipher.create("one");
    const box = cipher.encrypt("text");
    expect(cipher.decrypt(box)).toBe("text");
    expect(cipher.encrypt("text")).not.toBe(box);
    const bytes = Buffer.from(box, "base64");
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(() => cipher.decrypt(bytes.toString("base64"))).toThrow();
    expect(() => StateCipher.open("two", cipher.salt, cipher.check(), "file")).toThrow("file: the passphrase is not");
    expect(StateCipher.open("one", cipher.salt, cipher.check(), "file").decrypt(box)).toBe("text");
  });
  test("masking: verbatim, escaped, encoded, by line; not what is too short to mean anything", () => {
    const masker = new SecretMasker();
    masker.learn({
      a: new Secret('pass"word'),
      b: new Secret("one\nlong enough to be told apart\n"),
      c: new Secret("on"),
      d: "open",
      e: new Secret(["in a list", 123456]),
    });
    expect(masker.mask('x pass"word y')).toBe("x [secret] y");
    expect(masker.mask(JSON.stringify({ p: 'pass"word' }))).toBe('{"p":"[secret]"}');
    expect(masker.mask(Buffer.from('pass"word').toString("base64"))).toBe("[secret]");
    expect(masker.mask("> long enough to be told apart <")).toBe("> [secret] <");
    expect(masker.mask("in a list, 123456, on, open")).toBe("[secret], [secret], on, open");
  });
});

describe("URNs", () => {
  const stack = makeUrn("dev", "p", "", "pulumi:pulumi:Stack", "p-dev");
  const group = makeUrn("dev", "p", stack, "my:m:Group", "group");
  test("parents' types are part of it, the stack's is not", () => {
    const child = makeUrn("dev", "p", group, "a:b:C", "group-c");
    expect(child).toBe("urn:pulumi:dev::p::my:m:Group$a:b:C::group-c");
    expect(parseUrn(child)).toEqual({
      stack: "dev",
      project: "p",
      qualifiedType: "my:m:Group$a:b:C",
      type: "a:b:C",
      name: "group-c",
    });
    expect(() => parseUrn("nonsense")).toThrow('"nonsense" is no URN');
  });
  test("aliases: what is stated replaces what is; the parent's alias carries over", () => {
    const target = {
      stack: "dev",
      project: "p",
      name: "group-c",
      type: "a:b:C",
      parent: group,
      renamed: new Map([[group, "urn:pulumi:dev::p::my:m:Group::old"]]),
    };
    expect(
      aliasUrns({ ...target, renamed: new Map() }, [
        { name: "x" },
        { type: "a:b:Old" },
        { noParent: true },
        { project: "q" },
        { urn: "urn:given" },
      ]),
    ).toEqual([
      "urn:pulumi:dev::p::my:m:Group$a:b:C::x",
      "urn:pulumi:dev::p::my:m:Group$a:b:Old::group-c",
      "urn:pulumi:dev::p::a:b:C::group-c",
      "urn:pulumi:dev::q::my:m:Group$a:b:C::group-c",
      "urn:given",
    ]);
    expect(aliasUrns(target, [])).toEqual(["urn:pulumi:dev::p::my:m:Group$a:b:C::old-c"]);
  });
});

describe("the scheduler", () => {
  const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  test("never runs more than its limit, and uses all of it", async () => {
    const scheduler = new Scheduler(3);
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        scheduler.run(async () => {
          most = Math.max(most, ++running);
          await tick();
          running--;
        }),
      ),
    );
    expect(most).toBe(3);
    await scheduler.idle();
  });
  test("after a stop what runs ends, what waits is refused; a cancel reaches what runs", async () => {
    const scheduler = new Scheduler(1);
    const first = scheduler.run(async () => {
      await tick();
      return "done";
    });
    const second = scheduler.run(async () => "never");
    scheduler.stop();
    await expect(second).rejects.toThrow(StoppedError);
    await expect(scheduler.run(async () => "never")).rejects.toThrow(StoppedError);
    await expect(first).resolves.toBe("done");
    expect(scheduler.signal.aborted).toBe(false);
    scheduler.cancel();
    expect(scheduler.signal.aborted).toBe(true);
  });
  test("a graph runs in order; a failure takes with it what comes after, not what is beside", async () => {
    const after: Record<string, string[]> = { b: ["a"], c: ["b"], d: ["a"], e: ["nowhere"] };
    const order: string[] = [];
    const { failed, skipped } = await runGraph(
      ["c", "b", "d", "a", "e"],
      (n) => after[n] ?? [],
      async (n) => {
        order.push(n);
        if (n === "b") throw new Error("b fails");
      },
    );
    expect(order.indexOf("a")).toBeLessThan(order.indexOf("d"));
    expect([...order].sort()).toEqual(["a", "b", "d", "e"]);
    expect([...failed.keys()]).toEqual(["b"]);
    expect([...skipped]).toEqual(["c"]);
  });
});
