import { comparePictures } from "../../picture/comparePictures";
import type { Picture } from "../../picture/model";
import { marked } from "./support/marked";
import { prodPicture } from "./support/prodPicture";

test("the same on both sides has no mark", () => {
  const same = comparePictures(prodPicture, prodPicture, "itself");
  expect((["added", "removed", "changed"] as const).flatMap((change) => marked(same, change))).toEqual([]);
});

test("a limit that becomes shorter changes its route, a flow that goes its bundle", () => {
  const [route, ...others] = prodPicture.routes;
  const [path] = route?.paths ?? [];
  if (route === undefined || path === undefined) throw new Error("prod has no route");
  const hops = path.hops.map((hop) => ({ ...hop, idle: 1 }));
  const now: Picture = {
    ...prodPicture,
    routes: [{ ...route, paths: [{ ...path, hops }] }, ...others],
    flows: prodPicture.flows.filter(({ label }) => !label.startsWith("n8n/n8n-main -> lb-data:5432")),
    bundles: prodPicture.bundles.map((bundle) => ({
      ...bundle,
      flows: bundle.flows.filter((id) => !id.startsWith("flow n8n/n8n-main -> lb-data:5432")),
    })),
  };
  const both = comparePictures(prodPicture, now, "main");
  expect(marked(both, "changed")).toEqual([route.id, "bundle data namespace n8n > balancer lb-data"]);
  expect(marked(both, "removed")).toEqual(["flow n8n/n8n-main -> lb-data:5432/tcp (postgres/leader)"]);
});
