import { duplicates, Mistakes, MistakesError, refuse, shown, type Mistake } from "../../components/mistakes";

const mistake = (path: string): Mistake => ({ path, found: "2", allowed: "1", fix: "remove one" });

test("all mistakes of a subject are one error, a line each", () => {
  expect(() => refuse("stack prod", [mistake("hosts"), mistake("")])).toThrow(
    new MistakesError("stack prod", [mistake("hosts"), mistake("")]),
  );
  expect(() => refuse("stack prod", [mistake("hosts"), mistake("")])).toThrow(
    /^stack prod has 2 mistakes:\n {2}hosts: found 2; allowed: 1; fix: remove one\n {2}found 2; allowed: 1; fix: remove one$/,
  );
  expect(() => refuse("stack prod", [mistake("hosts")])).toThrow(/^stack prod has 1 mistake:/);
  expect(() => refuse("stack prod", [])).not.toThrow();
});

test("members of a list are told by name beside their index; what programs read is the path alone", () => {
  const mistakes = new Mistakes();
  mistakes.name("hosts", [{ name: "db-01" }, {}, { name: "db-02" }]);
  mistakes.add(mistake("hosts[2].address"), mistake("hosts[1].address"), {
    ...mistake("zone"),
    found: "as hosts[0] says",
  });
  expect(() => mistakes.refuse("stack prod")).toThrow(
    /hosts\[2\] \(db-02\)\.address: found 2;.*\n {2}hosts\[1\]\.address: found 2;.*\n {2}zone: found as hosts\[0\] \(db-01\) says;/,
  );
  expect(mistakes.all.map(({ path }) => path)).toEqual(["hosts[2].address", "hosts[1].address", "zone"]);
});

test.each([
  [undefined, "nothing"],
  ["a", '"a"'],
  [[1], "[1]"],
  [() => 1, "a function"],
  ["x".repeat(300), `"${"x".repeat(199)}...`],
])("%p is shown as %s", (value, text) => {
  expect(shown(value)).toBe(text);
});

test("a duplicate is each item after the first", () => {
  expect(
    duplicates(
      [1, 2, 11, 21],
      (n) => String(n % 10),
      (n, first) => mistake(`${n} as ${first}`),
    ),
  ).toEqual([mistake("11 as 1"), mistake("21 as 1")]);
});

describe("a collection", () => {
  test("goes on after work that was given up for its mistakes, and tells each once, with where it was", () => {
    const all = new Mistakes();
    const shop = all.at("workloads").at("shop");
    expect(shop.attempt(() => refuse("x", [mistake("port")]))).toBeUndefined();
    expect(shop.attempt(() => refuse("x", [mistake("port")]))).toBeUndefined();
    expect(all.attempt(() => 1)).toBe(1);
    all.add(mistake("hosts"));
    expect(() => all.refuse("stack prod")).toThrow(
      new MistakesError("stack prod", [mistake("workloads > shop > port"), mistake("hosts")]),
    );
    expect(() => new Mistakes().refuse("stack prod")).not.toThrow();
  });

  test("takes other errors for consequences only where there are mistakes", () => {
    const all = new Mistakes();
    const fail = (): never => {
      throw new TypeError("bug");
    };
    expect(() => all.attempt(fail)).toThrow("bug");
    all.add(mistake("hosts"));
    expect(all.attempt(fail)).toBeUndefined();
    expect(all.all).toEqual([mistake("hosts")]);
  });
});
