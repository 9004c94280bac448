import { parseArgs } from "node:util";

export interface OptionSpec {
  /** It takes no value. Default: it takes one. */
  readonly flag?: true;
  /** It may be given as often as wanted. Default: once. */
  readonly many?: true;
  /** It must be given. */
  readonly needed?: true;
  /** Values that there are. Default: any. */
  readonly allowed?: readonly string[];
  /** A number, whole unless `fractions`, from `least` to `most`, `of` something ("days"). */
  readonly number?: { readonly least: number; readonly most: number; readonly fractions?: true; readonly of?: string };
}

/** A word without dashes. */
export interface WordSpec {
  readonly name: string;
  /** Default: any. */
  readonly allowed?: readonly string[];
  /** Default: it must be there. */
  readonly optional?: true;
  /** It takes all words that follow. */
  readonly many?: true;
  /** What else is known of a word that is not allowed. */
  readonly elsewhere?: (word: string) => string | undefined;
}

export interface CommandLineSpec {
  /** The npm script: "verify". */
  readonly script: string;
  /** By name, without dashes. `help` and `-h` are always there. */
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly words?: readonly WordSpec[];
  /** What somebody who wrote a word probably meant. */
  readonly nearest?: (word: string, known: readonly string[]) => string | undefined;
  /** What else is wrong with what is given. */
  readonly judge?: (given: Given) => readonly string[];
}

/** What was given, and found to be allowed. */
export interface Given {
  readonly words: readonly string[];
  /** The first value. */
  readonly text: (name: string) => string | undefined;
  readonly all: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
  readonly number: (name: string) => number | undefined;
  /** Where it is asked for, nothing else is judged. */
  readonly help: boolean;
}

/** All that is wrong with a command line, a line each. */
export class CommandLineError extends Error {
  override readonly name = "CommandLineError";
  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join("\n"));
  }
}

/**
 * Reads a command line whole: unknown names, values that are not allowed, what is given twice or lacks, and options that
 * npm took because a "--" was forgotten.
 *
 * @param env where npm leaves the options that it took: `npm_config_<name>`
 * @throws CommandLineError with every mistake
 */
export function readCommandLine(
  spec: CommandLineSpec,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Given {
  const options: Readonly<Record<string, OptionSpec>> = { ...spec.options, help: { flag: true } };
  const { tokens } = parseArgs({
    // npm takes the first "--" away; whoever calls the file itself leaves it.
    args: argv[0] === "--" ? argv.slice(1) : [...argv],
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(options).map(([name, { flag }]) => [
        name,
        { type: flag ? ("boolean" as const) : ("string" as const), ...(name === "help" ? { short: "h" } : {}) },
      ]),
    ),
  });
  const values = new Map<string, string[]>();
  const words: string[] = [];
  const mistakes: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const option = options[name];
    if (option === undefined) mistakes.push(unknownText(`option "${rawName}"`, rawName, dashed(options), spec));
    else if (option.flag && value !== undefined) mistakes.push(`${rawName} takes no value; found "${value}"`);
    else if (
      !option.flag &&
      (value === undefined ||
        value === "" ||
        // A dash alone is a file: standard input or output.
        (value !== "-" && value.startsWith("-") && inlineValue !== true && option.number === undefined))
    )
      mistakes.push(`${rawName} wants a value${(value ?? "") === "" ? "" : `; found "${value}"`}`);
    const known = values.get(name);
    if (known === undefined) values.set(name, [value ?? ""]);
    else known.push(value ?? "");
  }
  if (values.has("help")) return given(words, values, true);
  for (const [name, all] of values) {
    const option = options[name];
    if (option === undefined) continue;
    if (all.length > 1 && !option.many)
      mistakes.push(`--${name} is given ${all.length === 2 ? "twice" : `${all.length} times`}`);
    for (const value of all) mistakes.push(...valueMistakes(name, value, option, spec));
  }
  for (const [name, { needed }] of Object.entries(options))
    if (needed && !values.has(name)) mistakes.push(`--${name} must be given`);
  mistakes.push(...wordMistakes(words, spec), ...takenByNpm(argv, options, spec, env));
  const found = given(words, values, false);
  mistakes.push(...(spec.judge?.(found) ?? []));
  if (mistakes.length > 0) throw new CommandLineError([...new Set(mistakes)]);
  return found;
}

