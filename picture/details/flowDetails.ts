import type { SilenceLimit } from "../../verifier/pathOf";
import type { Trail } from "../../verifier/walk/steps";
import { counted, escaped } from "../markup";
import type { Flow } from "../model";

/** The path of a flow, hop by hop with every filter and limit on it. What it is called and for stands above it. */
export function flowDetails({ path }: Flow): string {
  const { all, blocked, trails, limits } = path;
  const verdict = blocked === 0 ? "all open" : `<b class="bad">${blocked} blocked</b>`;
  const silence = `<h4>How long it may be silent</h4><ul class="limits">${sharedLimits(limits).join("")}</ul>`;
  return [
    `<p class="soft">${counted(all, "path")}, ${verdict}; one of each shape:</p>`,
    ...trails.map(trailHtml),
    limits.length === 0 ? "" : silence,
  ].join("");
}

function trailHtml({ label, steps }: Trail): string {
  const hops = steps.map(({ ok, at, rule, value, remedy }) => {
    const mended = ok ? "" : `<span class="bad">blocked: it misses this rule; ${escaped(remedy)}</span>`;
    return `<li class="${ok ? "open" : "shut"}"><b>${escaped(at)}</b><code>${escaped(rule)}</code><span class="soft">${escaped(value)}</span>${mended}</li>`;
  });
  return `<h4>${escaped(label)}</h4><ol class="hops">${hops.join("")}</ol>`;
}

/** "haproxy-01 and haproxy-02", where both say the same. */
function sharedLimits(limits: readonly SilenceLimit[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { at, rule, seconds } of limits) {
    const time = seconds === undefined || seconds === Infinity ? "never closes it" : `${seconds} s`;
    const key = `<b>${escaped(time)}</b> ${rule === undefined ? "" : `<span class="soft">${escaped(rule)}</span>`}`;
    groups.set(key, [...(groups.get(key) ?? []), at]);
  }
  return [...groups].map(([key, at]) => `<li>${escaped([...new Set(at)].join(", "))}: ${key}</li>`);
}
