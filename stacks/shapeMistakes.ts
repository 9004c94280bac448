import { z } from "zod";
import { shown, type Mistake } from "../components/mistakes";
import { environmentSchema, type Environment } from "./environment";
import { nearestFix } from "../components/nearest";
import { inWords, pathText, schemasAt, valueAt, type JsonSchema, type Path } from "./schemaWords";

/** A mistake of shape, and where it is. */
export interface ShapeMistake {
  readonly path: Path;
  readonly mistake: Mistake;
  /** A key that nothing knows: without it all is well. */
  readonly unknownKey: boolean;
}

export type Shape =
  | { readonly ok: true; readonly environment: Environment }
  | { readonly ok: false; readonly mistakes: readonly ShapeMistake[] };

type Issue = z.core.$ZodIssue;

/** The environment's schema as data. */
export const environmentJson = (): JsonSchema =>
  z.toJSONSchema(environmentSchema, { io: "input", unrepresentable: "any" });

/** TypeScript refuses a wrong shape in an editor; programs are started without it, so it is answered here as well. */
export function readShape(input: unknown): Shape {
  const parsed = environmentSchema.safeParse(input);
  if (parsed.success) return { ok: true, environment: parsed.data };
  const root = environmentJson();
  return { ok: false, mistakes: parsed.error.issues.flatMap((issue) => mistakesOf(issue, issue.path, input, root)) };
}

/** Kinds of routes that people ask for, and why there are none. */
const NO_ROUTE: Readonly<Record<string, Pick<Mistake, "allowed" | "fix">>> = {
  grpc: {
    allowed:
      "http, websocket, sse, upload: gRPC needs HTTP/2 up to the pods, and Hetzner's balancers, where TLS ends, speak HTTP/1.1 to what is behind them as far as is documented",
    fix: 'from other applications: name a port (ports: { grpc: 9000 }) that they ask for (needs.apps); from outside: gRPC-Web or JSON over kind "http"',
  },
};

function mistakesOf(issue: Issue, path: Path, input: unknown, root: JsonSchema): readonly ShapeMistake[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey([...path, key], input, root));
  const inner = issue.code === "invalid_union" ? meantBranch(issue.errors) : undefined;
  if (inner !== undefined) return inner.flatMap((one) => mistakesOf(one, [...path, ...one.path], input, root));
  const schemas = schemasAt(root, path, input);
  const value = valueAt(input, path);
  const known = path.includes("routes") && path.at(-1) === "kind" ? NO_ROUTE[String(value)] : undefined;
  if (known !== undefined)
    return [{ path, mistake: { path: pathText(path), found: shown(value), ...known }, unknownKey: false }];
  const [example] = schemas.flatMap(({ examples = [] }) => examples);
  const fix = example === undefined ? "" : `, e.g. ${shown(example)}`;
  const mistake =
    issue.code === "invalid_key"
      ? { found: shown(path.at(-1)), allowed: keysInWords(root, path, input), fix: "rename the key" }
      : {
          found: shown(value),
          allowed: inWords(schemas),
          fix: `${value === undefined ? "add" : "correct"} it (docs/environment.md)${fix}`,
        };
  return [{ path, mistake: { path: pathText(path), ...mistake }, unknownKey: false }];
}

/** Its value is not shown: a key that nothing knows may hold anything. */
function unknownKey(path: Path, input: unknown, root: JsonSchema): ShapeMistake {
  const holder = path.slice(0, -1);
  const known = [...new Set(schemasAt(root, holder, input).flatMap(({ properties = {} }) => Object.keys(properties)))];
  const mistake = {
    path: pathText(path),
    found: "a key that nothing knows",
    allowed: known.join(", "),
    fix: nearestFix(String(path.at(-1)), known),
  };
  return { path, mistake, unknownKey: true };
}

/** Of a union without discriminator, the one branch that the value is of the kind of, and has most keys of. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const strange = (issues: readonly Issue[]): number =>
    issues.flatMap((issue) => (issue.path.length === 0 && issue.code === "unrecognized_keys" ? issue.keys : [])).length;
  const ofKind = branches.filter((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === "unrecognized_keys"),
  );
  const fewest = Math.min(...ofKind.map(strange));
  const meant = ofKind.filter((issues) => strange(issues) === fewest);
  return meant.length === 1 ? meant[0] : undefined;
}

function keysInWords(root: JsonSchema, path: Path, input: unknown): string {
  const names = schemasAt(root, path.slice(0, -1), input).flatMap(({ propertyNames }) =>
    typeof propertyNames === "object" ? [propertyNames] : [],
  );
  return inWords(names);
}
