import ts from "typescript";
import { textOf } from "../../house/support/trackedFiles";
import type { AppSpec, Environment } from "../../../stacks/environment";
import { environment as prod } from "../../../stacks/prod";

export const PAGE = "docs/applications.md";

/** An entry as the page has it. */
export interface Written {
  /** With its first line and last. */
  readonly text: string;
  readonly lines: number;
  readonly app: AppSpec;
}

/** The entries of the page, in its order. */
export function writtenApps(): readonly Written[] {
  return [...textOf(PAGE).matchAll(/^```ts\n(const \w+: AppSpec = [\s\S]*?)^```$/gm)].map(([, text = ""]) => ({
    text,
    lines: text.trimEnd().split("\n").length,
    app: evaluated(text),
  }));
}

/** Prod with them; what prod lacks for one of them is there. */
export function prodWith(apps: readonly AppSpec[]): Environment {
  const { workloads } = prod;
  const registries = [{ registry: "registry.example.org", username: "ci", passwordKey: "exampleRegistryToken" }];
  const web = { ...prod.web, otherZones: [{ zone: "keybuzz.help", manageZone: true, records: [] }] };
  return { ...prod, web, workloads: { ...workloads, registries, apps: [...(workloads.apps ?? []), ...apps] } };
}

function evaluated(text: string): AppSpec {
  const [, name = ""] = /^const (\w+)/.exec(text) ?? [];
  const { outputText } = ts.transpileModule(`${text}\nreturn ${name};`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.None },
  });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the page's own text, as its readers would write it
  return (new Function(outputText) as () => AppSpec)();
}
