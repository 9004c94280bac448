import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Cause } from "./apiError";
import type { JsonObject } from "./json";

export interface SchemaFindings {
  readonly causes: readonly Cause[];
  /** Paths that the schema does not know (fieldValidation=Strict refuses them). */
  readonly unknown: readonly string[];
}

interface WorkerError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}
type Answer = { readonly id: number } & (
  { readonly failure: string } | { readonly errors: readonly WorkerError[]; readonly unknown: readonly string[] }
);

/** "/spec/containers/0/name" -> "spec.containers[0].name" (JSON pointer escapes undone). */
export function dotted(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, step) => (/^\d+$/.test(step) ? `${path}[${step}]` : path === "" ? step : `${path}.${step}`), "");
}

/** Ajv's error in Kubernetes' words. */
export function causeOf({ instancePath, keyword, params }: WorkerError): Cause {
  const path = dotted(instancePath);
  if (keyword === "required") {
    const missing = String(params.missingProperty);
    const field = path === "" ? missing : `${path}.${missing}`;
    return { reason: "FieldValueRequired", field, message: "Required value" };
  }
  const field = path === "" ? "<root>" : path;
  if (keyword === "enum")
    return {
      reason: "FieldValueNotSupported",
      field,
      message: `Unsupported value; supported: ${JSON.stringify(params.allowedValues)}`,
    };
  if (keyword === "type")
    return { reason: "FieldValueTypeInvalid", field, message: `Invalid value: must be of type ${String(params.type)}` };
  if (keyword === "format")
    return { reason: "FieldValueInvalid", field, message: `Invalid value: must be a ${String(params.format)}` };
  return { reason: "FieldValueInvalid", field, message: `Invalid value: ${keyword} ${JSON.stringify(params)}` };
}

/** The schemas of kubernetes-models (see schemaWorker.mts for why in a thread). The thread starts at the first use. */
export class SchemaValidator {
  private worker: Worker | undefined;
  private readonly waiting = new Map<
    number,
    { readonly resolve: (found: SchemaFindings) => void; readonly reject: (error: Error) => void }
  >();
  private nextId = 1;

  /** @param model e.g. "IoK8sApiAppsV1Deployment". Rejects when the package has no such schema. */
  validate(model: string, object: JsonObject): Promise<SchemaFindings> {
    const worker = (this.worker ??= this.start());
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      worker.postMessage({ id, model, object });
    });
  }

  async close(): Promise<void> {
    await this.worker?.terminate();
    this.worker = undefined;
  }

  private start(): Worker {
    // No loader hooks of the parent: plain Node runs the file.
    const worker = new Worker(join(__dirname, "schemaWorker.mts"), { execArgv: [] });
    worker.on("message", (answer: Answer) => {
      const asked = this.waiting.get(answer.id);
      this.waiting.delete(answer.id);
      if ("failure" in answer) asked?.reject(new Error(answer.failure));
      else asked?.resolve({ causes: answer.errors.map(causeOf), unknown: answer.unknown });
    });
    worker.on("error", (error) => {
      for (const { reject } of this.waiting.values()) reject(error instanceof Error ? error : new Error(String(error)));
      this.waiting.clear();
    });
    worker.on("exit", () => {
      for (const { reject } of this.waiting.values()) reject(new Error("the schema validator was stopped"));
      this.waiting.clear();
    });
    return worker;
  }
}
