import { counted, escaped } from "../markup";
import type { Bundle, Change, Flow, Loss, Picture } from "../model";
import { bundleLabel } from "../svg";

/** What is said of a machine, workload, balancer or box. The list is the same for all that are alike. */
export interface Details {
  readonly head: string;
  readonly body: string;
}

const changed = (change: Change | undefined): string =>
  change === undefined ? "" : `<p><b class="${change}">${change}</b></p>`;

/** Looks things up once for a whole picture. */
export class Things {
  readonly #flows: ReadonlyMap<string, { readonly flow: Flow; readonly index: number }>;

  constructor(readonly picture: Picture) {
    this.#flows = new Map(picture.flows.map((flow, index) => [flow.id, { flow, index }]));
  }

  /** A bundle: its flows, each of which opens to its path. */
  bundle({ flows, change }: Bundle): Details {
    return {
      head: changed(change),
      body: this.#list(
        "",
        flows.flatMap((id) => this.#flows.get(id)?.flow ?? []),
      ),
    };
  }

  box(id: string): Details {
    const box = this.picture.boxes.find((one) => one.id === id);
    if (box === undefined) return { head: "", body: "" };
    const bundles = this.picture.bundles.filter(({ from, to }) => from === id || to === id);
    const lost = this.picture.losses[id];
    return {
      head: `${changed(box.change)}<p>${escaped([box.kind, box.note].filter((part) => part !== "").join(": "))}</p>${this.#price(id)}`,
      body: [
        ...(lost === undefined ? [] : [lossHtml(lost, "")]),
        `<h4>Its flows</h4><ul class="links">`,
        ...bundles.map((bundle) => link(bundle.id, bundleLabel(bundle), bundle.change)),
        "</ul>",
      ].join(""),
    };
  }

  item(id: string, box: string): Details {
    const parent = this.picture.boxes.find((one) => one.id === box);
    const items = (parent?.sections ?? []).flatMap((section) => section.items);
    const item = items.find((one) => one.id === id);
    const concerns = (ends: Flow["from"]): boolean => ends.some((end) => end.items.includes(id));
    const routes = this.picture.routes.filter(({ workload }) => workload === id);
    const lost = this.picture.losses[id];
    return {
      head: [
        changed(item?.change),
        `<p>${escaped(`${item?.note ?? ""} in ${parent?.name ?? ""}`.trim())}</p>`,
        this.#price(id),
      ].join(""),
      body: [
        ...(lost === undefined
          ? []
          : [lossHtml(lost, items.length > 1 ? `${parent?.name ?? ""} goes on with the others.` : "")]),
        ...(routes.length === 0
          ? []
          : [
              `<h4>Public routes</h4><ul class="links">`,
              ...routes.map((route) =>
                link(route.id, `${route.declared.kind} ${route.declared.host}${route.declared.path}`, route.change),
              ),
              "</ul>",
            ]),
        this.#list(
          "Who reaches it",
          this.picture.flows.filter(({ to }) => concerns(to)),
        ),
        this.#list(
          "Whom it reaches",
          this.picture.flows.filter(({ from }) => concerns(from)),
        ),
      ].join(""),
    };
  }

  #price(id: string): string {
    const price = this.picture.prices[id];
    if (price === undefined) return "";
    return `<p class="price"><b>${escaped(price.text)}</b> <span class="soft">${escaped(price.of.join(", "))}</span></p>`;
  }

  /** Each flow opens to its path, which the page puts in when it is asked. */
  #list(title: string, flows: readonly Flow[]): string {
    const heading = title === "" ? "" : `<h4>${escaped(title)} (${flows.length})</h4>`;
    if (flows.length === 0) return title === "" ? "" : `${heading}<p class="soft">Nobody.</p>`;
    return `${heading}${flows
      .map(({ id, label, purpose, change }) => {
        const [ends = label, endpoint = ""] = label.split(/ (?=\([^)]*\)$)/);
        const sign = change === undefined ? "" : `<b class="${change}">${change}</b> `;
        return `<details class="flow" data-flow="${this.#flows.get(id)?.index ?? ""}"><summary>${sign}${escaped(ends)} <span class="soft">${escaped(endpoint)}<br>${escaped(purpose)}</span></summary></details>`;
      })
      .join("")}`;
  }
}

function lossHtml({ ends, reasons }: Loss, others: string): string {
  if (ends.length === 0) return `<h4>When it goes</h4><p>No flow ends. ${escaped(others)}</p>`;
  const why = reasons.map((reason) => `<p class="soft">Accepted: ${escaped(reason)}</p>`).join("");
  return `<h4>When it goes, ${counted(ends.length, "flow")} ${ends.length === 1 ? "ends" : "end"}</h4>${why}<ul class="ends">${ends.map((end) => `<li>${escaped(end)}</li>`).join("")}</ul>`;
}

export function link(id: string, label: string, change?: Change): string {
  return `<li><button type="button" data-go="${escaped(id)}"${change === undefined ? "" : ` class="${change}"`}>${escaped(label)}</button></li>`;
}
