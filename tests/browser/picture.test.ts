// Tried in Debian's chromium 156.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { comparePictures } from "../../picture/comparePictures";
import { layOut } from "../../picture/layout";
import type { Picture } from "../../picture/model";
import { renderPage } from "../../picture/page/page";
import { browserPath, openBrowser } from "../../tools/browser";
import { withWorkers } from "../../tools/manyWorkers";
import { prodPicture } from "../picture/support/prodPicture";

jest.setTimeout(120_000);

const SHOTS = join(__dirname, "..", "..", ".cache", "topology", "screenshots");
const LAPTOP = { width: 1366, height: 820 };
const BUNDLE = "bundle data namespace n8n > balancer lb-data";

/** Two workers and a machine type that prod does not have yet, and no Qdrant any more. */
function before(): Picture {
  const without = withWorkers(prodPicture, 7);
  return {
    ...without,
    boxes: prodPicture.boxes
      .filter(({ id }) => id !== "machines minio")
      .map((box) => ({
        ...box,
        sections: box.sections.map(({ title, items }) => ({
          title,
          items: items
            .filter(({ name }) => name !== "k3s-worker-05")
            .map((item) => (item.name === "vector-01" ? { ...item, note: "cpx32", sum: "smaller" } : item)),
        })),
      })),
    flows: prodPicture.flows.filter(({ label }) => !label.includes("minio-01")),
    bundles: prodPicture.bundles.filter(({ from, to }) => ![from, to].includes("machines minio")),
  };
}

