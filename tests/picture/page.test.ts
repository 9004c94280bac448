import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { buildPicture } from "../../picture/buildPicture";
import { routeDetails, verdictOf } from "../../picture/details/routeDetails";
import { isTooShort, limitsOf, ruler, weakestOf } from "../../picture/details/ruler";
import { renderPage } from "../../picture/page/page";
import type { PageData } from "../../picture/page/pageData";
import type { DeclaredRoute } from "../../verifier/declaration";
import { fields, type EmittedGraph } from "../../verifier/read/graph";
import { prodGraph } from "../support/emitted";
import { unbalanced } from "./support/markup";
import { prodLayout, prodPicture } from "./support/prodPicture";

const made = prodLayout.then((layout) => renderPage(prodPicture, layout));
const dataOf = (page: string): PageData =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/.exec(page)?.[1] ?? "{}") as PageData;

test("one page that needs nothing else, and by its own policy can have nothing else", async () => {
  const page = await made;
  expect(page).not.toMatch(/(src|href)="(?!#)/);
  expect(page).not.toMatch(/url\(|@import/);
  const script = /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? "";
  const sum = createHash("sha256").update(script).digest("base64");
  expect(page).toContain(
    `default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src &#39;sha256-${sum}&#39;`,
  );
  // What stands in the page is HTML alone; data and script are none.
  expect(unbalanced(page.replace("<!doctype html>", "").replaceAll(/(<script[^>]*>).*?(?=<\/script>)/gs, "$1").replaceAll(/<(meta|input)([^>]*[^/])>/g, "<$1$2/>"))).toEqual([]); // prettier-ignore
});

test("whatever can be asked in the picture has an answer", async () => {
  const page = await made;
  const { things, bodies, flows, lists } = dataOf(page);
  const known = new Set(things.map(({ id }) => id));
  const asked = [...page.matchAll(/data-(?:id|go)="([^"]*)"/g)].map(([, id = ""]) => id.replaceAll("&gt;", ">"));
  expect(asked.length).toBeGreaterThan(150);
  expect(asked.filter((id) => !known.has(id))).toEqual([]);
  expect(things.filter(({ body }) => bodies[body] === undefined)).toEqual([]);
  expect(flows.filter(({ from, to, bundle }) => !lists[from] || !lists[to] || !things[bundle])).toEqual([]);
  // No flow's details are asked for that are not there, and each is well-formed.
  expect([...bodies, ...flows.map(({ html }) => html), ...things.map(({ head }) => head)].flatMap((html) => unbalanced(html.replaceAll("<br>", "<br/>")))).toEqual([]); // prettier-ignore
});

test("a machine: what ends with it, who reaches it, what it costs; a flow: each filter and limit", async () => {
  const { things, bodies, flows } = dataOf(await made);
  const minio = things.find(({ id }) => id === "machine minio-01");
  expect(minio?.head).toContain("69.49 EUR a month");
  const body = bodies[minio?.body ?? -1] ?? "";
  expect(body).toContain("When it goes, 7 flows end");
  expect(body).toContain("chatwoot/chatwoot-web -&gt; minio-01:9000/tcp");
  expect(body).toContain("Who reaches it (");
  const flow = flows.find(({ label }) => label.startsWith("n8n/n8n-main -> lb-data:5432"))?.html;
  for (const words of [
    "NetworkPolicies of n8n/n8n-main",
    "-A ufw-user-input -p tcp --dport 5432",
    "haproxy-01, haproxy-02: <b>3600 s</b>",
  ])
    // prettier-ignore
    expect(flow).toContain(words);
});

test("alike machines share what is said of them", async () => {
  const { things } = dataOf(await made);
  const bodyOf = (name: string) => things.find(({ id }) => id === `machine ${name}`)?.body;
  expect(bodyOf("k3s-worker-02")).toBe(bodyOf("k3s-worker-01"));
  expect(bodyOf("k3s-master-01")).not.toBe(bodyOf("k3s-worker-01"));
});

const cable = prodPicture.routes.find(({ id }) => id === "route support.keybuzz.io/cable");

test("the ruler of patience: each hop's limit, the heartbeats, the weakest marked", () => {
  if (cable?.paths?.[0] === undefined) throw new Error("prod has no such route");
  const { hops } = cable.paths[0];
  const drawn = ruler(cable.declared, hops);
  expect(unbalanced(drawn)).toEqual([]);
  expect(drawn).toContain(
    'aria-label="Ruler of patience of support.keybuzz.io/cable: ingress-nginx, reading gives up first, after 30 s',
  );
  // Every 3 s, and at 30 s it is too late.
  expect(drawn.match(/class="beat"/g)).toHaveLength(9);
  expect(drawn.match(/class="limit weakest"/g)).toHaveLength(2);
  expect(drawn.match(/class="limit patient"/g)).toHaveLength(2);
  expect(verdictOf(cable.declared, weakestOf(limitsOf(hops)))).toBe(
    "ingress-nginx, reading gives up first, after 30 s of silence: 9 heartbeats before that.",
  );
});

test("a limit below what a route needs is marked as the verifier finds it", () => {
  const declared = { kind: "websocket", silenceSeconds: 60 } as DeclaredRoute;
  const limit = { hop: "h", rule: "r", seconds: 60, inAll: false };
  expect(isTooShort(declared, limit)).toBe(true);
  expect(isTooShort(declared, { ...limit, seconds: 61 })).toBe(false);
  expect(isTooShort({ ...declared, kind: "http" }, limit)).toBe(false);
  expect(isTooShort({ ...declared, kind: "http", firstByteSeconds: 61 }, limit)).toBe(true);
  expect(isTooShort(declared, { ...limit, seconds: 3600, inAll: true })).toBe(true);
  expect(isTooShort({ ...declared, kind: "http", longestRequestSeconds: 90 }, { ...limit, seconds: 89, inAll: true })).toBe(true); // prettier-ignore
  if (cable === undefined) throw new Error("prod has no such route");
  const impatient = { ...cable, paths: [{ condition: undefined, hops: [{ hop: "gateway edge", rule: "r", idle: 2, total: 10 }] }] }; // prettier-ignore
  expect(routeDetails(impatient)).toContain("gateway edge gives up first, after 2 s of silence: too short");
  expect(routeDetails(impatient).match(/class="limit short"/g)).toHaveLength(2);
  expect(routeDetails({ ...cable, paths: undefined })).toContain("Nothing serves it.");
});

test("no secret, and nothing of a host's files but the rules that a path meets", async () => {
  const planted = plant(prodGraph());
  expect(JSON.stringify(planted).match(/PLANTED/g)?.length).toBeGreaterThan(300);
  const picture = buildPicture(planted, "prod");
  expect(renderPage(picture, await prodLayout)).not.toContain("PLANTED");
});

/** A mark in each file of each host, in each variable of a container, in each Secret and ConfigMap. */
function plant(graph: EmittedGraph): EmittedGraph {
  const resources = graph.resources.map((one) =>
    one.type.startsWith("keybuzz:stacks") ? one : { ...one, inputs: fields(marked(one.inputs)) },
  );
  return { resources };
}

function marked(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((one) => marked(one));
  if (key === "value" && typeof value === "string") return `${value}PLANTED`;
  if (typeof value !== "object" || value === null) return value;
  if (key === "stringData" || key === "data") return { ...value, planted: "PLANTED" };
  const entries = Object.entries(fields(value));
  if (key === "files") return Object.fromEntries(entries.map(([path, text]) => [path, inFile(path, text)]));
  return Object.fromEntries(entries.map(([name, entry]) => [name, marked(entry, name)]));
}

/** What the verifier parses bears no comment everywhere. */
function inFile(path: string, text: unknown): unknown {
  const parsed = /cfg$|json|ya?ml|rules/.test(path);
  return typeof text === "string" && !parsed ? `${text}\n# PLANTED\n` : text;
}

test("the scripts of the page are within the house's length", () => {
  for (const file of ["pageScript.js", "pageSearch.js"])
    expect(readFileSync(`${__dirname}/../../picture/page/${file}`, "utf8").split("\n").length).toBeLessThan(300);
});
