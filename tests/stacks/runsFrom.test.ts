import { refuse } from "../../components/mistakes";
import { ownDoorMistakes, RUNS_FROM, runsFrom } from "../../stacks/runsFrom";

afterEach(() => {
  delete process.env[RUNS_FROM];
});

test.each<[string, readonly string[], string | undefined, RegExp | undefined]>([
  ["nobody knows from where", ["203.0.113.0/24"], undefined, undefined],
  ["one of theirs", ["198.51.100.0/24", "203.0.113.0/24"], "203.0.113.7", undefined],
  ["one of theirs, IPv6", ["203.0.113.0/24", "2001:db8::/48"], "2001:db8::7", undefined],
  [
    "somewhere else",
    ["203.0.113.0/24"],
    "198.51.100.7",
    /operatorCidrs: found 203\.0\.113\.0\/24, without 198\.51\.100\.7, where this run comes from.*operatorCidrs\[1\]' 198\.51\.100\.7\/32/,
  ],
  ["no address", ["203.0.113.0/24"], "here", /KEYBUZZ_RUNS_FROM: found "here"/],
])("a run that comes from %s", (_name, cidrs, address, wanted) => {
  const told = (): void => refuse("x", ownDoorMistakes(cidrs, address));
  if (wanted === undefined) expect(told).not.toThrow();
  else expect(told).toThrow(wanted);
});

test("what is said of it counts; an address of no internet is not where others see it come from", async () => {
  process.env[RUNS_FROM] = "198.51.100.7";
  expect(await runsFrom()).toBe("198.51.100.7");
  process.env[RUNS_FROM] = "";
  expect((await runsFrom()) ?? "nowhere").not.toMatch(/^(10|127|192\.168)\./);
});