const path = browserPath();
const described = path === undefined ? describe.skip : describe;
described(path === undefined ? "no chromium on PATH: the page is not tried" : "the page of the picture", () => {
  let browser: Browser;
  let dir: string;
  const files = new Map<Picture, string>();
  const pages: Page[] = [];
  const wrong: string[] = [];

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    dir = mkdtempSync(join(tmpdir(), "keybuzz-picture-"));
    browser = await openBrowser();
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close();
    expect(wrong.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Whatever it says, throws or asks the network for is wrong. */
  async function open(picture: Picture, options: BrowserContextOptions = { viewport: LAPTOP }): Promise<Page> {
    let file = files.get(picture);
    if (file === undefined) {
      file = join(dir, `${files.size}.html`);
      files.set(picture, file);
      writeFileSync(file, renderPage(picture, await layOut(picture)));
    }
    const page = await (await browser.newContext(options)).newPage();
    pages.push(page);
    page.on("console", (message) => wrong.push(message.text()));
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("request", (request) => {
      if (request.url() !== `file://${file}`) wrong.push(request.url());
    });
    await page.goto(`file://${file}`);
    return page;
  }
  const shot = (page: Page, name: string): Promise<unknown> => page.screenshot({ path: join(SHOTS, `${name}.png`) });
  const on = (id: string): string => `#picture [data-id="${id}"]`;

  /** @param expression of JavaScript, about a `shape` */
  const inPage = <T>(page: Page, selector: string, expression: string): Promise<T> =>
    page.evaluate<T>(`((shape) => ${expression})(document.querySelector(${JSON.stringify(selector)}))`);

  test("loads: everything is named, and no text lies on another or leaves its box", async () => {
    const page = await open(prodPicture);
    await shot(page, "load");
    expect(await page.locator("#picture .box").count()).toBe(prodPicture.boxes.length);
    expect(await page.evaluate<string[]>(TEXTS_IN_THE_WAY)).toEqual([]);
    // At laptop width letters are at least as large as those of a newspaper.
    const height = await inPage<number>(
      page,
      `${on("machine redis-01")} text`,
      "Number.parseFloat(getComputedStyle(shape).fontSize) * shape.getScreenCTM().a",
    );
    expect(height).toBeGreaterThan(10);
  });

  test("a line is asked: its flows, each hop with its filter", async () => {
    const page = await open(prodPicture);
    const middle = await inPage<{ x: number; y: number }>(
      page,
      `${on(BUNDLE)} .line`,
      `(({ x, y }) => ({ x, y }))(shape.getPointAtLength(shape.getTotalLength() / 2).matrixTransform(shape.getScreenCTM()))`,
    );
    await page.mouse.move(middle.x, middle.y);
    expect(await page.locator("#tip").innerText()).toContain("n8n to lb-data: 10 flows, 7 sources");
    await page.mouse.click(middle.x, middle.y);
    expect(await page.locator("#panel-title").innerText()).toBe("n8n to lb-data");
    await page.locator("details.flow summary", { hasText: "n8n/n8n-main -> lb-data:5432" }).click();
    const hops = await page.locator("ol.hops").first().innerText();
    expect(hops).toContain("NetworkPolicies of n8n/n8n-main");
    expect(await page.locator(`${on("workload n8n/n8n-main")}.lit`).count()).toBe(1);
    expect(await page.locator(`${on("machines postgres")}.lit`).count()).toBe(0);
    await shot(page, "line");
  });

  test("a machine is asked: what ends with it, who reaches it, what it costs; then a route: its ruler", async () => {
    const page = await open(prodPicture);
    await page.locator(on("machine minio-01")).click();
    const said = await page.locator("#panel").innerText();
    for (const words of ["69.49 EUR a month", "When it goes, 7 flows end", "Who reaches it"])
      expect(said).toContain(words);
    await shot(page, "machine");
    await page.locator("#close").click();
    expect(await page.locator("#panel").isVisible()).toBe(false);
    await page.locator('#overview [data-go="route support.keybuzz.io/cable"]').click();
    expect(await page.locator(".ruler .weakest .time").allTextContents()).toEqual(["30 s", "30 s"]);
    expect(await page.locator(".ruler .beat").count()).toBe(9);
    await shot(page, "ruler");
  });

  test("search finds machines, flows and routes, by keys alone", async () => {
    const page = await open(prodPicture);
    await page.keyboard.press("/");
    await page.keyboard.type("prometheus redis");
    expect(await page.locator("#results li").allInnerTexts()).toEqual([expect.stringContaining("redis:9121/tcp")]);
    await shot(page, "search");
    await page.keyboard.press("Enter");
    expect(await page.locator("#panel-title").innerText()).toBe("monitoring to redis");
    expect(await page.locator("details.flow[open] summary").innerText()).toContain("redis:9121/tcp");
    await page.keyboard.press("Escape");
    await page.locator("#search").fill("k3s-worker");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await page.locator("#panel-title").innerText()).toBe("k3s-worker-02");
    await page.locator("#search").fill("no such thing");
    expect(await page.locator("#said").textContent()).toBe("Nothing found");
  });

  test("keys: the picture is one stop, arrows go on, Enter asks, Escape comes back", async () => {
    const page = await open(prodPicture);
    expect(await page.locator('#picture [tabindex="0"]').count()).toBe(1);
    await page.locator("fieldset input").last().focus();
    const focused = (): Promise<string | null> => page.evaluate(`document.activeElement.getAttribute("data-id")`);
    // What scrolls is a stop of its own in chromium.
    await page.keyboard.press("Tab");
    if ((await focused()) === null) await page.keyboard.press("Tab");
    expect(await focused()).toBe("outside internet");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    const there = await focused();
    expect(there).not.toBe("outside internet");
    await shot(page, "keys");
    await page.locator(on("machine redis-01")).focus();
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe("machine redis-02");
    const stroke = await inPage(page, `${on("machine redis-02")} rect`, "getComputedStyle(shape).strokeWidth");
    expect(stroke).toBe("3px");
    await page.keyboard.press("Enter");
    expect(await page.locator("#panel-title").innerText()).toBe("redis-02");
    expect(await page.evaluate(`document.activeElement.id`)).toBe("panel");
    await page.keyboard.press("Escape");
    expect([await focused(), await page.locator("#panel").isVisible()]).toEqual(["machine redis-02", false]);
  });

  test("lines are shown and hidden by kind", async () => {
    const page = await open(prodPicture);
    const care = page.locator(on("bundle care machines bastion > machines postgres"));
    expect([await care.isVisible(), await page.locator(on(BUNDLE)).isVisible()]).toEqual([false, true]);
    await page.locator('[data-kind="care"]').check();
    await page.locator('[data-kind="data"]').uncheck();
    expect([await care.isVisible(), await page.locator(on(BUNDLE)).isVisible()]).toEqual([true, false]);
    await shot(page, "operations");
  });

  test("on a phone the answer comes from below, and nothing is cut off", async () => {
    const page = await open(prodPicture, { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
    await shot(page, "phone");
    expect(await page.evaluate(`document.documentElement.scrollWidth`)).toBe(390);
    await page.locator(on("balancer lb-data")).tap();
    const panel = await page.locator("#panel").boundingBox();
    expect(panel).toMatchObject({ x: 0, width: 390 });
    const close = await page.locator("#close").boundingBox();
    expect((close?.x ?? 999) + (close?.width ?? 0)).toBeLessThanOrEqual(390);
    await shot(page, "phone-answer");
    await page.locator("#close").tap();
    expect(await page.locator("#panel").isVisible()).toBe(false);
  });

  test("dark where the system is dark", async () => {
    const ground = async (colorScheme: "light" | "dark"): Promise<unknown> => {
      const page = await open(prodPicture, { viewport: LAPTOP, colorScheme });
      await shot(page, colorScheme);
      return page.evaluate(`getComputedStyle(document.body).backgroundColor`);
    };
    expect([await ground("light"), await ground("dark")]).toEqual(["rgb(251, 251, 253)", "rgb(15, 19, 27)"]);
  });

  test("before and after: green, red and amber, and a list that leads there", async () => {
    const page = await open(comparePictures(before(), prodPicture, "main (3f2a9c1)"));
    await shot(page, "before-and-after");
    const colour = (id: string, part: string): Promise<unknown> =>
      inPage(page, `${on(id)} ${part}`, "getComputedStyle(shape).fill");
    expect(await colour("machine k3s-worker-05", "text")).toBe("rgb(21, 128, 61)");
    expect(await colour("machine vector-01", "text")).toBe("rgb(180, 83, 9)");
    expect(await page.locator(on("bundle data namespace files > machines minio")).getAttribute("class")).toContain(
      "added",
    );
    expect(await page.evaluate<string[]>(TEXTS_IN_THE_WAY)).toEqual([]);
    await page.locator('#overview [data-go="machine vector-01"]').first().click();
    expect(await page.locator("#panel").innerText()).toContain("cpx32 → cpx42");
  });

  test("500 workers: each is there, is found, and answers", async () => {
    const page = await open(withWorkers(prodPicture, 500));
    await shot(page, "500-workers");
    expect(await page.locator("#picture .mark").count()).toBe(500);
    await page.locator("#search").fill("k3s-worker-499");
    await page.keyboard.press("Enter");
    expect(await page.locator("#panel").innerText()).toContain("69.49 EUR a month");
    expect(await page.locator(`${on("machine k3s-worker-499")}[aria-pressed=true]`).count()).toBe(1);
    await shot(page, "500-workers-answer");
  });
});

/** Texts of a box that lie on each other, or leave it: as the browser has really set them. */
const TEXTS_IN_THE_WAY = `[...document.querySelectorAll("#picture .box")].flatMap((box) => {
  const frame = box.querySelector("rect").getBoundingClientRect();
  const texts = [...box.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
  return texts.flatMap(([words, at], index) => [
    ...(at.left < frame.left || at.right > frame.right + 1 || at.bottom > frame.bottom + 1 ? [words + " leaves " + box.dataset.id] : []),
    ...texts.slice(index + 1).filter(([, other]) => at.left < other.right && other.left < at.right && at.top + 2 < other.bottom - 2 && other.top + 2 < at.bottom - 2).map(([other]) => words + " on " + other),
  ]);
})`;
