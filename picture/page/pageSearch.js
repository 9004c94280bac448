// Runs in the page, before pageScript.js: finds by every word, in names first.
function startSearch({ data, choose, say }) {
  const [search, results] = ["search", "results"].map((id) => document.getElementById(id));
  const MOST = 12;
  let found = [];
  let marked = -1;
  const look = (words) => {
    const { things, flows } = data();
    const parts = words
      .toLowerCase()
      .split(/\s+/)
      .filter((part) => part !== "");
    if (parts.length === 0) return [];
    const fits = (text) => parts.every((part) => text.toLowerCase().includes(part));
    const named = things.filter(({ label, what }) => fits(`${label} ${what}`));
    const first = named.filter(({ label }) => label.toLowerCase().startsWith(parts[0]));
    const ways = flows.flatMap(({ label, purpose, bundle }, flow) =>
      bundle >= 0 && fits(`${label} ${purpose}`) ? [{ id: things[bundle].id, label, what: "flow", flow }] : [],
    );
    return [...new Set([...first, ...named, ...ways])].slice(0, MOST);
  };
  const list = (some) => {
    found = some;
    marked = some.length > 0 ? 0 : -1;
    results.replaceChildren(
      ...some.map(({ label, what }, index) => {
        const entry = document.createElement("li");
        entry.id = `result-${index}`;
        entry.setAttribute("role", "option");
        const soft = document.createElement("span");
        soft.className = "soft";
        soft.textContent = ` ${what}`;
        entry.append(label, soft);
        entry.addEventListener("click", () => pick(index));
        return entry;
      }),
    );
    search.setAttribute("aria-expanded", String(some.length > 0));
    mark();
  };
  const mark = () => {
    [...results.children].forEach((entry, index) => entry.setAttribute("aria-selected", String(index === marked)));
    if (marked < 0) search.removeAttribute("aria-activedescendant");
    else {
      search.setAttribute("aria-activedescendant", `result-${marked}`);
      results.children[marked].scrollIntoView({ block: "nearest" });
    }
  };
  const pick = (index) => {
    const { id, flow } = found[index] ?? {};
    if (id === undefined) return;
    list([]);
    choose(id, { flow });
  };
  search.addEventListener("input", () => {
    list(look(search.value));
    const none = search.value.trim() !== "" && found.length === 0;
    say(none ? "Nothing found" : `${found.length} found`);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") pick(marked);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (found.length === 0) list(look(search.value));
      else {
        marked = (marked + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
        mark();
      }
    }
  });
  return {
    /** @returns whether there was something to clear */
    clear: () => {
      const there = found.length > 0;
      list([]);
      return there;
    },
  };
}
