import { asText, type Json } from "./json";

/** Kubernetes' quantity as a number; undefined where it is none. */
export function quantity(value: Json | undefined): number | undefined {
  const found = /^([+-]?\d+(?:\.\d+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d+)?$/.exec(asText(value));
  if (found === null) return undefined;
  const suffix = found[2] ?? "";
  const decimal = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }[suffix];
  if (decimal !== undefined) return Number(found[1]) * 10 ** decimal;
  if (/^[eE]/.test(suffix)) return Number(`${found[1]}${suffix}`);
  return Number(found[1]) * 1024 ** (["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].indexOf(suffix) + 1);
}
