import type { AptRepository, BinarySpec, FileSpec, HostConfig, StepSpec, TimerSpec, UnitSpec } from "./hostConfig";
import { MistakesError } from "../mistakes";

export const UNIT_DIRECTORY = "/etc/systemd/system";
export const SYSCTL_FILE = "/etc/sysctl.d/90-keybuzz.conf";
export const MODULES_FILE = "/etc/modules-load.d/keybuzz.conf";

/** Where the host script keeps the markers of what is still to be done (components/machines/script/1-state.sh). */
export const PENDING_DIRECTORY = "/var/lib/keybuzz/pending";

/** A marker there: work that a changed file causes, done even if the run is cut off before. */
export type Marker =
  "apt-update" | "daemon-reload" | `reload:${string}` | `restart:${string}` | `turn:${string}` | `step:${string}`;

export interface PlannedFile {
  readonly file: FileSpec;
  readonly markers: readonly Marker[];
}

export type PlannedAction =
  { readonly kind: "unit"; readonly unit: UnitSpec } | { readonly kind: "step"; readonly step: StepSpec };

/** The host in the order of the script. */
export interface ScriptPlan {
  readonly beforePackages: readonly PlannedFile[];
  readonly stepsBeforePackages: readonly StepSpec[];
  /** Package sources: an update of the lists fails while the key of one is missing, so they come after all keys. */
  readonly sources: readonly PlannedFile[];
  /** Files without validation first: those that are validated may refer to them. */
  readonly files: readonly PlannedFile[];
  readonly binaries: readonly { readonly binary: BinarySpec; readonly markers: readonly Marker[] }[];
  readonly actions: readonly PlannedAction[];
}

/** Turns what is declared in short (timers, unit contents, repositories, sysctl) into files, and orders everything. */
export function expandHostConfig(config: HostConfig): ScriptPlan {
  const units = [...config.units, ...config.timers.flatMap(timerUnits)].sort(byName);
  const written: FileSpec[] = [
    ...config.aptRepositories.flatMap(repositoryFiles),
    ...listFile(
      MODULES_FILE,
      config.kernelModules.map(({ name }) => name),
    ),
    ...listFile(
      SYSCTL_FILE,
      config.sysctl.map(({ key, value }) => `${key} = ${value}`),
    ),
    ...units.flatMap(unitFiles),
  ];
  const plan = [...config.files, ...written]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((file) => ({ file, markers: markersOf(file.path, units, config.steps) }));
  const sources = new Set(config.aptRepositories.map(aptSourcePath));
  const later = plan.filter(({ file }) => file.stage !== "beforePackages");
  const early = config.steps.filter(({ stage }) => stage === "beforePackages");
  return {
    beforePackages: plan.filter(({ file }) => file.stage === "beforePackages" && !sources.has(file.path)),
    stepsBeforePackages: [...early].sort((a, b) => (a.id < b.id ? -1 : 1)),
    sources: plan.filter(({ file }) => sources.has(file.path)),
    files: [
      ...later.filter(({ file }) => file.validate === undefined),
      ...later.filter(({ file }) => file.validate !== undefined),
    ],
    binaries: config.binaries.map((binary) => ({ binary, markers: markersOf(binary.path, units, config.steps) })),
    actions: orderActions(
      config.host,
      units,
      config.steps.filter((step) => !early.includes(step)),
    ),
  };
}

/** Where a repository's key lies. */
export function aptKeyPath(repository: AptRepository): string {
  return `/etc/apt/keyrings/keybuzz-${repository.name}.asc`;
}

/** Where it is named as a source of packages. */
export function aptSourcePath(repository: AptRepository): string {
  return `/etc/apt/sources.list.d/keybuzz-${repository.name}.sources`;
}

/**
 * Over the distribution's 500: what its owner has comes from there, also where the distribution has a later version; below
 * 1000: nothing that is installed goes back to an earlier one (apt_preferences(5)).
 */
const PIN_PRIORITY = 600;

/** Of whom apt takes a package that both have. */
function preference({ name, uri }: AptRepository): readonly FileSpec[] {
  const host = URL.parse(uri)?.hostname ?? "";
  if (host === "") return [];
  const content = `Package: *\nPin: origin "${host}"\nPin-Priority: ${PIN_PRIORITY}\n`;
  return [{ path: `/etc/apt/preferences.d/keybuzz-${name}`, stage: "beforePackages", content }];
}

