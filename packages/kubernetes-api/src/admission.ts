import { badRequest, forbidden, invalid, notFound, type Cause } from "./wire/apiError";
import { requireResizable } from "./claimResize";
import { validateCustom } from "./crdSchema";
import { immutabilityCauses } from "./immutability";
import { at, type JsonObject } from "./wire/json";
import type { ResourceType } from "./wire/resourceType";
import type { SchemaFindings, SchemaValidator } from "./wire/schemaValidator";
import { semanticCauses } from "./semantics";
import { allocate } from "./serviceAddresses";
import type { Store } from "./store";

/** @throws ApiError where the namespace of a new object is not there, or on its way out. */
export function requireNamespace(store: Store, type: ResourceType, namespace: string, name: string): void {
  if (!type.namespaced) return;
  const found = store.get({ group: "", plural: "namespaces", namespace: "", name: namespace });
  if (found === undefined) throw notFound("namespaces", "", namespace);
  if (at(found, "metadata", "deletionTimestamp") !== undefined)
    throw forbidden(
      `${type.plural} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    );
}

/** Judges an object about to be written; gives a Service its addresses and ports on the way. */
export class Admission {
  constructor(
    private readonly validator: SchemaValidator,
    private readonly store: Store,
    private readonly serviceCidr: string,
  ) {}

  /** @throws ApiError with every mistake. */
  async judge(type: ResourceType, name: string, object: JsonObject, live: JsonObject | undefined): Promise<void> {
    const findings = await this.findings(type, object);
    if (findings.unknown.length > 0)
      throw badRequest(
        `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: strict decoding error: ${findings.unknown.map((field) => `unknown field "${field}"`).join(", ")}`,
      );
    const causes: Cause[] = [...findings.causes, ...semanticCauses(object)];
    if (type.kind === "Service" && type.group === "")
      causes.push(...allocate(object, live, this.store.list("", "services"), this.serviceCidr));
    if (live !== undefined) causes.push(...immutabilityCauses(live, object));
    const distinct = causes.filter(
      (cause, index) =>
        causes.findIndex((other) => other.field === cause.field && other.reason === cause.reason) === index,
    );
    if (distinct.length > 0) throw invalid(type.kind, type.group, name, distinct);
    if (live !== undefined && type.kind === "PersistentVolumeClaim") requireResizable(this.store, name, live, object);
  }

  private findings(type: ResourceType, object: JsonObject): Promise<SchemaFindings> | SchemaFindings {
    if (type.schema.source === "builtin") return this.validator.validate(type.schema.model, object);
    if (type.schema.source === "crd") return validateCustom(type.schema.schema, object);
    return { causes: [], unknown: [] };
  }
}
