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

test("--fault as often as wanted, and only where there is a run that it could happen to", () => {
  const faults = ["sold-out:ccx23", "quota:servers=10"];
  const args = faults.flatMap((fault) => ["--fault", fault]);
  expect(parseOptions(["up", ...args], STACKS).faults).toEqual(faults);
  expect(parseOptions(["cloud", ...args], STACKS).faults).toEqual(faults);
  expect(parseOptions(["up"], STACKS).faults).toEqual([]);
  expect(() => parseOptions(["status", ...args], STACKS)).toThrow(/--fault means nothing to status/);
  expect(() => parseOptions(["up", "--fault", "rain", "--fault", "quota:x=1"], STACKS)).toThrow(
    /fault "rain": it is none[^]*there is no quota of x/,
  );
});

test("every mistake at once, whatever it is about", () => {
  const wrong = ["preview", "--stack", "prdo", "--parallel", "0", "--continue-on-error"];
  expect(() => parseOptions(wrong, STACKS)).toThrow(UsageError);
  expect(() => parseOptions(wrong, STACKS)).toThrow(/"prdo"[^]*--parallel "0"[^]*--continue-on-error/);
});

test("--kubernetes follows the engine unless it is given; local is not for the CLI", () => {
  expect(parseOptions([], STACKS).kubernetes).toBeUndefined();
  expect(parseOptions(["--kubernetes", "local"], STACKS).kubernetes).toBe("local");
  expect(() => parseOptions(["--engine", "pulumi", "--kubernetes", "local"], STACKS)).toThrow(
    /--kubernetes local is not for --engine pulumi: the CLI's Kubernetes provider needs a real API; leave one of the two out/,
  );
  expect(parseOptions(["--engine", "pulumi", "--kubernetes", "real"], STACKS)).toMatchObject({ engine: "pulumi" });
});

test("--later is a number of days, and needs stand-ins whose clock can be set", () => {
  expect(parseOptions(["up"], STACKS).later).toBeUndefined();
  expect(parseOptions(["up", "--later", "200"], STACKS).later).toBe(200);
  for (const wrong of [
    ["--later", "-1"],
    ["--later", "soon"],
    ["--later", "4000"],
  ])
    expect(() => parseOptions(["up", ...wrong], STACKS)).toThrow("whole number of days from 0 to 3650");
  for (const real of [
    ["--engine", "pulumi"],
    ["--kubernetes", "real"],
    ["--machines", "real"],
  ])
    expect(() => parseOptions(["up", "--later", "1", ...real], STACKS)).toThrow("--later needs --engine embedded");
});