function repositoryFiles(repository: AptRepository): readonly FileSpec[] {
  const source = {
    path: aptSourcePath(repository),
    stage: "beforePackages",
    content: [
      "Types: deb",
      `URIs: ${repository.uri}`,
      `Suites: ${repository.suites.join(" ")}`,
      ...(repository.components.length === 0 ? [] : [`Components: ${repository.components.join(" ")}`]),
      `Signed-By: ${aptKeyPath(repository)}`,
      "",
    ].join("\n"),
  } as const;
  const files = [...preference(repository), source];
  if (repository.key.kind === "url") return files;
  return [{ path: aptKeyPath(repository), stage: "beforePackages", content: repository.key.text }, ...files];
}

function listFile(path: string, lines: readonly string[]): readonly FileSpec[] {
  return lines.length === 0 ? [] : [{ path, content: `${lines.join("\n")}\n` }];
}

function unitFiles(unit: UnitSpec): readonly FileSpec[] {
  const path = `${UNIT_DIRECTORY}/${unit.name}`;
  return [
    ...(unit.content === undefined ? [] : [{ path, content: unit.content }]),
    ...Object.entries(unit.dropIns ?? {}).map(([name, content]) => ({ path: `${path}.d/${name}.conf`, content })),
  ];
}

function timerUnits(timer: TimerSpec): readonly UnitSpec[] {
  const service = [
    "[Unit]",
    `Description=${timer.description}`,
    "[Service]",
    "Type=oneshot",
    `User=${timer.user ?? "root"}`,
    `ExecStart=${timer.command}`,
    `TimeoutStartSec=${timer.timeoutSeconds ?? 3600}`,
    "",
  ];
  const calendar = [
    "[Unit]",
    `Description=${timer.description}`,
    "[Timer]",
    `OnCalendar=${timer.onCalendar}`,
    // systemd's own is a minute.
    "AccuracySec=1s",
    `RandomizedDelaySec=${timer.randomizedDelaySeconds ?? 0}`,
    "Persistent=true",
    "[Install]",
    "WantedBy=timers.target",
    "",
  ];
  return [
    { name: `${timer.name}.service`, content: service.join("\n"), enabled: false, state: "onDemand" },
    { name: `${timer.name}.timer`, content: calendar.join("\n"), enabled: true, state: "running" },
  ];
}

function markersOf(path: string, units: readonly UnitSpec[], steps: readonly StepSpec[]): readonly Marker[] {
  const markers = new Set<Marker>();
  if (path.startsWith("/etc/apt/sources.list.d/") || path.startsWith("/etc/apt/keyrings/")) markers.add("apt-update");
  if (path.startsWith(`${UNIT_DIRECTORY}/`)) markers.add("daemon-reload");
  for (const unit of units) {
    if (unit.state !== "running") continue;
    const own = unitFiles(unit).some((file) => file.path === path);
    if (own || covers(unit.restartOn, path))
      markers.add(`${unit.restart === "inTurn" ? "turn" : "restart"}:${unit.name}`);
    else if (covers(unit.reloadOn, path)) markers.add(`reload:${unit.name}`);
  }
  for (const step of steps) {
    if (step.when.kind === "changed" && covers(step.when.paths, path)) markers.add(`step:${step.id}`);
  }
  return [...markers].sort();
}

function covers(paths: readonly string[] | undefined, path: string): boolean {
  return (paths ?? []).some((one) => (one.endsWith("/") ? path.startsWith(one) : path === one));
}

/** Steps before units, each after what it waits for; otherwise by name. */
function orderActions(host: string, units: readonly UnitSpec[], steps: readonly StepSpec[]): readonly PlannedAction[] {
  const waiting = new Map<string, { readonly action: PlannedAction; readonly after: readonly string[] }>();
  for (const step of [...steps].sort((a, b) => (a.id < b.id ? -1 : 1)))
    waiting.set(step.id, { action: { kind: "step", step }, after: step.after ?? [] });
  for (const unit of units) waiting.set(unit.name, { action: { kind: "unit", unit }, after: unit.after ?? [] });
  const ordered: PlannedAction[] = [];
  while (waiting.size > 0) {
    const next = [...waiting.entries()].find(([, { after }]) => after.every((name) => !waiting.has(name)));
    if (next === undefined) {
      const names = [...waiting.keys()].join(", ");
      throw new MistakesError(`host ${host}`, [
        {
          path: "after",
          found: `${names}, which wait for each other`,
          allowed: "an order",
          fix: 'remove one of their "after"',
        },
      ]);
    }
    ordered.push(next[1].action);
    waiting.delete(next[0]);
  }
  return ordered;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
