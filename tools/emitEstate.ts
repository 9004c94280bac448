// `node --import tsx tools/emitEstate.ts --stack prod`: prints what a stack registers as the comparison of two commits
// reads it (diff/model/emitted.ts). Each commit's own program is asked by its own copy of this file.
import { createHmac, randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { parseUrn } from "@standin/pulumi-engine/urn";
import { MistakesError } from "../components/mistakes";
import { RESTART_SCRIPT } from "../components/cluster/k3s/k3sRestart";
import type { Resizing } from "../components/machines/resizing";
import { parseScript } from "../components/machines/parseScript";
import { SCRIPT_FORMAT } from "../components/machines/render";
import { unpackScript } from "../components/machines/packScript";
import {
  FINGERPRINT_KEY,
  FORMAT,
  replaced,
  SECRET,
  type EmittedEstate,
  type EmittedFile,
  type EmittedHost,
  type EmittedOne,
} from "../diff/model/emitted";
import { registerWith } from "../stacks/emittedGraph";
import { at, list, text } from "../verifier/read/graph";
import { SERVER } from "../verifier/read/knownTypes";
import type { EstatePlan } from "../stacks/plan";
import { judgedPlan } from "../stacks/planStack";
import { madeUpId, record, type Registration } from "./registrations";
import { stackSettings } from "./stackSettings";

/**
 * Everything that a plan registers. Values that a provider would make, secrets among them, are made up; no secret
 * stands in it, not even one that the program itself has written down: only fingerprints, by a key.
 *
 * @param resized servers that are there with another type. Default: none
 */
export async function emittedEstate(
  plan: EstatePlan,
  key: string,
  resized: readonly string[] = [],
): Promise<EmittedEstate> {
  const sum = (text: string): string => createHmac("sha256", key).update(text).digest("hex").slice(0, 12);
  let declaration: unknown;
  const all = await record(plan.environment.name, async (mocks, monitor) => {
    declaration = await registerWith(plan, mocks, { monitor, preview: false, resizing: resizingOf(resized) });
  });
  return {
    format: FORMAT,
    stack: plan.environment.name,
    resources: all.map((one) => emittedOne(one, sum)),
    declaration,
    hosts: Object.fromEntries(all.flatMap((one) => hostOf(one, sum))),
  };
}

/** Nobody is asked, and nothing is switched off, while resources are registered. */
function resizingOf(names: readonly string[]): Resizing | undefined {
  if (names.length === 0) return undefined;
  const never = (): never => {
    throw new Error("nothing happens to a server while it is only written down");
  };
  return {
    servers: new Map(names.map((name) => [name, Number(madeUpId(SERVER, name))])),
    power: { isOn: never, requireType: never, shutDown: never, start: never },
  };
}

/** @param sum of a secret: what stands in its place. */
export function emittedOne(one: Registration, sum: (text: string) => string): EmittedOne {
  const { urn, protect, inputs, dependencies, propertyDependencies, aliases, options } = one;
  const { type, name } = parseUrn(urn);
  const { ignoreChanges = [], replaceOnChanges = [], retainOnDelete, deleteBeforeReplace } = options;
  const hooks = hookNames(options["hooks"]);
  return {
    urn,
    type,
    name,
    id: madeUpId(type, name),
    protect,
    inputs: masked(inputs, sum) as EmittedOne["inputs"],
    dependencies,
    propertyDependencies,
    aliases,
    ignoreChanges: ignoreChanges as readonly string[],
    replaceOnChanges: replaceOnChanges as readonly string[],
    retainOnDelete: retainOnDelete === true,
    ...(deleteBeforeReplace === undefined ? {} : { deleteBeforeReplace: deleteBeforeReplace === true }),
    ...(hooks.length === 0 ? {} : { hooks }),
  };
}

/** Of an update: who is asked before it, and who waits for it afterwards. One without the other keeps nobody's turn. */
function hookNames(hooks: unknown): readonly string[] {
  const names = (key: string): readonly string[] => list(at(hooks, key)).flatMap((name) => text(name) ?? []);
  const [before, after] = [names("beforeUpdate"), names("afterUpdate")];
  return before.length === 0 || after.length === 0 ? [] : [...before, ...after];
}

/** A registration has its secrets in one of these two forms (registrations.ts). */
const plainSecret = (value: unknown): string | undefined => {
  if (typeof value === "string") return value.startsWith(`${SECRET} `) ? value.slice(SECRET.length + 1) : undefined;
  if (typeof value !== "object" || value === null || !(SECRET in value)) return undefined;
  return JSON.stringify((value as Readonly<Record<string, unknown>>)[SECRET]);
};

const masked = (value: unknown, sum: (text: string) => string): unknown =>
  replaced(value, (one) => {
    const secret = plainSecret(one);
    return secret === undefined ? undefined : `${SECRET} ${sum(secret)}`;
  });

/** The host that a command configures; none for any other resource. */
function hostOf(one: Registration, sum: (text: string) => string): readonly (readonly [string, EmittedHost])[] {
  const packed = plainSecret(one.inputs["stdin"]);
  if (packed === undefined || !one.urn.endsWith("-config")) return [];
  const script = unpackScript(packed);
  if (script.split("\n")[1] !== SCRIPT_FORMAT) return [];
  const { host, files, units, binaries } = parseScript(script);
  const inTurn = filesOfTurn(files.find(({ path }) => path === RESTART_SCRIPT)?.content ?? "");
  const all = [
    ...files.map(({ path, mode, owner, group, content, markers }) => {
      const all = inTurn.includes(path) ? [...markers, `turn:${SERVER_UNIT}`] : markers;
      return [path, { access: `${owner}:${group} ${mode}`, sum: sum(content), markers: all }] as const;
    }),
    ...binaries.map(({ path, url, sha256, markers }) => {
      return [path, { access: "", sum: sum(`${url} ${sha256}`), markers }] as const;
    }),
  ];
  const unitsByName = units.map(({ name, enabled, state }) => [name, { enabled, state }] as const);
  return [[host, { files: Object.fromEntries<EmittedFile>(all), units: Object.fromEntries(unitsByName) }]];
}

const SERVER_UNIT = "k3s.service";

/** What a server's K3s is restarted for in its turn: its script names the files itself. */
function filesOfTurn(script: string): readonly string[] {
  const [, all = ""] = /^readonly FILES=\(([^)]*)\)$/m.exec(script) ?? [];
  return [...all.matchAll(/'([^']+)'/g)].map(([, path = ""]) => path);
}

async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: { stack: { type: "string", default: "prod" }, resized: { type: "string", multiple: true, default: [] } },
  });
  const plan = judgedPlan(values.stack, stackSettings(values.stack));
  const estate = await emittedEstate(
    plan,
    process.env[FINGERPRINT_KEY] ?? randomBytes(32).toString("hex"),
    values.resized,
  );
  await new Promise((done) => process.stdout.write(JSON.stringify(estate), done));
}

if (require.main === module)
  main(process.argv.slice(2)).then(
    () => process.exit(0),
    (error: unknown) => {
      const told = error instanceof MistakesError ? error.message : error instanceof Error ? error.stack : undefined;
      process.stderr.write(`${told ?? String(error)}\n`);
      process.exit(1);
    },
  );
