import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EmittedGraph } from "../../verifier/read/graph";
import { verify } from "../../verifier/verify";
import { prodGraph } from "../support/emitted";
import { exhibits, type Exhibit } from "./exhibit";

let prod: EmittedGraph;
let all: ReadonlyMap<string, Exhibit>;
beforeAll(async () => {
  prod = prodGraph();
  all = await exhibits();
});

test("each says what it must; a miss that is caught by now is no miss any more", () => {
  const wrong = [...all].flatMap(([name, exhibit]) => {
    if (exhibit.edits.length === 0) return [];
    const changed = exhibit.edits.reduce((graph, edit) => edit(graph), prod);
    if (JSON.stringify(changed) === JSON.stringify(prod)) return [`${name}: its edits change nothing`];
    const said = verify(changed).findings;
    if ("missed" in exhibit) return said.length === 0 ? [] : [`${name}: caught: ${said[0]?.value ?? ""}`];
    const { question, text } = exhibit.says;
    return said.some(
      (one) => one.question === question && `${one.subject} ${one.at} ${one.rule} ${one.value}`.includes(text),
    )
      ? []
      : [`${name}: ${JSON.stringify(said.slice(0, 4).map((one) => [one.question, one.at, one.rule, one.value]))}`];
  });
  expect(wrong).toEqual([]);
}, 300_000);

test("each has the address of one public report, and no report stands here twice", () => {
  const addresses = [...all.values()].map(({ report }) => report);
  expect(
    addresses.filter((address) => !/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/(issues|pull)\/\d+$/.test(address)),
  ).toEqual([]);
  expect(new Set(addresses).size).toBe(addresses.length);
});

test("the score in docs/verifier.md is the museum's", () => {
  const missed = [...all.values()].filter((one) => "missed" in one).length;
  const page = readFileSync(join(__dirname, "..", "..", "docs", "verifier.md"), "utf8");
  expect(page).toContain(`${all.size - missed} of ${all.size} public reports`);
});
