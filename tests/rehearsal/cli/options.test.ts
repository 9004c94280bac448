import { parseOptions, UsageError } from "../../../rehearsal/cli/options";

const STACKS = ["prod", "staging"];

test("--continue-on-error is for what can go on", () => {
  expect(parseOptions(["up"], STACKS).continueOnError).toBe(false);
  for (const command of ["up", "destroy"])
    expect(parseOptions([command, "--continue-on-error"], STACKS)).toMatchObject({ command, continueOnError: true });
  for (const command of ["preview", "status", "cloud"])
    expect(() => parseOptions([command, "--continue-on-error"], STACKS)).toThrow(
      new RegExp(`--continue-on-error means something to up and destroy, not to ${command}`),
    );
});

test("every mistake at once, whatever it is about", () => {
  const wrong = ["preview", "--stack", "prdo", "--parallel", "0", "--continue-on-error"];
  expect(() => parseOptions(wrong, STACKS)).toThrow(UsageError);
  expect(() => parseOptions(wrong, STACKS)).toThrow(/"prdo"[^]*--parallel "0"[^]*--continue-on-error/);
});
