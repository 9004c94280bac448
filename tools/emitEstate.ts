// `node --import tsx tools/emitEstate.ts --stack prod`: prints what a stack registers as the comparison of two commits
// reads it (diff/model/emitted.ts). Each commit's own program is asked by its own copy of this file.
import { createHmac, randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { MistakesError } from "../components/mistakes";
import { parseScript } from "../components/machines/parseScript";
import { SCRIPT_FORMAT } from "../components/machines/render";
import { unpackScript } from "../components/machines/packScript";
import {
  FORMAT,
  SECRET,
  type EmittedEstate,
  type EmittedFile,
  type EmittedHost,
  type EmittedOne,
} from "../diff/model/emitted";
import { registerWith } from "../stacks/emittedGraph";
import type { EstatePlan } from "../stacks/plan";
import { judgedPlan } from "../stacks/planStack";
import { madeUpId, record, type Registration } from "./registrations";
import { stackSettings } from "./stackSettings";

/** Environment variable: the key of the fingerprints, so that two runs for one comparison have the same. Default: a random one. */
export const FINGERPRINT_KEY = "KEYBUZZ_FINGERPRINT_KEY";

const UNREADABLE = 2;

/**
 * Everything that a plan registers. Values that a provider would make, secrets among them, are made up; no secret
 * stands in it, not even one that the program itself has written down: only fingerprints, by a key.
 */
export async function emittedEstate(plan: EstatePlan, key: string): Promise<EmittedEstate> {
  const sum = (text: string): string => createHmac("sha256", key).update(text).digest("hex").slice(0, 12);
  let declaration: unknown;
  const all = await record(plan.environment.name, async (mocks, monitor) => {
    declaration = await registerWith(plan, mocks, { monitor, preview: false });
  });
  return {
    format: FORMAT,
    stack: plan.environment.name,
    resources: all.map((one) => emittedOne(one, sum)),
    declaration,
    hosts: Object.fromEntries(all.flatMap((one) => hostOf(one, sum))),
  };
}

function emittedOne(one: Registration, sum: (text: string) => string): EmittedOne {
  const { urn, protect, inputs, propertyDependencies, aliases, options } = one;
  const [type, name] = typeAndName(urn);
  const { ignoreChanges = [], retainOnDelete, deletedWith } = options;
  return {
    urn,
    type,
    name,
    id: madeUpId(type, name),
    protect,
    inputs: masked(inputs, sum) as EmittedOne["inputs"],
    propertyDependencies,
    aliases,
    ignoreChanges: ignoreChanges as readonly string[],
    retainOnDelete: retainOnDelete === true,
    deletedWith: deletedWith as string | undefined,
  };
}

/** "urn:pulumi:prod::keybuzz::keybuzz:a:B$hcloud:index/server:Server::redis-01". */
function typeAndName(urn: string): readonly [type: string, name: string] {
  const [, , types = "", ...name] = urn.split("::");
  return [types.slice(types.lastIndexOf("$") + 1), name.join("::")];
}

/** A registration has its secrets in one of these two forms (registrations.ts). */
const plainSecret = (value: unknown): string | undefined => {
  if (typeof value === "string") return value.startsWith(`${SECRET} `) ? value.slice(SECRET.length + 1) : undefined;
  if (typeof value !== "object" || value === null || !(SECRET in value)) return undefined;
  return JSON.stringify((value as Readonly<Record<string, unknown>>)[SECRET]);
};

function masked(value: unknown, sum: (text: string) => string): unknown {
  const secret = plainSecret(value);
  if (secret !== undefined) return `${SECRET} ${sum(secret)}`;
  if (Array.isArray(value)) return value.map((one) => masked(one, sum));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, masked(entry, sum)]));
}

/** The host that a command configures; none for any other resource. */
function hostOf(one: Registration, sum: (text: string) => string): readonly (readonly [string, EmittedHost])[] {
  const packed = plainSecret(one.inputs["stdin"]);
  if (packed === undefined || !one.urn.endsWith("-config")) return [];
  const script = unpackScript(packed);
  if (script.split("\n")[1] !== SCRIPT_FORMAT) return [];
  const { host, files, units, packages, groups, users, directories, binaries, kernelModules, sysctl, steps } =
    parseScript(script);
  const all = [
    ...files.map(({ path, mode, owner, group, secret, content, markers }) => {
      return [path, { access: `${owner}:${group} ${mode}`, secret, sum: sum(content), markers }] as const;
    }),
    ...binaries.map(({ path, url, sha256, markers }) => {
      return [path, { access: "", secret: false, sum: sum(`${url} ${sha256}`), markers }] as const;
    }),
  ];
  const lines = {
    ...keyed(packages, ({ name, version }) => [`package ${name}`, version ?? "whatever version the archive has"]),
    ...keyed(groups, ({ name, gid }) => [`group ${name}`, String(gid ?? "any number")]),
    ...keyed(users, ({ name, uid, groups: of }) => [`user ${name}`, `${uid ?? "any number"} ${of.join(",")}`.trim()]),
    ...keyed(directories, ({ path, owner, group, mode }) => [`directory ${path}`, `${owner}:${group} ${mode}`]),
    ...keyed(binaries, ({ path, url }) => [`binary ${path}`, url]),
    ...keyed(kernelModules, (name) => [`kernel module ${name}`, "loaded"]),
    ...keyed(Object.entries(sysctl), ([name, value]) => [`kernel setting ${name}`, value]),
    // Its text may hold a secret.
    ...keyed(steps, ({ id, unless, run }) => [`step ${id}`, `${SECRET} ${sum(`${unless ?? ""}\n${run}`)}`]),
  };
  const unitsByName = units.map(({ name, enabled, state }) => [name, { enabled, state }] as const);
  return [[host, { files: Object.fromEntries<EmittedFile>(all), units: Object.fromEntries(unitsByName), lines }]];
}

function keyed<T>(
  items: readonly T[],
  entry: (item: T) => readonly [string, string],
): Readonly<Record<string, string>> {
  return Object.fromEntries(items.map(entry));
}

async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options: { stack: { type: "string", default: "prod" } } });
  const plan = judgedPlan(values.stack, stackSettings(values.stack));
  const estate = await emittedEstate(plan, process.env[FINGERPRINT_KEY] ?? randomBytes(32).toString("hex"));
  await new Promise((done) => process.stdout.write(JSON.stringify(estate), done));
}

if (require.main === module)
  main(process.argv.slice(2)).then(
    () => process.exit(0),
    (error: unknown) => {
      const told = error instanceof MistakesError ? error.message : error instanceof Error ? error.stack : undefined;
      process.stderr.write(`${told ?? String(error)}\n`);
      process.exit(error instanceof MistakesError ? UNREADABLE : 1);
    },
  );
