import { fieldChanges } from "../../diff/compare/fields";

describe("field by field", () => {
  test("equal values: nothing", () => {
    expect(fieldChanges({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
  });

  test("the deepest path where they differ", () => {
    expect(fieldChanges({ spec: { replicas: 2, other: 1 } }, { spec: { replicas: 3, other: 1 } })).toEqual([
      { path: "spec.replicas", kind: "value", before: "2", after: "3" },
    ]);
  });

  test("lists whose order means nothing are sets", () => {
    const [a, b] = [{ ports: [{ port: 1 }] }, { ports: [{ port: 2 }] }];
    expect(fieldChanges({ ingress: [a, b] }, { ingress: [b, a] })).toEqual([]);
    expect(fieldChanges({ sourceIps: ["10.0.0.1/32", "10.0.0.2/32"] }, { sourceIps: ["10.0.0.2/32"] })).toEqual([
      { path: "sourceIps", kind: "set", removed: ["10.0.0.1/32"], added: [] },
    ]);
  });

  test("members with a name are found by it, wherever they stand", () => {
    const container = (name: string, image: string): unknown => ({ name, image });
    const before = { containers: [container("a", "a:1"), container("b", "b:1")] };
    const after = { containers: [container("b", "b:2"), container("a", "a:1")] };
    expect(fieldChanges(before, after)).toEqual([
      { path: "containers[b].image", kind: "value", before: "b:1", after: "b:2" },
    ]);
  });

  test("the order of other lists means something", () => {
    expect(fieldChanges({ command: ["a", "b"] }, { command: ["b", "a"] })).toEqual([
      { path: "command", kind: "lines", hunks: [["-a", " b", "+a"]] },
    ]);
  });

  test("texts are told by lines, with three around each change", () => {
    const text = (changed: string): string => [..."abcd", changed, ..."fghi", ""].join("\n");
    expect(fieldChanges({ files: { "/etc/x": text("e") } }, { files: { "/etc/x": text("E") } })).toEqual([
      {
        path: 'files["/etc/x"]',
        kind: "lines",
        hunks: [[" b", " c", " d", "-e", "+E", " f", " g", " h"]],
      },
    ]);
  });

  test("of a secret nothing is told but that it is another one, wherever it stands", () => {
    const [before, after] = ["[secret] 1a2b", "[secret] 3c4d"];
    expect(fieldChanges({ stdin: before }, { stdin: after })).toEqual([
      { path: "stdin", kind: "secret", now: "other" },
    ]);
    const shown = JSON.stringify(fieldChanges({ list: [{ x: before }] }, { list: [{ x: after }, { y: after }] }));
    expect(shown).not.toMatch(/1a2b|3c4d/);
  });

  test("checksums are not shown", () => {
    const sum = (digit: string): string => digit.repeat(16);
    expect(fieldChanges({}, { a: sum("1") })).toEqual([
      { path: "a", kind: "value", before: undefined, after: "a checksum" },
    ]);
    expect(fieldChanges({ name: "x-migrate-0a1b2c3d" }, { name: "x-migrate-4e5f6071" })).toMatchObject([
      { before: "x-migrate-(one checksum)", after: "x-migrate-(another checksum)" },
    ]);
    const script = (sha: string): string => `a\n# 9 more lines; sha256 of the whole: ${sha}\n`;
    expect(fieldChanges({ s: script("0a1b2c3d4e5f6071") }, { s: script("1a1b2c3d4e5f6071") })).toEqual([
      {
        path: "s",
        kind: "lines",
        hunks: [[" a", " # 9 more lines, which are not shown; something in this file is another one"]],
      },
    ]);
    expect(JSON.stringify(fieldChanges({ a: sum("1") }, { a: sum("2") }))).not.toMatch(/1111|2222/);
  });

  test("a rule's comment is read, and a last line without an end is no change", () => {
    const rule = (port: number): string => `a in comment=6465626974\n-A -p ${port}`;
    expect(fieldChanges({ r: rule(1) }, { r: rule(2) })).toEqual([
      { path: "r", kind: "lines", hunks: [[' a in comment="debit"', "--A -p 1", "+-A -p 2"]] },
    ]);
    expect(fieldChanges({ r: "a\nb" }, { r: "a\nb\nc" })).toEqual([
      { path: "r", kind: "lines", hunks: [[" a", " b", "+c"]] },
    ]);
  });
});
