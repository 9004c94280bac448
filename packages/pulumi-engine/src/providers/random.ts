import { randomBytes, randomInt } from "node:crypto";
import { PROVIDER_TABLES } from "../bridge/table";
import { localProvider, type LocalType } from "./localProvider";

// Character classes: terraform-provider-random 3.x.
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

interface TextInputs {
  readonly length: number;
  readonly lower?: boolean;
  readonly upper?: boolean;
  readonly numeric?: boolean;
  readonly number?: boolean;
  readonly special?: boolean;
  readonly minLower?: number;
  readonly minUpper?: number;
  readonly minNumeric?: number;
  readonly minSpecial?: number;
  readonly overrideSpecial?: string;
}

function classesOf(v: TextInputs) {
  // An empty override means the default characters, as in the real provider.
  const special = v.overrideSpecial !== undefined && v.overrideSpecial !== "" ? v.overrideSpecial : SPECIAL;
  return [
    { on: v.upper ?? true, chars: UPPER, least: v.minUpper ?? 0 },
    { on: v.lower ?? true, chars: LOWER, least: v.minLower ?? 0 },
    { on: v.numeric ?? v.number ?? true, chars: DIGITS, least: v.minNumeric ?? 0 },
    { on: v.special ?? true, chars: special, least: v.minSpecial ?? 0 },
  ];
}

const pick = (from: string, n: number): string[] => Array.from({ length: n }, () => from[randomInt(from.length)] ?? "");

/** Fisher-Yates. */
function shuffled(items: readonly string[]): string[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [result[i], result[j]] = [result[j] ?? "", result[i] ?? ""];
  }
  return result;
}

/** Random text of the given classes: the minima come first, the rest from all classes, then everything is shuffled. */
function randomText(v: TextInputs): string {
  const classes = classesOf(v);
  const all = classes.filter((c) => c.on).map((c) => c.chars);
  const first = classes.flatMap((c) => pick(c.chars, c.least));
  return shuffled([...first, ...pick(all.join(""), v.length - first.length)]).join("");
}

const on = { default: true } as const;
const count = { default: 0, between: [0, Number.MAX_SAFE_INTEGER] } as const;
const some = { between: [1, Number.MAX_SAFE_INTEGER] } as const;

/** Without bcryptHash: nothing here computes it, and a wrong hash would be worse than none. */
const password: LocalType = {
  rules: {
    length: some,
    lower: on,
    upper: on,
    special: on,
    minLower: count,
    minUpper: count,
    minNumeric: count,
    minSpecial: count,
  },
  validate: (inputs) => {
    const v = inputs as unknown as TextInputs;
    const classes = classesOf(v);
    const least = classes.reduce((sum, one) => sum + one.least, 0);
    return [
      ...(least > v.length
        ? [
            {
              property: "length",
              reason: `is ${v.length}, less than minLower + minUpper + minNumeric + minSpecial = ${least}`,
            },
          ]
        : []),
      ...(classes.some((one) => one.on)
        ? []
        : [
            {
              property: "lower",
              reason: "no character class is left: at least one of lower, upper, numeric and special must be true",
            },
          ]),
    ];
  },
  create: async (inputs) => {
    const v = inputs as unknown as TextInputs;
    const numeric = v.numeric ?? v.number ?? true;
    return { id: "none", outputs: { numeric, number: numeric, result: randomText(v) } };
  },
  import: (id) => ({
    id: "none",
    inputs: { length: id.length },
    outputs: { length: id.length, lower: true, upper: true, numeric: true, special: true, result: id },
  }),
};

const id: LocalType = {
  rules: { byteLength: some },
  create: async ({ byteLength, prefix }) => {
    const drawn = randomBytes(Number(byteLength));
    const [url, hex] = [drawn.toString("base64url"), drawn.toString("hex")];
    const forms = { b64Std: drawn.toString("base64"), b64Url: url, dec: BigInt(`0x${hex}`).toString(), hex };
    const front = typeof prefix === "string" ? prefix : "";
    return { id: url, outputs: Object.fromEntries(Object.entries(forms).map(([form, one]) => [form, front + one])) };
  },
};

const bytes: LocalType = {
  rules: { length: some },
  create: async ({ length }) => {
    const drawn = randomBytes(Number(length));
    return { id: "none", outputs: { base64: drawn.toString("base64"), hex: drawn.toString("hex") } };
  },
};

/** The package "random", as far as anything here uses it. */
export const randomProvider = localProvider(PROVIDER_TABLES.random, {
  "random:index/randomPassword:RandomPassword": password,
  "random:index/randomId:RandomId": id,
  "random:index/randomBytes:RandomBytes": bytes,
});
