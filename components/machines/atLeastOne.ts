import * as pulumi from "@pulumi/pulumi";

/**
 * Those of these resources that could be made, once all have been tried. Where none could, all: whoever depends on them
 * is left out with them. Without `--continue-on-error` the first failure ends the run, and nobody asks.
 */
export function atLeastOne<T extends pulumi.Resource>(all: readonly T[]): pulumi.Output<T[]> {
  const tried = all.map((one) =>
    pulumi.recover<T | undefined>(
      one.urn.apply(() => one),
      () => undefined,
    ),
  );
  return pulumi.all(tried).apply((found) => {
    const made = all.filter((_, index) => found[index] !== undefined);
    return made.length > 0 ? made : [...all];
  });
}
