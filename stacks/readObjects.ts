import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments, type ScalarTag } from "yaml";
import type { Mistake } from "../components/mistakes";
import type { PlacedObject } from "../components/workloads/objects/objectsEntry";
import type { WorkloadsSpec } from "./environment";

const ROOT = join(__dirname, "..");

type ObjectsSpec = NonNullable<WorkloadsSpec["objects"]>[number];

/** "defaultMode: 0440" is 288, as kubectl and helm read it (YAML 1.1). In YAML 1.2 it would be 440: other rights. */
const OCTAL: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?0[0-7]+$/,
  resolve: (text) => parseInt(text, 8),
};

/** All objects of an entry with their places: those in the environment, and those in its directory by file name. */
export function readObjects(
  { manifests = [], directory }: ObjectsSpec,
  root = ROOT,
): { readonly placed: readonly PlacedObject[]; readonly mistakes: readonly Mistake[] } {
  const placed: PlacedObject[] = manifests.map((value, i) => ({ path: `manifests[${i}]`, value }));
  if (directory === undefined) return { placed, mistakes: [] };
  const path = join(root, directory);
  if (!existsSync(path)) {
    const fix = `put YAML files there: helm template NAME CHART --namespace NAMESPACE > ${directory}/chart.yaml`;
    return { placed, mistakes: [{ path: "directory", found: "none there", allowed: "a directory", fix }] };
  }
  const mistakes: Mistake[] = [];
  for (const file of readdirSync(path).sort()) {
    if (!/\.ya?ml$/.test(file)) continue;
    const documents = parseAllDocuments(readFileSync(join(path, file), "utf8"), {
      customTags: (tags) => [OCTAL, ...tags],
    });
    for (const [i, document] of documents.entries()) {
      const at = `directory (${file}, object ${i + 1})`;
      const [error] = document.errors;
      const value: unknown = error === undefined ? document.toJS() : null;
      if (error !== undefined)
        mistakes.push({ path: at, found: error.message.split("\n")[0] ?? "", allowed: "YAML", fix: "correct it" });
      // What `helm template` leaves of a template without output.
      else if (value !== null) placed.push({ path: at, value });
    }
  }
  return { placed, mistakes };
}
