// Runs in the page, after pageSearch.js. What is said stands in the page already, escaped (pageData.ts); this only shows it.
/* global startSearch */
(() => {
  const byId = (id) => document.getElementById(id);
  const [svg, panel, tip, search] = ["picture", "panel", "tip", "search"].map(byId);
  const shapes = [...svg.querySelectorAll("[data-id]")];
  const shapeOf = new Map(shapes.map((shape) => [shape.dataset.id, shape]));
  let known;
  let chosen;
  let cameFrom;

  // Read when it is first needed: the picture is there before.
  const data = () => {
    if (known === undefined) {
      known = JSON.parse(byId("data").textContent);
      known.byId = new Map(known.things.map((thing) => [thing.id, thing]));
      known.bundles = known.things.filter(({ flows }) => flows !== undefined);
    }
    return known;
  };

  // What belongs to a thing: its flows' lines, and whoever stands at their ends.
  const related = (thing) => {
    const { flows, lists, bundles } = data();
    const lit = new Set([thing.id]);
    const touches = (index) => [flows[index].from, flows[index].to].some((list) => lists[list].includes(thing.id));
    if (thing.flows !== undefined) {
      const ends = splitEnds(thing.id);
      for (const end of ends) lit.add(end);
      for (const index of thing.flows)
        for (const id of [...lists[flows[index].from], ...lists[flows[index].to]])
          if (ends.includes(boxOf(id))) lit.add(id);
      return lit;
    }
    if (thing.goal !== undefined) {
      // The way in: whatever leads from the web to the workload's box.
      const goal = boxOf(thing.goal);
      for (const bundle of bundles) {
        const [from, to] = splitEnds(bundle.id);
        if (shapeOf.get(bundle.id)?.classList.contains("web") && (to === goal || !to.startsWith("namespace "))) {
          for (const id of [bundle.id, from, to]) lit.add(id);
        }
      }
      lit.add(thing.goal);
      return lit;
    }
    for (const bundle of bundles) {
      const ends = splitEnds(bundle.id);
      const own = ends.includes(thing.id) || (ends.includes(boxOf(thing.id)) && bundle.flows.some(touches));
      if (own) for (const id of [bundle.id, ...ends]) lit.add(id);
    }
    lit.add(boxOf(thing.id));
    return lit;
  };
  // "bundle data namespace n8n > balancer lb-data"
  const splitEnds = (id) => id.replace(/^bundle \w+ /, "").split(" > ");
  const boxOf = (id) => shapeOf.get(id)?.closest(".box")?.dataset.id ?? id;

  const light = (thing) => {
    const lit = thing === undefined ? new Set() : related(thing);
    svg.classList.toggle("chosen", thing !== undefined);
    for (const shape of shapes) {
      shape.classList.toggle("lit", lit.has(shape.dataset.id));
      if (thing !== undefined && shape.dataset.id === thing.id) shape.setAttribute("aria-pressed", "true");
      else shape.removeAttribute("aria-pressed");
    }
  };

  const openFlow = (details) => {
    if (details.querySelector("div") !== null) return;
    const inner = document.createElement("div");
    inner.innerHTML = data().flows[Number(details.dataset.flow)].html;
    details.append(inner);
  };

  const choose = (id, { flow, focus = true } = {}) => {
    const thing = data().byId.get(id);
    if (thing === undefined) return;
    if (chosen === undefined || !panel.contains(document.activeElement)) cameFrom = document.activeElement;
    chosen = thing;
    light(thing);
    tip.hidden = true;
    byId("panel-title").textContent = thing.label;
    byId("panel-what").textContent = thing.what;
    byId("panel-body").innerHTML = thing.head + data().bodies[thing.body];
    panel.hidden = false;
    panel.scrollTop = 0;
    const all = [...panel.querySelectorAll("details.flow")];
    const open =
      flow === undefined
        ? all.length === 1
          ? all[0]
          : undefined
        : all.find((one) => Number(one.dataset.flow) === flow);
    if (open !== undefined) {
      openFlow(open);
      open.open = true;
      if (flow !== undefined) open.scrollIntoView({ block: "nearest" });
    }
    byId("said").textContent = `${thing.what} ${thing.label}`;
    reveal(shapeOf.get(id));
    if (focus) panel.focus({ preventScroll: true });
  };

  // Beside the drawer, as large as before, and in sight.
  const reveal = (shape) => {
    const stage = byId("stage");
    const wide = window.innerWidth > 700;
    svg.style.width = `${svg.clientWidth}px`;
    stage.style.paddingRight = wide ? `${panel.offsetWidth}px` : "";
    if (shape === undefined) return;
    const at = shape.getBoundingClientRect();
    const right = wide ? panel.getBoundingClientRect().left - 16 : window.innerWidth - 16;
    if (at.right > right) stage.scrollLeft += Math.min(at.right - right, at.left - 16);
    else if (at.left < 16) stage.scrollLeft += at.left - 16;
    const low = wide ? window.innerHeight * 0.8 : window.innerHeight * 0.28;
    if (at.top < 100 || at.top > low) window.scrollBy(0, at.top - Math.min(160, low));
  };

  const close = () => {
    if (chosen === undefined) return false;
    chosen = undefined;
    panel.hidden = true;
    byId("stage").style.paddingRight = svg.style.width = "";
    light(undefined);
    (cameFrom instanceof Element && cameFrom.isConnected ? cameFrom : svg).focus?.({ preventScroll: true });
    return true;
  };

  // One stop of the tab key for the whole picture; arrows go to what lies next in their direction.
  let stop = shapes.find((shape) => shape.classList.contains("box")) ?? shapes[0];
  const setStop = (shape) => {
    stop?.setAttribute("tabindex", "-1");
    stop = shape;
    stop?.setAttribute("tabindex", "0");
  };
  setStop(stop);
  const center = (shape) => {
    const line = shape.querySelector(".line");
    if (line !== null && shape.classList.contains("bundle")) {
      const point = line.getPointAtLength(line.getTotalLength() / 2);
      return [point.x, point.y];
    }
    const { left, top, width, height } = shape.getBoundingClientRect();
    const origin = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / origin.width;
    // A box is found at its name, above its items.
    const y = shape.classList.contains("box") ? 12 / scale : height / 2;
    return [(left + width / 2 - origin.left) * scale, (top + y - origin.top) * scale];
  };
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const next = (from, [dx, dy]) => {
    const [x, y] = center(from);
    let [best, least] = [undefined, Infinity];
    for (const shape of shapes) {
      if (shape === from || getComputedStyle(shape).display === "none") continue;
      const [ox, oy] = center(shape);
      const along = (ox - x) * dx + (oy - y) * dy;
      const across = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
      if (along <= 2) continue;
      const far = along + 2.5 * across;
      if (far < least) [best, least] = [shape, far];
    }
    return best;
  };

  svg.addEventListener("click", (event) => {
    const shape = event.target.closest("[data-id]");
    if (shape === null) return close();
    setStop(shape);
    shape.focus({ preventScroll: true });
    choose(shape.dataset.id);
  });
  svg.addEventListener("keydown", (event) => {
    const shape = event.target.closest("[data-id]");
    if (shape === null) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(shape.dataset.id);
    } else if (event.key in ARROWS) {
      event.preventDefault();
      const found = next(shape, ARROWS[event.key]);
      if (found === undefined) return;
      setStop(found);
      found.focus({ preventScroll: true });
      found.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  });
  const told = (shape, x, y) => {
    tip.textContent = shape.getAttribute("aria-label");
    tip.hidden = false;
    tip.style.left = `${Math.max(4, Math.min(x + 14, window.innerWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${Math.max(4, Math.min(y + 16, window.innerHeight - tip.offsetHeight - 8))}px`;
  };
  svg.addEventListener("pointermove", (event) => {
    const shape = event.target.closest("[data-id]");
    if (shape === null || event.pointerType === "touch") tip.hidden = true;
    else told(shape, event.clientX, event.clientY);
    if (chosen === undefined && hovered !== shape) {
      hovered = shape;
      light(shape === null ? undefined : data().byId.get(shape.dataset.id));
    }
  });
  let hovered = null;
  svg.addEventListener("pointerleave", () => {
    tip.hidden = true;
    hovered = null;
    if (chosen === undefined) light(undefined);
  });
  svg.addEventListener("focusin", (event) => {
    const shape = event.target.closest("[data-id]");
    if (shape?.matches(":focus-visible")) {
      const { left, bottom } = shape.getBoundingClientRect();
      told(shape, left, bottom - 10);
    }
  });
  svg.addEventListener("focusout", () => (tip.hidden = true));

  const found = startSearch({ data, choose, say: (words) => (byId("said").textContent = words) });
  document.addEventListener("click", (event) => {
    const go = event.target.closest("[data-go]");
    if (go !== null) choose(go.dataset.go);
    if (!event.target.closest(".search")) found.clear();
  });
  panel.addEventListener("toggle", (event) => event.target.matches("details.flow") && openFlow(event.target), true);
  byId("close").addEventListener("click", close);
  for (const box of document.querySelectorAll("[data-kind]")) {
    const apply = () => {
      const { kind } = box.dataset;
      svg.classList.toggle(kind === "care" ? "show-care" : `no-${kind}`, box.checked === (kind === "care"));
    };
    box.addEventListener("change", apply);
    apply();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (!found.clear() && !close()) tip.hidden = true;
    } else if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "")) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
})();
