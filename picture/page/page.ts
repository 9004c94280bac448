import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { verdictOf } from "../details/routeDetails";
import { limitsOf, weakestOf } from "../details/ruler";
import { link } from "../details/thingDetails";
import type { Layout } from "../layout";
import { counted, escaped } from "../markup";
import type { Picture } from "../model";
import { PICTURE_STYLE } from "../style";
import { KIND_NAMES, summaryOf, svgInPage } from "../svg";
import { pageData } from "./pageData";
import { PAGE_STYLE } from "./pageStyle";

const SCRIPT = ["pageSearch.js", "pageScript.js"].map((file) => readFileSync(join(__dirname, file), "utf8")).join("");

/** The picture as one page that needs nothing else: no network, no other file, and by its own policy it can have none. */
export function renderPage(picture: Picture, layout: Layout): string {
  const title = picture.base === undefined ? `The estate ${picture.stack}` : `${picture.stack}: before and after`;
  // Nothing in it may end the element that it stands in.
  const data = JSON.stringify(pageData(picture)).replaceAll("<", "\\u003c");
  const sum = createHash("sha256").update(SCRIPT).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${sum}'; base-uri 'none'; form-action 'none'`;
  const lines = [
    "<!doctype html>",
    `<html lang="en" class="colours">`,
    "<head>",
    `<meta charset="utf-8"/>`,
    `<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}"/>`,
    `<meta name="viewport" content="width=device-width, initial-scale=1"/>`,
    `<title>${escaped(title)}</title>`,
    `<style>${PICTURE_STYLE}\n${PAGE_STYLE}</style>`,
    "</head>",
    "<body>",
    `<a class="skip" href="#stage">To the picture</a>`,
    ...header(picture, title),
    "<main>",
    `<div id="stage">${svgInPage(picture, layout)}</div>`,
    `<section id="overview" aria-label="Overview">`,
    ...changes(picture),
    ...routes(picture),
    ...singlePoints(picture),
    "</section>",
    "</main>",
    `<aside id="panel" hidden="" tabindex="-1" aria-labelledby="panel-title"><button type="button" id="close" aria-label="Close">×</button><h2 id="panel-title"></h2><p class="what" id="panel-what"></p><div id="panel-body"></div></aside>`,
    `<div id="tip" role="tooltip" hidden=""></div>`,
    `<p id="said" role="status" style="position:absolute;left:-999px"></p>`,
    `<script type="application/json" id="data">${data}</script>`,
    `<script>${SCRIPT}</script>`,
    "</body>",
    "</html>",
  ];
  return `${lines.join("\n")}\n`;
}

function header(picture: Picture, title: string): readonly string[] {
  const kinds = (["web", "data", "out", "care"] as const).filter((kind) =>
    picture.bundles.some((bundle) => bundle.kind === kind),
  );
  const proved = picture.proved ? "Proved by the verifier." : "NOT proved by the verifier: npm run verify says why.";
  return [
    "<header>",
    `<h1>${escaped(title)}</h1>`,
    `<p>${escaped(summaryOf(picture))}. ${proved}</p>`,
    `<div class="search"><input id="search" type="search" placeholder="Search (/)" aria-label="Search machines, workloads, flows and routes" role="combobox" aria-expanded="false" aria-controls="results" aria-autocomplete="list" autocomplete="off"/><ul id="results" role="listbox" aria-label="Found"></ul></div>`,
    `<fieldset><legend>Lines</legend>`,
    ...kinds.map(
      (kind) =>
        `<label><input type="checkbox" data-kind="${kind}"${kind === "care" ? "" : ` checked=""`}/><span class="chip ${kind}"></span>${KIND_NAMES[kind]}</label>`,
    ),
    "</fieldset>",
    "</header>",
  ];
}

/** What came, went and is another one, in words: the colours of the picture for those who do not see them. */
function changes({ boxes, bundles, routes: all, base }: Picture): readonly string[] {
  if (base === undefined) return [];
  const things = [
    ...boxes.flatMap((box) => [
      { ...box, label: `${box.kind} ${box.name}` },
      ...box.sections.flatMap(({ items }) => items.map((item) => ({ ...item, label: item.id }))),
    ]),
    ...bundles.map((bundle) => ({ ...bundle, label: bundle.id.replace(/^bundle \w+ /, "flows: ") })),
    ...all.map((route) => ({ ...route, label: route.id })),
  ].filter(({ change }) => change !== undefined);
  if (things.length === 0) return [`<div><h3>What changes</h3><p>Nothing that is drawn.</p></div>`];
  const order = ["added", "removed", "changed"] as const;
  return [
    `<div><h3>What changes (${things.length})</h3>`,
    ...order.flatMap((one) => {
      const some = things.filter(({ change }) => change === one);
      if (some.length === 0) return [];
      return [
        `<h4><b class="${one}">${one}</b> (${some.length})</h4><ul class="links">`,
        ...some.map(({ id, label }) => link(id, label, one)),
        "</ul>",
      ];
    }),
    "</div>",
  ];
}

function routes({ routes: all }: Picture): readonly string[] {
  if (all.length === 0) return [];
  return [
    `<div><h3>Public routes (${all.length})</h3><table><thead><tr><th scope="col">route</th><th scope="col">kind</th><th scope="col">patience</th></tr></thead><tbody>`,
    ...all.map(({ id, declared, paths, change }) => {
      const verdicts = (paths ?? []).map(({ hops }) => verdictOf(declared, weakestOf(limitsOf(hops))));
      const patience = paths === undefined ? "nothing serves it" : [...new Set(verdicts)].join(" ");
      const sign = change === undefined ? "" : `<b class="${change}">${change}</b> `;
      return `<tr><td>${sign}<button type="button" data-go="${escaped(id)}">${escaped(`${declared.host}${declared.path}`)}</button></td><td>${declared.kind}</td><td>${escaped(patience)}</td></tr>`;
    }),
    "</tbody></table></div>",
  ];
}

function singlePoints({ losses, boxes }: Picture): readonly string[] {
  const known = new Set(
    boxes.flatMap((box) => [box.id, ...box.sections.flatMap(({ items }) => items.map(({ id }) => id))]),
  );
  const points = Object.entries(losses).filter(([id, { ends }]) => ends.length > 0 && known.has(id));
  if (points.length === 0) return [];
  return [
    `<div><h3>What cannot be lost (${points.length})</h3><table><thead><tr><th scope="col">what</th><th scope="col">flows that end</th><th scope="col">accepted, because</th></tr></thead><tbody>`,
    ...points.map(
      ([id, { ends, reasons }]) =>
        `<tr><td><button type="button" data-go="${escaped(id)}">${escaped(id.slice(id.indexOf(" ") + 1))}</button></td><td>${counted(ends.length, "flow")}</td><td>${escaped(reasons.join(" "))}</td></tr>`,
    ),
    "</tbody></table></div>",
  ];
}
