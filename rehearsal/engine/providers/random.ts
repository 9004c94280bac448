import { createHash, randomBytes, randomInt, randomUUID } from "node:crypto";
import { z } from "zod";
import type { Properties, Value } from "../provider";
import { localProvider } from "./localProvider";
import type { LocalType } from "./localProvider";

// Facts: @pulumi/random 4.21 (terraform-provider-random 3.x): defaults, names of outputs, character classes.
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";
const ADJECTIVES = ["able", "brave", "calm", "daring", "eager", "fair", "gentle", "happy", "keen", "lively", "merry", "noble", "proud", "quiet", "rare", "sure"];
const ADVERBS = ["barely", "boldly", "deeply", "duly", "early", "freely", "gladly", "highly", "kindly", "lightly", "mostly", "neatly", "openly", "rarely", "safely", "truly"];
const ANIMALS = ["badger", "bear", "crane", "deer", "eagle", "falcon", "fox", "heron", "lynx", "marten", "otter", "owl", "raven", "seal", "stork", "wolf"];

const keepers = z.record(z.string(), z.string()).optional();
const count = z.int().min(0).optional();
const flag = z.boolean().optional();

/** A source of whole numbers below `limit`: from the system, or repeatable from a seed. */
type Draw = (limit: number) => number;

function seeded(seed: string): Draw {
  let counter = 0;
  return (limit) => {
    const bytes = createHash("sha256").update(`${seed}\0${counter++}`).digest();
    // 48 bits against limits far below: the bias does not matter for what is repeatable anyway.
    return bytes.readUIntBE(0, 6) % limit;
  };
}

const drawFor = (seed: Value | undefined): Draw => (typeof seed === "string" && seed !== "" ? seeded(seed) : (limit) => randomInt(limit));

