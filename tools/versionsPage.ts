// docs/versions.md, made of what runs and what is known of it.
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { versionRows } from "../stacks/judgeVersions";

export const VERSIONS_PAGE = "docs/versions.md";

const HEAD = `# What runs, and in which version

Made by \`npm run docs\` of \`stacks/versions.ts\`, the images in components, and what is known of each (\`stacks/versionFacts.ts\`). \`tests/stacks/judgeVersions.test.ts\` fails where a known hole has a fix that we do not have and no reason stands beside it, where a line has ended, and where nobody has looked at the advisories for half a year. Whoever looks writes the day down there.

"name": whoever may write where it is fetched from decides what it is. \`npm run pins\`, with a network, asks releases and registries, and writes \`components/pins.json\`: from then on servers refuse a K3s or a manifest of another sum, and nodes ask for an image by its digest. It refuses to move a pin whose name stays: take it out of the file, once its makers have said why. \`npm run pins -- --check\` names what has none.

| what | version | pinned by | looked | no fixes from | known holes |
| --- | --- | --- | --- | --- | --- |
`;

/** The page's text, as Prettier leaves it. */
export async function versionsPage(): Promise<string> {
  const path = join(__dirname, "..", VERSIONS_PAGE);
  const rows = versionRows().map((cells) => `| ${cells.join(" | ")} |`);
  return format(`${HEAD}${rows.join("\n")}\n`, { ...(await resolveConfig(path)), filepath: path });
}
