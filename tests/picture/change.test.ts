import { buildPicture } from "../../picture/buildPicture";
import { comparePictures } from "../../picture/comparePictures";
import { layOut } from "../../picture/layout";
import { svgFile } from "../../picture/svg";
import type { Environment } from "../../stacks/environment";
import { environment as prod } from "../../stacks/prod";
import { emitted } from "../support/emitted";
import { marked } from "./support/marked";
import { prodPicture } from "./support/prodPicture";

/** One more worker, larger machines under Redis, one application less. */
const changed: Environment = {
  ...prod,
  hosts: [
    ...prod.hosts.map((host) => (host.role === "redis" ? { ...host, serverType: "cpx32" as const } : host)),
    { name: "k3s-worker-06", role: "k3sAgent", address: "10.0.0.115", serverType: "cpx42" },
  ],
  workloads: {
    ...prod.workloads,
    apps: (prod.workloads.apps ?? []).filter(({ name }) => name !== "keybuzz-front"),
  },
};
const picture = comparePictures(prodPicture, buildPicture(emitted(changed), "prod"), "main (3f2a9c1)");

test("what is new, what is gone and what is another one, and nothing else", () => {
  expect(marked(picture, "added")).toEqual(["machine k3s-worker-06"]);
  expect(marked(picture, "removed")).toEqual([
    "workload keybuzz/keybuzz-front",
    "flow nodes -> keybuzz/keybuzz-front:80/tcp (keybuzz/keybuzz-front)",
    "route platform.keybuzz.io/",
  ]);
  expect(marked(picture, "changed")).toEqual([
    "machine redis-01",
    "machine redis-02",
    "machine redis-03",
    "bundle web machines kubernetes > namespace keybuzz",
  ]);
});

test("a machine says what it was and what it becomes, the whole what it cost", () => {
  const redis = picture.boxes.find(({ id }) => id === "machines redis");
  expect(redis?.sections[0]?.items[0]?.note).toBe("cpx22 → cpx32");
  expect(picture.cost).toMatch(/^1,329.21 EUR a month.*\(before: 1,211.72 EUR a month/);
});

test("a change is told by a sign, not by colour alone", async () => {
  const svg = svgFile(picture, await layOut(picture));
  expect(svg).toContain(">+ k3s-worker-06<");
  expect(svg).toContain(">− keybuzz-front<");
  expect(svg).toContain(">~ redis-01<");
  expect(svg).toMatch(/class="bundle web changed"/);
  expect(svg).toContain("compared with main (3f2a9c1)");
});
