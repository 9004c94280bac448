import { AddressSet } from "../../verifier/read/addressSet";

const span = (first: number, last = first): { readonly first: number; readonly last: number } => ({ first, last });

const has = ({ spans }: AddressSet, address: number): boolean =>
  spans.some(({ first, last }) => first <= address && address <= last);

test("neighbours and overlaps become one range", () => {
  const set = AddressSet.of([span(20, 30), span(5), span(6, 9), span(25, 28), span(31)]);
  expect(set.spans).toEqual([span(5, 9), span(20, 31)]);
  expect(AddressSet.of([]).spans).toEqual([]);
  expect(AddressSet.ALL.spans).toEqual([span(0, 2 ** 32 - 1)]);
});

test.each([
  ["a hole within", [span(1, 10)], [span(4, 6)], [span(1, 3), span(7, 10)]],
  ["its beginning", [span(1, 10)], [span(0, 4)], [span(5, 10)]],
  ["its end", [span(1, 10)], [span(10, 40)], [span(1, 9)]],
  ["everything", [span(1, 10), span(20)], [span(0, 99)], []],
  ["nothing", [span(1, 10)], [span(11, 20)], [span(1, 10)]],
  ["several holes over several ranges", [span(1, 10), span(20, 30)], [span(2), span(9, 21), span(30)], [span(1), span(3, 8), span(22, 29)]],
])("without %s", (_, own, other, left) => {
  expect(AddressSet.of(own).without(AddressSet.of(other)).spans).toEqual(left);
}); // prettier-ignore

test("agrees with asking for each address", () => {
  for (let seed = 1; seed < 60; seed += 1) {
    const some = (step: number): AddressSet =>
      AddressSet.of(
        Array.from({ length: 100 }, (_, address) => address)
          .filter((address) => (address * address * seed + address) % step < step / 2)
          .map((address) => span(address)),
      );
    const [own, other] = [some(7), some(11)];
    const left = own.without(other);
    for (let address = 0; address < 100; address += 1) {
      expect(has(left, address)).toBe(has(own, address) && !has(other, address));
    }
  }
});
