import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import type { ContractFile, ContractOperation, Schema } from "../../../../packages/hetzner-api/contract/contractFile";
import { loadContract } from "../../../../packages/hetzner-api/contract/contract";

export interface Exchange {
  readonly method: string;
  /** Without /v1 and without a query. */
  readonly path: string;
  readonly request: unknown;
  readonly status: number;
  readonly answer: unknown;
}

interface Known {
  readonly name: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly operation: ContractOperation;
}

/**
 * A request may leave out what has a default, and the description does not say reliably what that is: an added service
 * needs every field there, while Hetzner's own client sends two (hcloud-go, LoadBalancerAddServiceOpts).
 */
function whereGiven(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(whereGiven);
  if (node === null || typeof node !== "object") return node;
  const entries = Object.entries(node).filter(([key, value]) => !(key === "required" && Array.isArray(value)));
  // Without what they demand, several of them may fit.
  return Object.fromEntries(entries.map(([key, value]) => [key === "oneOf" ? "anyOf" : key, whereGiven(value)]));
}

/** Hetzner's contract as a judge of what is asked and answered. */
export class Contract {
  readonly operations: readonly string[];
  /** Operations that were answered well at least once. */
  readonly seen = new Set<string>();
  private readonly ajv = new Ajv({ strict: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly known: readonly Known[];

  constructor(file: ContractFile = loadContract()) {
    addFormats(this.ajv);
    this.ajv.addFormat("decimal", /^-?\d+(\.\d+)?$/);
    this.ajv.addSchema({ $id: "answers", $defs: file.$defs });
    this.ajv.addSchema({ $id: "requests", $defs: whereGiven(file.$defs) as object });
    this.operations = Object.keys(file.operations);
    this.known = Object.entries(file.operations)
      .map(([name, operation]) => {
        const [method = "", path = ""] = name.split(" ");
        return { name, method, operation, pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`) };
      })
      // Literal segments win over parameters, as in a router.
      .sort((a, b) => a.name.split("{").length - b.name.split("{").length);
  }

  /** What the contract holds against an exchange; empty when it fits. A route that it does not have does not fit. */
  check({ method, path, request, status, answer }: Exchange): string[] {
    const match = this.known.find((candidate) => candidate.method === method && candidate.pattern.test(path));
    // Nobody answers there: neither Hetzner nor the local cloud.
    if (match === undefined) return status === 404 ? [] : [`${method} ${path}: Hetzner's API has no such route`];
    const { name, operation } = match;
    const { responses } = operation;
    const key = String(status) in responses ? String(status) : `${Math.floor(status / 100)}xx`;
    const response = responses[key];
    if (response === undefined)
      return [`${name}: status ${status} is not described (${Object.keys(responses).join(", ")})`];
    if (status < 300) this.seen.add(name);
    return [
      // What Hetzner would refuse must not be taken.
      ...(status < 300 && operation.body !== undefined
        ? this.judge(`${name} accepts`, "requests", operation.body, request ?? {})
        : []),
      ...(response !== "empty"
        ? this.judge(`${name} ${status}`, "answers", response, answer)
        : answer === undefined
          ? []
          : [`${name}: ${status} has no body`]),
    ];
  }

  /** @throws Error when a shape leads nowhere. */
  compileAll(): void {
    for (const { name, operation } of this.known) {
      for (const [status, response] of Object.entries(operation.responses))
        if (response !== "empty") this.validator(`${name} ${status}`, "answers", response);
      if (operation.body !== undefined) this.validator(`${name} accepts`, "requests", operation.body);
    }
  }

  private judge(where: string, side: "requests" | "answers", schema: Schema, value: unknown): string[] {
    const validate = this.validator(where, side, schema);
    return validate(value)
      ? []
      : (validate.errors ?? []).map((error) => `${where}: ${error.instancePath} ${error.message ?? ""}`);
  }

  private validator(where: string, side: "requests" | "answers", schema: Schema): ValidateFunction {
    let validate = this.validators.get(where);
    if (validate === undefined) {
      const text = JSON.stringify(side === "requests" ? whereGiven(schema) : schema);
      validate = this.ajv.compile(JSON.parse(text.replaceAll('"#/$defs/', `"${side}#/$defs/`)) as object);
      this.validators.set(where, validate);
    }
    return validate;
  }
}
