import { loadEnvironment, knownStacks } from "../../../stacks/loadEnvironment";
import { EXAMPLE_SETTINGS } from "../../../stacks/emittedGraph";
import { planEstate } from "../../../stacks/plan";
import { renderScript } from "../../../components/machines/render";
import { scriptLibrary } from "../../../components/machines/scriptLibrary";

const defined = (text: string): string[] => [...text.matchAll(/^(kb_\w+)\(\) \{$/gm)].map(([, name]) => name ?? "");

describe("the library of host scripts", () => {
  test("has what a script calls, what that calls, and nothing else", () => {
    expect(defined(scriptLibrary(["kb_sysctl 'a.b' '1'"])).sort()).toEqual([
      "kb_changed",
      "kb_fail",
      "kb_in_container",
      "kb_output",
      "kb_run",
      "kb_sysctl",
    ]);
    expect(defined(scriptLibrary(["true"]))).toEqual([]);
  });

  test.each(knownStacks())("leaves no host of %s without a function", (stack) => {
    for (const { config } of planEstate(loadEnvironment(stack), EXAMPLE_SETTINGS).hosts) {
      const { script } = renderScript(config);
      const [library = "", body = ""] = script.split("\nmain() {\n");
      const called = body.match(/^kb_\w+/gm) ?? [];
      const known = new Set(defined(library));
      const used = [...called, ...(library.match(/\bkb_\w+\b/g) ?? [])];
      expect(used.filter((name) => !known.has(name))).toEqual([]);
    }
  });

  test("has no comment but what shellcheck is told", () => {
    const all = scriptLibrary(["kb_begin", "kb_file", "kb_binary", "kb_unit", "kb_step", "kb_apt_key", "kb_user"]);
    expect(all.split("\n").filter((line) => /^\s*#/.test(line) && !line.includes("# shellcheck "))).toEqual([]);
    expect(all).toContain("# shellcheck disable=");
  });
});
