// `npm run bench -- picture`: how long the page takes until it is painted, for prod and for prod with 500 workers.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { buildPicture } from "../picture/buildPicture";
import { layOut } from "../picture/layout";
import type { Picture } from "../picture/model";
import { renderPage } from "../picture/page/page";
import { emittedGraph, EXAMPLE_SETTINGS } from "../stacks/emittedGraph";
import { environment } from "../stacks/prod";
import { openBrowser } from "./browser";
import { withWorkers } from "./manyWorkers";

const RUNS = 5;
const WORKERS = 500;

/** Prints one row for each size. */
export async function benchPicture(): Promise<void> {
  const prod = buildPicture(await emittedGraph(environment, EXAMPLE_SETTINGS), environment.name);
  const browser = await openBrowser();
  const dir = mkdtempSync(join(tmpdir(), "keybuzz-bench-"));
  try {
    process.stdout.write(`${cpus().length} cores; the median of ${RUNS}\n\n`);
    process.stdout.write(
      "| picture | page, KiB | laid out, ms | first paint, ms | an answer, ms |\n|---|---|---|---|---|\n",
    );
    await row("prod", prod, browser, dir);
    await row(`${WORKERS} workers`, withWorkers(prod, WORKERS), browser, dir);
  } finally {
    await browser.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function row(name: string, picture: Picture, browser: Browser, dir: string): Promise<void> {
  await layOut(picture);
  const before = performance.now();
  const layout = await layOut(picture);
  const laidOut = performance.now() - before;
  const page = renderPage(picture, layout);
  const file = join(dir, "page.html");
  writeFileSync(file, page);
  const paints: number[] = [];
  const answers: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const tab = await browser.newPage();
    await tab.goto(`file://${file}`);
    paints.push(await tab.evaluate(`new Promise((done) => new PerformanceObserver((list) => done(list.getEntries()[0].startTime)).observe({ type: "paint", buffered: true }))`)); // prettier-ignore
    answers.push(await tab.evaluate(`(() => { const from = performance.now(); document.querySelector('[data-id="machine k3s-worker-01"]').dispatchEvent(new MouseEvent("click", { bubbles: true })); document.body.offsetHeight; return performance.now() - from; })()`)); // prettier-ignore
    await tab.close();
  }
  const median = (times: number[]): string => (times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? NaN).toFixed(0);
  process.stdout.write(
    `| ${name} | ${Math.ceil(page.length / 1024)} | ${laidOut.toFixed(0)} | ${median(paints)} | ${median(answers)} |\n`,
  );
}
