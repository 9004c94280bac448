import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(__dirname, "..", "..", "..");

/** A line of a fenced block that somebody is to type. */
export interface Told {
  readonly page: string;
  readonly command: string;
}

/** Pages for people: the README, CONTRIBUTING.md, and docs but for decisions and facts. */
export const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(ROOT, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];

/** Languages of blocks that are no commands. */
const OTHERS = ["ts", "diff", "yaml", "text", "bash"];
/** Blocks without a language that show a document. */
const SHOWN = /^(\{|rotations:)/;

/** Every command of a page's blocks, without its comment. */
export function commandsOf(page: string): readonly Told[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  const blocks = text.matchAll(/^( *)```([^\n]*)\n(.*?)^\1```$/gms);
  return [...blocks].flatMap(([, , info = "", block = ""]) => {
    const [language = ""] = info.split(" ");
    if (OTHERS.includes(language) || SHOWN.test(block.trim())) return [];
    return block
      .split("\n")
      .map((line) => line.trim().replace(/\s+#\s.*$/, ""))
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((command) => ({ page, command }));
  });
}

/** What a command needs that no test has, and what shows it instead. */
export const NEEDS: readonly (readonly [command: RegExp, why: string])[] = [
  [/^(npx )?pulumi /, "an account; tests/pulumi and tests/scenario run the same program with the CLI and without"],
  [/^(vault|vault\(\)) ?/, "a Vault that runs in a cluster"],
  [/^(KUBECONFIG=\S+ )?kubectl /, "a cluster; tests/kubernetes has the kubeconfigs"],
  [/^install -m 600 /, "goes with the kubeconfig of an account"],
  [/^npm test$/, "is what runs this"],
  [/^npm run test:mutations/, "minutes; tests/mutations asks the same"],
  [/^npm run rehearse -- cloud$/, "stays in the foreground; tests/scenario/support/cloudView.ts is its user"],
  [/--machines real/, "Linux and root; tests/machines/rehearsal.test.ts"],
  [
    /^npm run rehearse( -- (destroy --consent prod|preview|status))?$/,
    "prod, for minutes; tests/scenario/prod.test.ts",
  ],
  [/^npm run graph /, "two states of the program; tests/tools/graph.test.ts"],
  [/ --base origin\/main/, "a remote; tests/tools/diffBase.test.ts"],
  [/^helm template /, "helm, and a chart; tests/apps/objects.test.ts reads what it would print"],
  [/providerTable\.ts schema\.json/, "the schema of a newer provider"],
];

/** Pages whose commands go with what is to be written before. */
const WORKED: Readonly<Record<string, string>> = { "CONTRIBUTING.md": "tests/contributing applies and runs each" };

/** Why no test runs it as it stands; undefined: one does. */
export const needsOf = ({ page, command }: Told): string | undefined =>
  WORKED[page] ?? NEEDS.find(([pattern]) => pattern.test(command))?.[1];
