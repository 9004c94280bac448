import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { REQUIRED_PULUMI } from "../../stacks/requiredPulumi";
import { emitted } from "../support/emitted";
import { environment as prod } from "../../stacks/prod";

const project = parse(readFileSync(join(__dirname, "..", "..", "Pulumi.yaml"), "utf8")) as {
  readonly requiredPulumiVersion: string;
  readonly config: Readonly<Record<string, { readonly value?: unknown }>>;
};

test("Pulumi.yaml and the program ask for the same CLI", () => {
  expect(project.requiredPulumiVersion).toBe(REQUIRED_PULUMI);
});

test("a package of which the program makes a provider has no default one", () => {
  const made = emitted(prod).resources.flatMap(({ type }) => /^pulumi:providers:(.+)$/.exec(type)?.[1] ?? []);
  expect(made).toContain("kubernetes");
  expect(project.config["pulumi:disable-default-providers"]?.value).toEqual([...new Set(made)]);
});