function given(words: readonly string[], values: ReadonlyMap<string, readonly string[]>, help: boolean): Given {
  const text = (name: string): string | undefined => values.get(name)?.[0];
  return {
    words,
    text,
    all: (name) => values.get(name) ?? [],
    flag: (name) => values.has(name),
    number: (name) => (text(name) === undefined ? undefined : Number(text(name))),
    help,
  };
}

const dashed = (options: CommandLineSpec["options"]): readonly string[] =>
  Object.keys(options).map((name) => `--${name}`);

function unknownText(what: string, word: string, allowed: readonly string[], { nearest }: CommandLineSpec): string {
  const meant = nearest?.(word, allowed);
  const hint = meant === undefined ? "" : `; write "${meant}"`;
  return `${what} is unknown${hint}; allowed: ${allowed.join(", ")}`;
}

function valueMistakes(
  name: string,
  value: string,
  { flag, allowed, number }: OptionSpec,
  spec: CommandLineSpec,
): readonly string[] {
  // What lacks is told already.
  if (flag || value === "" || value.startsWith("--")) return [];
  if (allowed !== undefined && !allowed.includes(value))
    return [unknownText(`--${name} "${value}"`, value, allowed, spec)];
  if (number === undefined) return [];
  const found = Number(value);
  const fits = found >= number.least && found <= number.most && (number.fractions === true || Number.isInteger(found));
  const kind = `${number.fractions === true ? "a number" : "a whole number"}${number.of === undefined ? "" : ` of ${number.of}`}`;
  return fits ? [] : [`--${name} "${value}" must be ${kind} from ${number.least} to ${number.most}`];
}

function wordMistakes(words: readonly string[], spec: CommandLineSpec): readonly string[] {
  const wanted = spec.words ?? [];
  const rest = wanted.at(-1)?.many === true;
  const lacking = wanted.slice(words.length).filter(({ optional }) => !optional);
  const needed = lacking.length === 0 ? [] : [`${lacking.map(({ name }) => name).join(" and ")} must be given`];
  const more = words.slice(wanted.length);
  const many =
    rest || more.length === 0
      ? []
      : [
          `${more.map((one) => `"${one}"`).join(" and ")}: ${wanted.length === 0 ? "no word is expected" : `only ${wanted.map(({ name }) => name).join(" and ")} can be given`}`,
        ];
  const unknown = words.flatMap((word, index) => {
    const one = wanted[index] ?? (rest ? wanted.at(-1) : undefined);
    if (one?.allowed === undefined || one.allowed.includes(word)) return [];
    const other = one.elsewhere?.(word);
    return [
      `${unknownText(`${one.name} "${word}"`, word, one.allowed, spec)}${other === undefined ? "" : `; ${other}`}`,
    ];
  });
  return [...needed, ...many, ...unknown];
}

/** `npm run verify --stack=prod` gives --stack to npm, which tells nobody and leaves it in the environment. */
function takenByNpm(
  argv: readonly string[],
  options: CommandLineSpec["options"],
  { script }: CommandLineSpec,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return Object.entries(options).flatMap(([name, { flag }]) => {
    const value = env[`npm_config_${name.replaceAll("-", "_")}`];
    if (value === undefined || value === "" || value === "false" || name === "help") return [];
    const written = flag ? `--${name}` : `--${name}=${value === "true" ? "..." : value}`;
    return [`npm has taken --${name} for itself: write "npm run ${[script, "--", ...argv, written].join(" ")}"`];
  });
}
