import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildPicture } from "../../picture/buildPicture";
import { layOut } from "../../picture/layout";
import { rowWidth } from "../../picture/sizes";
import { svgFile } from "../../picture/svg";
import { prodGraph } from "../support/emitted";
import { unbalanced } from "./support/markup";
import { prodLayout, prodPicture } from "./support/prodPicture";

test("docs/picture.svg is prod (npm run docs writes it anew)", async () => {
  const file = readFileSync(join(__dirname, "..", "..", "docs", "picture.svg"), "utf8");
  expect(file === svgFile(prodPicture, await prodLayout)).toBe(true);
});

test("the same bytes again, in whatever order the resources come", async () => {
  const { resources } = prodGraph();
  const again = buildPicture({ resources: [...resources].reverse() }, "prod");
  expect(svgFile(again, await layOut(again))).toBe(svgFile(prodPicture, await prodLayout));
});

test("no box lies on another, and no text leaves its box", async () => {
  const { boxes, width, height } = await prodLayout;
  const all = Object.entries(boxes);
  const over = all.flatMap(([a, one], index) =>
    all.slice(index + 1).flatMap(([b, other]) => {
      const apart =
        one.x + one.width <= other.x ||
        other.x + other.width <= one.x ||
        one.y + one.height <= other.y ||
        other.y + other.height <= one.y;
      return apart ? [] : [`${a} and ${b}`];
    }),
  );
  expect(over).toEqual([]);
  for (const [, { x, y, width: wide, height: high, inside }] of all) {
    expect([x >= 0, y >= 0, x + wide <= width, y + high <= height]).toEqual([true, true, true, true]);
    for (const { item, rect, small } of inside.items) {
      if (!small) expect(rowWidth(item)).toBeLessThanOrEqual(wide);
      expect(rect.y + rect.height).toBeLessThanOrEqual(high);
    }
  }
});

test("every line leaves its source and ends at its destination", async () => {
  const { boxes, lines } = await prodLayout;
  const drawn = prodPicture.bundles.filter(({ id }) => lines[id]?.drawn);
  expect(drawn.length).toBeGreaterThan(20);
  const lost = drawn.filter(({ id, from, to }) => {
    const [x, y] =
      /^M([\d.]+) ([\d.]+)/
        .exec(lines[id]?.d ?? "")
        ?.slice(1)
        .map(Number) ?? [];
    const [tipX, tipY] =
      /^M([\d.]+) ([\d.]+)/
        .exec(lines[id]?.tip ?? "")
        ?.slice(1)
        .map(Number) ?? [];
    const at = (box: string, px = NaN, py = NaN): boolean => {
      const place = boxes[box];
      if (place === undefined) return false;
      return (
        px >= place.x - 1 && px <= place.x + place.width + 1 && py >= place.y - 1 && py <= place.y + place.height + 1
      );
    };
    return !at(from, x, y) || !at(to, tipX, tipY);
  });
  expect(lost.map(({ id }) => id)).toEqual([]);
});

test("the file is well-formed, and says what it is to those who do not see it", async () => {
  const svg = svgFile(prodPicture, await prodLayout);
  expect(unbalanced(svg)).toEqual([]);
  expect(unbalanced(svg.replace("</g>", ""))).not.toEqual([]);
  expect(unbalanced(svg.replace("lb-data", "lb<data"))).not.toEqual([]);
  expect(svg).toMatch(/role="img" aria-labelledby="picture-title picture-desc"/);
  expect(svg).toMatch(/<desc id="picture-desc">27 machines, .*From the outside in: .*the internet/);
  expect(svg).not.toMatch(/<script|href=|url\(|@import/);
});

test("names are text, whatever they hold", async () => {
  const named = { ...prodPicture, stack: `<b>&"'` };
  const svg = svgFile(named, await prodLayout);
  expect(unbalanced(svg)).toEqual([]);
  expect(svg).toContain("&lt;b&gt;&amp;&quot;&#39;");
});
