import { randomInt } from "node:crypto";
import { z } from "zod";
import type { Properties } from "../provider";
import type { LocalType } from "./localProvider";
import { keepers, shuffle } from "./randomDraw";

// Facts: @pulumi/random 4.21 (terraform-provider-random 3.x): defaults, names of outputs, character classes.
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

const count = z.int().min(0).optional();
const flag = z.boolean().optional();

const pick = (from: string, n: number): string[] => Array.from({ length: n }, () => from[randomInt(from.length)] ?? "");

const textInputs = z
  .strictObject({
    length: z.int().min(1),
    lower: flag,
    upper: flag,
    numeric: flag,
    number: flag,
    special: flag,
    minLower: count,
    minUpper: count,
    minNumeric: count,
    minSpecial: count,
    overrideSpecial: z.string().optional(),
    keepers,
  })
  .superRefine((v, ctx) => {
    const least = (v.minLower ?? 0) + (v.minUpper ?? 0) + (v.minNumeric ?? 0) + (v.minSpecial ?? 0);
    if (least > v.length)
      ctx.addIssue({
        code: "custom",
        path: ["length"],
        message: `is ${v.length}, less than minLower + minUpper + minNumeric + minSpecial = ${least}`,
      });
    if (![v.lower, v.upper, v.numeric ?? v.number, v.special].some((on) => on ?? true)) {
      ctx.addIssue({
        code: "custom",
        path: ["lower"],
        message: "no character class is left: at least one of lower, upper, numeric and special must be true",
      });
    }
  });

/** Random text of the given classes; the minima come first, the rest from all classes, then everything is shuffled. */
function randomText(inputs: Properties): { readonly result: string; readonly outputs: Properties } {
  const v = textInputs.parse(inputs);
  const numeric = v.numeric ?? v.number ?? true;
  // An empty override means the default characters, as in the real provider.
  const special = v.overrideSpecial !== undefined && v.overrideSpecial !== "" ? v.overrideSpecial : SPECIAL;
  const classes = [
    { on: v.upper ?? true, chars: UPPER, least: v.minUpper ?? 0 },
    { on: v.lower ?? true, chars: LOWER, least: v.minLower ?? 0 },
    { on: numeric, chars: DIGITS, least: v.minNumeric ?? 0 },
    { on: v.special ?? true, chars: special, least: v.minSpecial ?? 0 },
  ];
  const all = classes
    .filter((c) => c.on)
    .map((c) => c.chars)
    .join("");
  const first = classes.flatMap((c) => pick(c.chars, c.least));
  const result = shuffle([...first, ...pick(all, v.length - first.length)], (limit) => randomInt(limit)).join("");
  return {
    result,
    outputs: {
      ...inputs,
      lower: v.lower ?? true,
      upper: v.upper ?? true,
      numeric,
      number: numeric,
      special: v.special ?? true,
      minLower: v.minLower ?? 0,
      minUpper: v.minUpper ?? 0,
      minNumeric: v.minNumeric ?? 0,
      minSpecial: v.minSpecial ?? 0,
      result,
    },
  };
}

const importedText = (result: string): Properties => ({
  length: result.length,
  lower: true,
  upper: true,
  numeric: true,
  special: true,
  result,
});

/** random.RandomPassword. bcryptHash is left out: nothing here computes it, and a wrong hash would be worse than none. */
export const password: LocalType = {
  inputs: textInputs,
  computed: ["result"],
  secretOutputs: ["result", "bcryptHash"],
  updatable: [],
  create: async (inputs) => ({ id: "none", outputs: randomText(inputs).outputs }),
  import: (id) => ({ id: "none", inputs: { length: id.length }, outputs: importedText(id) }),
};

/** random.RandomString. */
export const text: LocalType = {
  inputs: textInputs,
  computed: ["result"],
  secretOutputs: [],
  updatable: [],
  create: async (inputs) => {
    const { result, outputs } = randomText(inputs);
    return { id: result, outputs };
  },
  import: (id) => ({ id, inputs: { length: id.length }, outputs: importedText(id) }),
};
