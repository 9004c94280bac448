/** Series by name, in promtool's notation of values: "0+3x40" is 0, 3, 6 ... */
export type SeriesValues = Readonly<Record<string, string>>;

export interface RuleCase {
  /** When the rule is looked at. */
  readonly at: string;
  /** Time between two values. Default "30s". */
  readonly interval?: string;
  readonly fires: SeriesValues;
  /** Labels of the one alert that fires, without severity. */
  readonly labels: Readonly<Record<string, string>>;
  /** The same situation, sound, or not yet for long enough. */
  readonly silent: SeriesValues;
}

/** Labels of a machine's series. */
export const on = (machine: string, job?: string): string =>
  `machine="${machine}"${job === undefined ? "" : `, job="${job}"`}`;

/** The same series of each name with the values of each; the last values are those of all others. */
export const all = (
  names: readonly string[],
  series: (name: string) => string,
  values: readonly string[],
): SeriesValues => Object.fromEntries(names.map((name, i) => [series(name), values[i] ?? values.at(-1) ?? ""]));
