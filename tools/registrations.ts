// Everything that a stack would tell Pulumi of its resources: also what the verifier does not read.
import { createHash } from "node:crypto";
import { secret, type Input, type runtime } from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import type {
  RegisterResourceHookRequest,
  RegisterResourceRequest,
  RegisterResourceResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { goalFromRequest, type Goal } from "@standin/pulumi-engine/goal";
import { aliasUrns, makeUrn } from "@standin/pulumi-engine/urn";
import {
  isList,
  Secret,
  toMaskedMap,
  toPlain,
  type EngineValue,
  type PropertyMap,
} from "@standin/pulumi-engine/values";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Resizing } from "../components/machines/resizing";
import { MADE_UP, MADE_UP_ADDRESSES } from "../diff/model/madeUp";
import { PROJECT, registerWith } from "../stacks/emittedGraph";
import type { EstatePlan } from "../stacks/plan";

/** One resource, in plain JSON. Lists are sorted where their order says nothing. */
export interface Registration {
  readonly urn: string;
  readonly protect: boolean;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** URNs. */
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** URNs under which it may be known already: its own aliases, and those that follow from its parent's. */
  readonly aliases: readonly string[];
  /** Those that are set. */
  readonly options: Readonly<Record<string, unknown>>;
}

type Answer = (error: unknown, response?: RegisterResourceResponse) => void;

/** Answers like the mocks, and keeps what it was asked for. */
class Recorder extends MockMonitor {
  readonly registrations: Registration[] = [];
  /** URN -> the one under which it may be known: what follows for its children. */
  readonly #renamed = new Map<string, string>();

  constructor(
    mocks: runtime.Mocks,
    private readonly stack: string,
  ) {
    super(mocks);
    // A URN has the types of all parents; the SDK's own mocks name the last one alone, in a method that is private.
    const newUrn = (parent: string, type: string, name: string): string => makeUrn(stack, PROJECT, parent, type, name);
    Object.assign(this, { newUrn });
  }

  override registerResource(request: RegisterResourceRequest, answer: Answer): Promise<void> {
    return super.registerResource(request, (error: unknown, response?: RegisterResourceResponse) => {
      if (response !== undefined) this.#record(response.getUrn(), goalFromRequest(request));
      answer(error, response);
    });
  }

  /** Nobody runs them here: what is bound to them stands in the resource's options. */
  registerResourceHook(_request: RegisterResourceHookRequest, answer: (error: null, done: Empty) => void): void {
    answer(null, new Empty());
  }

  #record(urn: string, goal: Goal): void {
    // Types and name stand in the URN.
    const {
      protect,
      inputs,
      dependencies,
      propertyDependencies,
      aliases: given,
      type: _type,
      name: _name,
      ...options
    } = goal;
    const aliases = aliasUrns({ ...goal, stack: this.stack, project: PROJECT, renamed: this.#renamed }, given);
    if (aliases[0] !== undefined) this.#renamed.set(urn, aliases[0]);
    this.registrations.push({
      urn,
      protect: protect === true,
      inputs: shownMap(inputs),
      dependencies: [...dependencies].sort(),
      propertyDependencies: Object.fromEntries(
        Object.entries(propertyDependencies).map(([property, urns]) => [property, [...urns].sort()]),
      ),
      aliases,
      options: Object.fromEntries(Object.entries(options).filter(([, value]) => isSet(value))),
    });
  }
}

const pem = (label: string, text: string): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(text).toString("base64")}\n-----END ${label}-----\n`;

/** What providers make by themselves, and a program reads: made up, in the form in which it would be. */
function made(name: string): Readonly<Record<string, Input<string>>> {
  const of = (what: string): string => `${MADE_UP}${what} of ${name}`;
  const publicKey = `ssh-ed25519 ${Buffer.from(of("key")).toString("base64")}`;
  return {
    // random
    result: secret(of("password")),
    hex: secret(checksum(of("bytes"))),
    // tls
    privateKeyPem: secret(pem("PRIVATE KEY", of("private key"))),
    privateKeyOpenssh: secret(of("OpenSSH private key")),
    publicKeyOpenssh: publicKey,
    certRequestPem: of("request"),
    certPem: pem("CERTIFICATE", of("certificate")),
    validityEndTime: "2030-01-01T00:00:00Z",
    // command
    stdout: name.endsWith("-ca") ? pem("CERTIFICATE", of("authority")) : publicKey,
    // hcloud
    ...MADE_UP_ADDRESSES,
  };
}

/**
 * Everything that a plan registers, by URN, as after an `up`: what only a provider would know, secrets among it, is made
 * up from the resource's name, so that every text is whole and is the same in each run.
 *
 * @param resizing servers whose type changes in this run. Default: none.
 */
export function registrations(plan: EstatePlan, resizing?: Resizing): Promise<readonly Registration[]> {
  return record(plan.environment.name, (mocks, monitor) =>
    registerWith(plan, mocks, { monitor, preview: false, resizing }),
  );
}

/**
 * The same of any program.
 *
 * @param run runs it to its end, with these mocks and this monitor.
 * @throws the first error of what is computed from values that are made up.
 */
export async function record(
  stack: string,
  run: (mocks: runtime.Mocks, monitor: MockMonitor) => Promise<unknown>,
): Promise<readonly Registration[]> {
  const mocks: runtime.Mocks = {
    call: () => ({}),
    newResource: ({ type, name, inputs }) => ({
      id: madeUpId(type, name),
      state: { ...made(generation(name, inputs)), ...(inputs as Record<string, unknown>) },
    }),
  };
  const recorder = new Recorder(mocks, stack);
  // Such an error ends nothing by itself: resources would be missing, and nothing said.
  const errors: unknown[] = [];
  const note = (error: unknown): void => void errors.push(error);
  process.on("unhandledRejection", note);
  try {
    await run(mocks, recorder);
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.removeListener("unhandledRejection", note);
  }
  if (errors.length > 0) throw errors[0] instanceof Error ? errors[0] : new Error(String(errors[0]));
  return recorder.registrations.sort((a, b) => (a.urn < b.urn ? -1 : 1));
}

/** The id that a resource is given here. */
export const madeUpId = (type: string, name: string): string => String(parseInt(checksum(`${type}::${name}`), 16));

/** Another value of what a provider makes, where the program asks for another one (random: keepers). */
function generation(name: string, inputs: unknown): string {
  const { keepers } = inputs as { readonly keepers?: unknown };
  return keepers === undefined ? name : `${name} for ${JSON.stringify(keepers)}`;
}

/** Twelve hex digits: fit for an id, which is a number at Hetzner. */
function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** Secrets are made up: they are shown, so that a difference can be read. */
function shown(value: EngineValue): EngineValue {
  if (value instanceof Secret) {
    const plain = toPlain(value.value);
    return typeof plain === "string" ? `[secret] ${plain}` : { "[secret]": plain as EngineValue };
  }
  if (isList(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]: [string, EngineValue]) => [key, shown(entry)]));
}

const shownMap = (map: PropertyMap): Record<string, unknown> =>
  toMaskedMap(Object.fromEntries(Object.entries(map).map(([key, value]) => [key, shown(value)])));

function isSet(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== "" && value !== false;
}
