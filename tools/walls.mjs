// The plan of the house: which folder stands on which; and the rule for imports that is made from it.
import { readdirSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/**
 * Towers of floors, from the ground up; on a floor stand rooms: folders with all below them, or single files. A room
 * imports itself and whatever stands below it in its tower: neither its neighbours on the same floor nor what stands
 * above. Of other towers it imports only those that its own names in `sees`. "components/data/*": each folder there is
 * a room. Where rooms are nested, a file belongs to the innermost.
 */
export const TOWERS = {
  program: {
    floors: [
      ["components/topology", "components/mistakes.ts", "components/nearest.ts", "components/pins.ts"],
      ["components/secrets", "components/network"],
      ["components/machines", "components/apps"],
      ["components/balancing", "components/cluster/pods"],
      ["components/cluster/k3s", "components/cluster/ingress", "components/data"],
      ["components/data/*"],
      ["components/workloads", "components/monitoring"],
      ["stacks"],
      ["index.ts"],
    ],
    sees: [],
  },
  // read -> walk -> ask -> say. What it reads of the program's intent stands between what is emitted and its questions.
  verifier: {
    floors: [
      ["verifier/finding.ts"],
      ["verifier/read"],
      ["verifier/declaration.ts"],
      ["verifier/walk"],
      ["verifier/ask"],
      ["verifier"],
    ],
    sees: [],
  },
  mutations: { floors: [["verifier/mutations"]], sees: ["verifier"] },
  // What a month costs, from a table.
  cost: { floors: [["cost"]], sees: [] },
  // What two programs emit, compared: reads both, and runs neither. The packages know what replaces.
  diff: {
    floors: [["diff/model"], ["diff/compare"], ["diff/render"], ["diff"]],
    sees: ["verifier", "packages", "cost"],
  },
  // What is emitted, and what the verifier finds in it, drawn.
  picture: { floors: [["picture"]], sees: ["verifier", "cost"] },
  policy: { floors: [["policy"]], sees: ["verifier"] },
  packages: {
    floors: [
      ["packages/common"],
      ["packages/kubernetes-api", "packages/machines"],
      ["packages/hetzner-api", "packages/pulumi-engine"],
    ],
    sees: [],
  },
  // What a run changes it tells in the words of the comparison.
  rehearsal: { floors: [["rehearsal/estate.ts"], ["rehearsal"]], sees: ["packages", "diff"] },
  tools: {
    floors: [["tools"]],
    sees: ["program", "verifier", "mutations", "cost", "diff", "picture", "packages", "rehearsal"],
  },
  tests: {
    floors: [["tests"], ["eslint.config.mjs", "jest.config.js"]],
    sees: ["program", "verifier", "mutations", "cost", "diff", "picture", "policy", "packages", "rehearsal", "tools"],
  },
};

/** What single rooms see beyond that: towers or rooms. */
const BRIDGES = {
  // It says what it means to be, and has itself judged before it registers anything.
  stacks: ["verifier"],
  // The one seam between the rehearsal and the estate.
  "rehearsal/estate.ts": ["program", "verifier"],
};

/** Rooms that see less than what stands below them. */
const NARROW = { "index.ts": ["stacks"] };

/** Towers and rooms in which no Pulumi is: their functions are tried by plain calls, and what judges runs nothing. */
const PURE = [
  "components/topology",
  "components/mistakes.ts",
  "components/nearest.ts",
  "verifier",
  "mutations",
  "picture",
];

/** Every room with its tower and floor. */
const PLACES = Object.entries(TOWERS).flatMap(([tower, { floors }]) =>
  floors.flatMap((rooms, floor) => rooms.map((room) => ({ room, tower, floor }))),
);

/** Every room there is: "components/data/*" as the folders that stand there today. */
export function rooms() {
  return PLACES.flatMap(({ room }) => {
    if (!room.endsWith("/*")) return [room];
    const folder = room.slice(0, -2);
    const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [`${folder}/${entry.name}`] : []));
  });
}

const withoutExtension = (path) => path.replace(/\.(ts|mts|mjs|js)$/, "");

