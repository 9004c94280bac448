import type { EstateDiff } from "./model/model";
import { markdown } from "./render/markdown";
import { terminal } from "./render/terminal";

export const FORMATS = ["terminal", "markdown", "json"] as const;
export type Format = (typeof FORMATS)[number];

/** @param colours on a terminal that shows them. */
export function render(diff: EstateDiff, format: Format, colours = false): string {
  switch (format) {
    case "terminal":
      return terminal(diff, { colours });
    case "markdown":
      return markdown(diff);
    case "json":
      return `${JSON.stringify(diff, null, 2)}\n`;
  }
}
