import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { AppPlan } from "../../../components/apps/appPlan";
import { renderApp } from "../../../components/apps/renderApp";

/** A Kubernetes object with what the assertions look at. */
export interface AnyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export function allObjects(plan: AppPlan): readonly AnyObject[] {
  const rendered = renderApp(plan);
  const { serviceAccount, clusterRights, configMaps, secrets, claim, migration, firstAccount, processes, crons } =
    rendered;
  const ofProcesses = processes.flatMap((process) => [
    process.workload,
    process.service,
    process.headless,
    process.autoscaler,
    process.disruptionBudget,
  ]);
  const account = [serviceAccount, clusterRights?.role, clusterRights?.binding];
  return [...account, ...configMaps, ...secrets, claim, migration, ...ofProcesses, firstAccount, ...crons].filter(
    (object) => object !== undefined,
  );
}

/** Compares with the file of that name beside the tests; UPDATE_RENDERED=1 writes it anew, to be read in the diff. */
export function expectRendered(name: string, objects: readonly object[]): void {
  const file = join(__dirname, "rendered", `${name}.yaml`);
  const text = objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");
  if (process.env.UPDATE_RENDERED === "1") writeFileSync(file, text);
  if (!existsSync(file)) throw new Error(`${file} is missing; write it with UPDATE_RENDERED=1 and read it`);
  expect(text).toBe(readFileSync(file, "utf8"));
}

/** Each object fits the Kubernetes schema of its kind. */
export function expectValid(objects: readonly object[]): void {
  // The schemas' package consists of ES modules, which jest does not load; node does.
  const script = `
    import { readFileSync } from "node:fs";
    const objects = JSON.parse(readFileSync(0, "utf8"));
    for (const object of objects) {
      const models = await import("kubernetes-models/" + object.apiVersion);
      new models[object.kind](object).validate();
    }
    console.log(objects.length);`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    input: JSON.stringify(objects),
    encoding: "utf8",
  });
  expect(Number(output)).toBe(objects.length);
}
