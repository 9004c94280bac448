import { exactBlocks } from "../../../components/topology/addressBlocks";
import { nthAddress } from "../../../components/topology/addresses";
import { parseRange } from "../../../verifier/read/range";

const row = (first: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => nthAddress("10.0.0.0/16", first + index));

/** Every address in the blocks. */
function held(blocks: readonly string[]): readonly string[] {
  return blocks.flatMap((block) => {
    const range = parseRange(block);
    if (range === undefined) throw new Error(block);
    const base = parseRange("10.0.0.0/16")?.first ?? 0;
    return row(range.first - base, range.last - range.first + 1);
  });
}

test("a row of addresses is few blocks, of exactly these addresses", () => {
  expect(exactBlocks(row(0, 256))).toEqual(["10.0.0.0/24"]);
  expect(exactBlocks(row(1, 8))).toEqual(["10.0.0.1", "10.0.0.2/31", "10.0.0.4/30", "10.0.0.8"]);
  expect(exactBlocks(row(250, 12))).toEqual(["10.0.0.250/31", "10.0.0.252/30", "10.0.1.0/30", "10.0.1.4/31"]);
});

test("none, one, two apart, and one twice", () => {
  expect(exactBlocks([])).toEqual([]);
  expect(exactBlocks(["10.0.0.7"])).toEqual(["10.0.0.7"]);
  expect(exactBlocks(["10.0.0.9", "10.0.0.7"])).toEqual(["10.0.0.7", "10.0.0.9"]);
  expect(exactBlocks(["10.0.0.7", "10.0.0.7"])).toEqual(["10.0.0.7"]);
  // Neighbours, but no block begins at an odd address.
  expect(exactBlocks(["10.0.0.7", "10.0.0.8"])).toEqual(["10.0.0.7", "10.0.0.8"]);
});

test("never an address more or less, whatever is missing from the row", () => {
  for (let missing = 0; missing < 300; missing += 7) {
    const wanted = row(200, 300).filter((_, index) => index !== missing && (index * index) % 11 !== missing % 11);
    expect(held(exactBlocks(wanted))).toEqual(wanted);
  }
});
