import { randomBytes } from "node:crypto";
import { Admission, requireNamespace } from "./admission";
import { alreadyExists, ApiError, badRequest, forbidden, invalid, notFound } from "./wire/apiError";
import { applyCrdDefaults } from "./crdSchema";
import { applyDefaults } from "./defaults";
import { at, clone, equal, listAt, numberAt, objectAt, textAt, type Json, type JsonObject } from "./wire/json";
import { applyConfiguration, recordUpdate, withoutBookkeeping } from "./managedFields";
import { mergePatch, strategicMergePatch } from "./patches";
import { contentOf, identified, serverMetadata, timestamp } from "./objectIdentity";
import { Registry } from "./registry";
import { type ExtraKind, type ResourceType } from "./wire/resourceType";
import { SchemaValidator } from "./wire/schemaValidator";
import type { Store } from "./store";
import { refOf, type ObjectRef } from "./store";

export interface WriteOptions {
  /** fieldManager, or the client's name where it states none. */
  readonly manager: string;
  readonly dryRun: boolean;
}

/** The API server's write path: who may exist where, validation, defaults, ownership, storage. */
export class Cluster {
  readonly registry: Registry;
  private readonly validator = new SchemaValidator();
  private readonly admission: Admission;
  private queue: Promise<unknown> = Promise.resolve();
  private readonly changed = new Set<() => void>();

  constructor(
    readonly store: Store,
    options: { readonly serviceCidr: string; readonly extraKinds: readonly ExtraKind[] },
  ) {
    this.registry = new Registry(store, options.extraKinds);
    this.admission = new Admission(this.validator, store, options.serviceCidr);
  }

  /** Calls back after every write (the controllers' trigger). */
  onChange(callback: () => void): void {
    this.changed.add(callback);
  }

  /** One writer at a time: validation is asynchronous, and nobody may write between a read and its write. */
  exclusive<T>(work: () => T | Promise<T>): Promise<T> {
    const next = this.queue.then(work);
    this.queue = next.catch(() => undefined);
    return next;
  }

  get(type: ResourceType, namespace: string, name: string): JsonObject {
    const found = this.store.get(refOf(type, namespace, name));
    if (found === undefined) throw notFound(type.plural, type.group, name);
    return found;
  }

  apply(
    type: ResourceType,
    namespace: string,
    name: string,
    config: JsonObject,
    options: WriteOptions & { readonly force: boolean },
  ): Promise<{ readonly object: JsonObject; readonly created: boolean }> {
    return this.exclusive(async () => {
      const stated = identified(type, namespace, name, config);
      if (
        at(stated, "metadata", "managedFields") !== undefined &&
        listAt(stated, "metadata", "managedFields").length > 0
      )
        throw badRequest("metadata.managedFields must be nil");
      const live = this.store.get(refOf(type, namespace, name));
      const merged = applyConfiguration(type, live, stated, options.manager, options.force);
      return { object: await this.write(type, namespace, name, merged, live, options), created: live === undefined };
    });
  }

  create(type: ResourceType, namespace: string, body: JsonObject, options: WriteOptions): Promise<JsonObject> {
    return this.exclusive(async () => {
      const prefix = textAt(body, "metadata", "generateName");
      const stated = textAt(body, "metadata", "name");
      const name =
        stated ?? (prefix === undefined ? undefined : `${prefix}${randomBytes(3).toString("hex").slice(0, 5)}`);
      if (name === undefined)
        throw invalid(type.kind, type.group, "", [
          {
            reason: "FieldValueRequired",
            field: "metadata.name",
            message: "Required value: name or generateName is required",
          },
        ]);
      if (this.store.get(refOf(type, namespace, name)) !== undefined)
        throw alreadyExists(type.plural, type.group, name);
      const { status: _, ...object } = identified(type, namespace, name, body);
      return this.write(
        type,
        namespace,
        name,
        recordUpdate(type, undefined, object, options.manager),
        undefined,
        options,
      );
    });
  }

  replace(
    type: ResourceType,
    namespace: string,
    name: string,
    body: JsonObject,
    options: WriteOptions,
  ): Promise<JsonObject> {
    return this.change(type, namespace, name, options, () => identified(type, namespace, name, body));
  }

  patch(
    type: ResourceType,
    namespace: string,
    name: string,
    patch: JsonObject,
    strategic: boolean,
    options: WriteOptions,
  ): Promise<JsonObject> {
    return this.change(type, namespace, name, options, (live) =>
      identified(
        type,
        namespace,
        name,
        strategic ? strategicMergePatch(type, live, patch) : (mergePatch(live, patch) as JsonObject),
      ),
    );
  }

  /** A client's write to the status subresource, as a merge patch. */
  patchStatus(type: ResourceType, namespace: string, name: string, patch: JsonObject): Promise<JsonObject> {
    return this.exclusive(() => {
      const live = this.get(type, namespace, name);
      return this.setStatus(refOf(type, namespace, name), mergePatch(live.status, patch.status ?? {})) ?? live;
    });
  }