/** @param path from the root of the repository, with "/". @returns undefined: it stands in no room. */
export function placeOf(path) {
  const bare = withoutExtension(path);
  const found = PLACES.flatMap((place) => {
    if (!place.room.endsWith("/*"))
      return bare === withoutExtension(place.room) || path.startsWith(`${place.room}/`) ? [place] : [];
    const folder = place.room.slice(0, -1);
    if (!path.startsWith(folder)) return [];
    const [child, ...below] = path.slice(folder.length).split("/");
    return below.length > 0 ? [{ ...place, room: `${folder}${child}` }] : [];
  });
  return found.sort((a, b) => b.room.length - a.room.length)[0];
}

/** @param from @param to what `placeOf` says of them. */
export function mayImport(from, to) {
  if (from.room === to.room) return true;
  const seen = NARROW[from.room];
  if (seen !== undefined) return seen.includes(to.room);
  if (from.tower === to.tower) return to.floor < from.floor;
  const beside = [...TOWERS[from.tower].sees, ...(BRIDGES[from.room] ?? [])];
  return beside.includes(to.tower) || beside.includes(to.room);
}

/** In words, for whoever must mend it. */
function allowedTo(from) {
  if (NARROW[from.room] !== undefined) return NARROW[from.room].join(", ");
  const below = PLACES.filter(({ tower, floor }) => tower === from.tower && floor < from.floor);
  const beside = [...TOWERS[from.tower].sees, ...(BRIDGES[from.room] ?? [])];
  const all = [...below.map(({ room }) => room), ...beside.map((name) => (name in TOWERS ? `all of ${name}` : name))];
  return all.length === 0 ? "nothing but itself" : `itself, ${all.join(", ")}`;
}

/** Where an import leads, from the root of the repository; undefined: to a package from outside. */
export function targetOf(file, specifier) {
  const [, name, rest] = /^@standin\/([^/]+)(\/.*)?$/.exec(specifier) ?? [];
  if (name !== undefined) return `packages/${name}/src${rest ?? "/index"}`;
  if (!specifier.startsWith(".")) return undefined;
  return relative(ROOT, join(ROOT, dirname(file), specifier))
    .split(sep)
    .join("/");
}

/** The ESLint rule: imports, re-exports, dynamic imports, imported types and `require`. */
export const walls = {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      homeless: "{{file}} stands in no room: give its folder a place in tools/walls.mjs",
      outside: '"{{specifier}}" leads out of the repository: what is needed from there belongs into it',
      forbidden:
        "{{from}} imports {{to}}, and may import {{allowed}} (tools/walls.mjs). Move what both need to where both may see it",
      impure: '{{from}} imports "{{specifier}}": it is pure, and knows nothing of Pulumi (tools/walls.mjs)',
    },
  },
  create(context) {
    const file = relative(ROOT, context.filename).split(sep).join("/");
    const from = placeOf(file);
    if (from === undefined)
      return { Program: (node) => context.report({ node, messageId: "homeless", data: { file } }) };
    const pure = PURE.includes(from.room) || PURE.includes(from.tower);
    const check = (node) => {
      const specifier = node?.type === "Literal" ? node.value : undefined;
      if (typeof specifier !== "string") return;
      const data = { file, specifier, from: from.room };
      if (pure && specifier.startsWith("@pulumi/")) context.report({ node, messageId: "impure", data });
      const target = targetOf(file, specifier);
      if (target === undefined) return;
      if (target.startsWith("..")) return context.report({ node, messageId: "outside", data });
      const to = placeOf(target);
      if (to === undefined || mayImport(from, to)) return;
      context.report({ node, messageId: "forbidden", data: { ...data, to: to.room, allowed: allowedTo(from) } });
    };
    return {
      ImportDeclaration: ({ source }) => check(source),
      ExportAllDeclaration: ({ source }) => check(source),
      ExportNamedDeclaration: ({ source }) => check(source),
      ImportExpression: ({ source }) => check(source),
      TSImportType: ({ source, argument }) => check(source ?? argument?.literal),
      TSExternalModuleReference: ({ expression }) => check(expression),
      CallExpression: ({ callee, arguments: [first] }) => {
        const loads = callee.type === "Identifier" && callee.name === "require";
        const mocks = callee.type === "MemberExpression" && callee.object.name === "jest";
        if (loads || mocks) check(first);
      },
    };
  },
};
