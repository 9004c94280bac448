import { sampled } from "../support/whole";

const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

test("a sample is spread evenly, with the first and the last; always the same", () => {
  expect(sampled(all, 4, false)).toEqual([0, 3, 6, 9]);
  expect(sampled(all, 2, false)).toEqual([0, 9]);
  expect(sampled(all, 1, false)).toEqual([0]);
});

test("the whole, and what is no larger than the sample, is all of it", () => {
  expect(sampled(all, 4, true)).toBe(all);
  expect(sampled(all, 10, false)).toBe(all);
});
