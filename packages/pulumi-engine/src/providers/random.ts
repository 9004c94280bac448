import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { z } from "zod";
import { localProvider } from "./localProvider";
import type { LocalType } from "./localProvider";
import { drawFor, keepers, shuffle } from "./randomDraw";
import { password, text } from "./randomText";

const ADJECTIVES = [
  "able",
  "brave",
  "calm",
  "daring",
  "eager",
  "fair",
  "gentle",
  "happy",
  "keen",
  "lively",
  "merry",
  "noble",
  "proud",
  "quiet",
  "rare",
  "sure",
];
const ADVERBS = [
  "barely",
  "boldly",
  "deeply",
  "duly",
  "early",
  "freely",
  "gladly",
  "highly",
  "kindly",
  "lightly",
  "mostly",
  "neatly",
  "openly",
  "rarely",
  "safely",
  "truly",
];
const ANIMALS = [
  "badger",
  "bear",
  "crane",
  "deer",
  "eagle",
  "falcon",
  "fox",
  "heron",
  "lynx",
  "marten",
  "otter",
  "owl",
  "raven",
  "seal",
  "stork",
  "wolf",
];

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
    const forms = {
      b64Std: bytes.toString("base64"),
      b64Url: url,
      dec: BigInt(`0x${bytes.toString("hex")}`).toString(),
      hex: bytes.toString("hex"),
    };
    return {
      id: url,
      outputs: { ...inputs, ...Object.fromEntries(Object.entries(forms).map(([k, v]) => [k, prefix + v])) },
    };
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

const petInputs = z.strictObject({
  length: z.int().min(1).optional(),
  prefix: z.string().optional(),
  separator: z.string().optional(),
  keepers,
});
const pet: LocalType = {
  inputs: petInputs,
  computed: [],
  secretOutputs: [],
  updatable: [],
  create: async (inputs) => {
    const { length = 2, prefix, separator = "-" } = petInputs.parse(inputs);
    const word = (list: readonly string[]): string => list[randomInt(list.length)] ?? "";
    const words = Array.from({ length }, (_, i) =>
      word(i === length - 1 ? ANIMALS : i === length - 2 ? ADJECTIVES : ADVERBS),
    );
    return {
      id: [...(prefix === undefined ? [] : [prefix]), ...words].join(separator),
      outputs: { ...inputs, length, separator },
    };
  },
};

const shuffleInputs = z.strictObject({
  inputs: z.array(z.string()),
  resultCount: z.int().min(0).optional(),
  seed: z.string().optional(),
  keepers,
});
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
