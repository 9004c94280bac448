import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RULE_CASES } from "../components/monitoring/support/ruleCases";

// tests/tools/docs.test.ts holds the page's text against the rules.
test("every alert that there is has an entry in docs/alerts.md, and says how urgent it is and what to do", () => {
  const text = readFileSync(join(__dirname, "..", "..", "docs", "alerts.md"), "utf8");
  const entries = text.split(/^### /m).slice(1);
  // Each rule has its cases there, or tests/components/monitoring/rules.test.ts fails.
  expect(entries.map((entry) => entry.split("\n")[0]).sort()).toEqual(Object.keys(RULE_CASES).sort());
  for (const entry of entries)
    expect(entry).toMatch(/^\w+\n\n\*\*(critical|warning)\*\*, after \d+[smhd]: .+\.\n\n\S.{15,}/);
});