function shuffle<T>(items: readonly T[], draw: Draw): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = draw(i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

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
    if (least > v.length) ctx.addIssue({ code: "custom", path: ["length"], message: `is ${v.length}, less than minLower + minUpper + minNumeric + minSpecial = ${least}` });
    if (![v.lower, v.upper, v.numeric ?? v.number, v.special].some((on) => on ?? true)) {
      ctx.addIssue({ code: "custom", path: ["lower"], message: "no character class is left: at least one of lower, upper, numeric and special must be true" });
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
  const all = classes.filter((c) => c.on).map((c) => c.chars).join("");
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

const importedText = (result: string): Properties => ({ length: result.length, lower: true, upper: true, numeric: true, special: true, result });

// bcryptHash is left out: nothing here computes it, and a wrong hash would be worse than none.
const password: LocalType = {
  inputs: textInputs,
  computed: ["result"],
  secretOutputs: ["result", "bcryptHash"],
  updatable: [],
  create: async (inputs) => ({ id: "none", outputs: randomText(inputs).outputs }),
  import: (id) => ({ id: "none", inputs: { length: id.length }, outputs: importedText(id) }),
};

const text: LocalType = {
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

const idInputs = z.strictObject({ byteLength: z.int().min(1), prefix: z.string().optional(), keepers });
const id: LocalType = {
  inputs: idInputs,
  computed: ["b64Std", "b64Url", "dec", "hex"],
  secretOutputs: [],
  updatable: [],
  create: async (inputs) => {
    const { byteLength, prefix = "" } = idInputs.parse(inputs);
    const bytes = randomBytes(byteLength);
    const url = bytes.toString("base64url");
    const forms = { b64Std: bytes.toString("base64"), b64Url: url, dec: BigInt(`0x${bytes.toString("hex")}`).toString(), hex: bytes.toString("hex") };
    return { id: url, outputs: { ...inputs, ...Object.fromEntries(Object.entries(forms).map(([k, v]) => [k, prefix + v])) } };
  },
};

const bytesInputs = z.strictObject({ length: z.int().min(1), keepers });
const bytes: LocalType = {
  inputs: bytesInputs,
  computed: ["base64", "hex"],
  secretOutputs: ["base64", "hex"],
  updatable: [],
  create: async (inputs) => {
    const drawn = randomBytes(bytesInputs.parse(inputs).length);
    return { id: "none", outputs: { ...inputs, base64: drawn.toString("base64"), hex: drawn.toString("hex") } };
  },
};

const integerInputs = z
  .strictObject({ min: z.int(), max: z.int(), seed: z.string().optional(), keepers })
  .refine((v) => v.min <= v.max, { path: ["min"], message: "is above max" });
const integer: LocalType = {
  inputs: integerInputs,
  computed: ["result"],
  secretOutputs: [],
  updatable: [],
  create: async (inputs) => {
    const { min, max } = integerInputs.parse(inputs);
    const result = min + drawFor(inputs["seed"])(max - min + 1);
    return { id: String(result), outputs: { ...inputs, result } };
  },
};

function uuid7(): string {
  const drawn = randomBytes(16);
  drawn.writeUIntBE(Date.now(), 0, 6);
  drawn[6] = 0x70 | ((drawn[6] ?? 0) & 0x0f);
  drawn[8] = 0x80 | ((drawn[8] ?? 0) & 0x3f);
  return drawn.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const uuidType = (make: () => string): LocalType => ({
  inputs: z.strictObject({ keepers }),
  computed: ["result"],
  secretOutputs: [],
  updatable: [],
  create: async (inputs) => {
    const result = make();
    return { id: result, outputs: { ...inputs, result } };
  },
  import: (given) => ({ id: given, inputs: {}, outputs: { result: given } }),
});

const petInputs = z.strictObject({ length: z.int().min(1).optional(), prefix: z.string().optional(), separator: z.string().optional(), keepers });
const pet: LocalType = {
  inputs: petInputs,
  computed: [],
  secretOutputs: [],
  updatable: [],
  create: async (inputs) => {
    const { length = 2, prefix, separator = "-" } = petInputs.parse(inputs);
    const word = (list: readonly string[]): string => list[randomInt(list.length)] ?? "";
    const words = Array.from({ length }, (_, i) => word(i === length - 1 ? ANIMALS : i === length - 2 ? ADJECTIVES : ADVERBS));
    return { id: [...(prefix === undefined ? [] : [prefix]), ...words].join(separator), outputs: { ...inputs, length, separator } };
  },
};

const shuffleInputs = z.strictObject({ inputs: z.array(z.string()), resultCount: z.int().min(0).optional(), seed: z.string().optional(), keepers });
const shuffled: LocalType = {
  inputs: shuffleInputs,
  computed: ["results"],
  secretOutputs: [],
  updatable: [],
  create: async (inputs) => {
    const { inputs: items, resultCount = items.length } = shuffleInputs.parse(inputs);
    const draw = drawFor(inputs["seed"]);
    const results: string[] = [];
    // More results than items: whole rounds, so that none comes more often than another by more than one.
    while (items.length > 0 && results.length < resultCount) results.push(...shuffle(items, draw));
    return { id: "-", outputs: { ...inputs, resultCount, results: results.slice(0, resultCount) } };
  },
};

const token = (name: string): string => `random:index/${name[0]?.toLowerCase() ?? ""}${name.slice(1)}:${name}`;

/** The package "random": every type of @pulumi/random but the output bcryptHash. */
export const randomProvider = localProvider("random", {
  [token("RandomPassword")]: password,
  [token("RandomString")]: text,
  [token("RandomId")]: id,
  [token("RandomBytes")]: bytes,
  [token("RandomInteger")]: integer,
  [token("RandomUuid")]: uuidType(randomUUID),
  [token("RandomUuid4")]: uuidType(randomUUID),
  [token("RandomUuid7")]: uuidType(uuid7),
  [token("RandomPet")]: pet,
  [token("RandomShuffle")]: shuffled,
});
