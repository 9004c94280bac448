import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { UNKNOWN } from "./provider";
import type { EngineValue, PropertyMap } from "./values";
import { isList, isMap, Secret, secret } from "./values";

// Markers of Pulumi's wire format: @pulumi/pulumi runtime/rpc.js.
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
export const UNKNOWN_MARKER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const ASSET_SIGNATURE = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE_SIGNATURE = "0def7320c3a5731c473e5ecbe6d01bc7";
// Pulumi keeps other kinds of unknown apart (sdk/go/common/resource/plugin/rpc.go); none of them matters here.
const UNKNOWN_MARKERS = new Set([
  UNKNOWN_MARKER,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Thrown for what the embedded engine does not carry: assets, archives, unknown markers. */
export class UnsupportedValueError extends Error {}

function fromSpecial(map: { readonly [key: string]: unknown }, path: string): EngineValue {
  switch (map[SIGNATURE_KEY]) {
    case SECRET_SIGNATURE:
      return secret(fromWire(map["value"], path));
    case OUTPUT_SIGNATURE: {
      const value = Object.hasOwn(map, "value") ? fromWire(map["value"], path) : UNKNOWN;
      return map["secret"] === true ? secret(value) : value;
    }
    case RESOURCE_SIGNATURE:
      // As for a provider without resource references: the id of a custom resource, the URN of a component.
      return Object.hasOwn(map, "id")
        ? map["id"] === ""
          ? UNKNOWN
          : fromWire(map["id"], path)
        : fromWire(map["urn"], path);
    case ASSET_SIGNATURE:
    case ARCHIVE_SIGNATURE:
      throw new UnsupportedValueError(
        `${path}: an asset or archive; the embedded engine carries plain values only. Pass the text itself, or use the Pulumi CLI.`,
      );
    default:
      throw new UnsupportedValueError(
        `${path}: unknown value marker ${String(map[SIGNATURE_KEY])}; this SDK is newer than the embedded engine.`,
      );
  }
}

/** Decodes one value as Struct.toJavaScript() gives it. @param path where it is, for the error. */
export function fromWire(value: unknown, path: string): EngineValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return UNKNOWN_MARKERS.has(value) ? UNKNOWN : value;
  if (typeof value === "boolean" || typeof value === "number") return value;
  if (Array.isArray(value)) return value.map((v, i) => fromWire(v, `${path}[${i}]`));
  const map = value as { readonly [key: string]: unknown };
  if (Object.hasOwn(map, SIGNATURE_KEY)) return fromSpecial(map, path);
  return Object.fromEntries(Object.entries(map).map(([k, v]) => [k, fromWire(v, path === "" ? k : `${path}.${k}`)]));
}

/** Encodes one value for the wire. */
export function toWire(value: EngineValue): JavaScriptValue {
  if (value === UNKNOWN) return UNKNOWN_MARKER;
  if (value instanceof Secret) {
    // An unknown inside a secret stays a secret for the SDK; inside a bigger value it marks the whole.
    return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value: toWire(value.value) };
  }
  if (isList(value)) return value.map(toWire);
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, toWire(v)]));
  return value;
}

/** Decodes a Struct message; undefined is the empty map. */
export function fromStruct(struct: Struct | undefined): PropertyMap {
  if (struct === undefined) return {};
  return Object.fromEntries(Object.entries(struct.toJavaScript()).map(([k, v]) => [k, fromWire(v, k)]));
}

/** Encodes a property map as a Struct message. */
export function toStruct(map: PropertyMap): Struct {
  return Struct.fromJavaScript(toWire(map) as { [key: string]: JavaScriptValue });
}