  /** Writes status when it differs; only from within `exclusive` (the controllers are). */
  setStatus(ref: ObjectRef, status: Json): JsonObject | undefined {
    const live = this.store.get(ref);
    if (live === undefined || equal(live.status, status)) return undefined;
    return this.stored(ref, { ...live, status });
  }

  /** Stores an object as it is: for what a controller makes. Only from within `exclusive`. */
  stored(ref: ObjectRef, object: JsonObject): JsonObject {
    const stored = this.store.put(ref, object);
    this.notify();
    return stored;
  }

  remove(
    type: ResourceType,
    namespace: string,
    name: string,
    options: { readonly dryRun: boolean; readonly uid?: string; readonly orphan: boolean },
  ): Promise<JsonObject> {
    return this.exclusive(() => {
      const live = this.get(type, namespace, name);
      const uid = textAt(live, "metadata", "uid") ?? "";
      if (options.uid !== undefined && options.uid !== uid)
        throw new ApiError(
          409,
          "Conflict",
          `Precondition failed: UID in precondition: ${options.uid}, UID in object meta: ${uid}`,
        );
      if (type.kind === "Namespace" && ["default", "kube-system", "kube-public"].includes(name))
        throw forbidden(`namespaces "${name}" is forbidden: this namespace may not be deleted`);
      if (!options.dryRun) {
        if (options.orphan) this.orphanDependents(uid);
        this.erase(refOf(type, namespace, name));
      }
      return {
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Success",
        details: { name, kind: type.plural, uid },
      };
    });
  }

  /** Removes at once, or marks as being deleted where something has still to happen first. Only from within `exclusive`. */
  erase(ref: ObjectRef): void {
    const live = this.store.get(ref);
    if (live === undefined) return;
    const pending =
      listAt(live, "metadata", "finalizers").length > 0 ||
      live.kind === "Namespace" ||
      live.kind === "CustomResourceDefinition";
    if (!pending) this.store.remove(ref);
    else if (at(live, "metadata", "deletionTimestamp") === undefined) {
      const metadata: JsonObject = { ...objectAt(live, "metadata"), deletionTimestamp: timestamp() };
      const status = live.kind === "Namespace" ? { status: { phase: "Terminating" } } : {};
      this.store.put(ref, { ...live, metadata, ...status });
    }
    this.notify();
  }

  /** Removes for good, whatever its finalizers. Only from within `exclusive`. */
  finish(ref: ObjectRef): void {
    this.store.remove(ref);
    this.notify();
  }

  async close(): Promise<void> {
    await this.queue;
    await this.validator.close();
  }

  private notify(): void {
    for (const callback of this.changed) callback();
  }

  private change(
    type: ResourceType,
    namespace: string,
    name: string,
    options: WriteOptions,
    next: (live: JsonObject) => JsonObject,
  ): Promise<JsonObject> {
    return this.exclusive(async () => {
      const live = this.get(type, namespace, name);
      const wanted = next(live);
      const version = textAt(wanted, "metadata", "resourceVersion");
      if (version !== undefined && version !== textAt(live, "metadata", "resourceVersion"))
        throw new ApiError(
          409,
          "Conflict",
          `Operation cannot be fulfilled on ${type.plural} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
          { name, kind: type.plural },
        );
      const { status: _, ...rest } = wanted;
      const object: JsonObject = live.status === undefined ? rest : { ...rest, status: live.status };
      return this.write(type, namespace, name, recordUpdate(type, live, object, options.manager), live, options);
    });
  }

  private async write(
    type: ResourceType,
    namespace: string,
    name: string,
    candidate: JsonObject,
    live: JsonObject | undefined,
    options: WriteOptions,
  ): Promise<JsonObject> {
    if (live === undefined) requireNamespace(this.store, type, namespace, name);
    const object = clone(candidate);
    object.metadata = serverMetadata(type, namespace, name, object, live);
    if (type.schema.source === "crd") applyCrdDefaults(type.schema.schema, object);
    applyDefaults(object);
    await this.admission.judge(type, name, object, live);
    if (live !== undefined && equal(withoutBookkeeping(live), withoutBookkeeping(object))) {
      // Nothing but ownership may have changed: no new generation.
      if (equal(at(live, "metadata", "managedFields"), at(object, "metadata", "managedFields"))) return live;
    } else if (live !== undefined && !equal(contentOf(live), contentOf(object))) {
      objectAt(object, "metadata").generation = (numberAt(live, "metadata", "generation") ?? 1) + 1;
    }
    if (options.dryRun) return object;
    const ref = refOf(type, namespace, name);
    const isDone =
      at(object, "metadata", "deletionTimestamp") !== undefined &&
      listAt(object, "metadata", "finalizers").length === 0;
    if (isDone && type.kind !== "Namespace") this.finish(ref);
    return isDone && type.kind !== "Namespace" ? object : this.stored(ref, object);
  }

  private orphanDependents(uid: string): void {
    for (const { ref, body } of this.store.all()) {
      const owners = listAt(body, "metadata", "ownerReferences");
      const rest = owners.filter((owner) => textAt(owner, "uid") !== uid);
      if (rest.length < owners.length)
        this.store.put(ref, { ...body, metadata: { ...objectAt(body, "metadata"), ownerReferences: rest } });
    }
  }
}
