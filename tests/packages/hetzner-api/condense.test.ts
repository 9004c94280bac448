import { condense, printContract } from "../../../packages/hetzner-api/contract/condense";
import type { Json } from "../../../packages/hetzner-api/contract/contractFile";
import { amend, loadContract, readAmendments, readContract } from "../../../packages/hetzner-api/contract/contract";
import { Contract } from "./support/contract";

const pet = {
  title: "Pet",
  description: "An animal that lives with people.",
  type: "object",
  required: ["id", "name"],
  properties: {
    id: { type: "integer", format: "int64", minimum: 1, maximum: 9007199254740991, description: "Its number." },
    name: { type: "string", maxLength: 20, nullable: true },
    kind: { type: "string", enum: ["cat", "dog"], nullable: true, "x-enumDescriptions": { cat: "Purrs." } },
    description: { type: "string" },
  },
};
const json = (schema: object) => ({ content: { "application/json": { schema } } });
const answer = json({ type: "object", properties: { pet: { $ref: "#/components/schemas/Pet" } }, required: ["pet"] });
const spec = {
  paths: {
    "/pets": {
      post: {
        summary: "Takes in a pet.",
        requestBody: json({ type: "object", properties: { name: { type: "string" } } }),
        responses: { 201: answer },
      },
    },
    "/pets/{id}": {
      get: {
        parameters: [
          { in: "path", name: "id", required: true, schema: { type: "integer" } },
          { in: "query", name: "sort", schema: { type: "string", enum: ["id", "name"] } },
        ],
        responses: { 200: answer },
      },
      delete: { responses: { 204: {} } },
    },
  },
  components: { schemas: { Pet: pet } },
} as unknown as Json;

describe("condensing a description", () => {
  it("keeps paths, fields, types, what is required, enumerations and limits, and no text", () => {
    const contract = condense(spec, "made up");
    expect(contract.operations).toEqual({
      "POST /pets": {
        body: { type: "object", properties: { name: { type: "string" } } },
        responses: { 201: { $ref: "#/$defs/pets" } },
      },
      "GET /pets/{id}": {
        query: { type: "object", properties: { sort: { type: "string", enum: ["id", "name"] } } },
        responses: { 200: { $ref: "#/$defs/pets" } },
      },
      "DELETE /pets/{id}": { responses: { 204: "empty" } },
    });
    expect(contract.$defs["pets"]).toEqual({
      type: "object",
      required: ["pet"],
      properties: {
        pet: {
          type: "object",
          required: ["id", "name"],
          properties: {
            id: { type: "integer", minimum: 1 },
            name: { type: ["string", "null"], maxLength: 20 },
            kind: { type: ["string", "null"], enum: ["cat", "dog", null] },
            description: { type: "string" },
          },
        },
      },
    });
    expect(printContract(contract)).not.toMatch(/animal|Purrs|Takes|number/);
    expect(JSON.parse(printContract(contract))).toEqual(contract);
  });

  it("refuses a keyword that it does not know, and says where", () => {
    const changed = JSON.parse(JSON.stringify(spec).replace('"maxLength"', '"longest"')) as Json;
    expect(() => condense(changed, "made up")).toThrow(
      "POST /pets 201.properties.pet.properties.name.longest: unknown keyword; say in condense.ts whether it is a fact or a text",
    );
  });
});

describe("Hetzner's contract", () => {
  it("holds no sentence of the description", () => {
    const texts = (node: unknown): string[] =>
      typeof node === "string"
        ? [node]
        : node === null || typeof node !== "object"
          ? []
          : Object.values(node).flatMap(texts);
    const { operations, $defs } = readContract();
    expect(texts({ operations, $defs }).filter((text) => / /.test(text))).toEqual([]);
  });

  it("is amended where Hetzner is known to differ, by every amendment that says how", () => {
    const current = loadContract();
    const amended = readAmendments().map((amendment) => {
      const after = amend(current, amendment);
      return { ...amendment, differs: JSON.stringify(after) !== JSON.stringify(current) };
    });
    expect(amended.filter(({ differs, followed, patch }) => differs !== (patch !== undefined && !followed))).toEqual(
      [],
    );
    const all = readAmendments().reduce(amend, readContract());
    // Shapes have names of their own making: after a newer description they may be others.
    expect(Object.keys(all.$defs)).toEqual(Object.keys(current.$defs));
    expect(() => new Contract(all).compileAll()).not.toThrow();
  });
});

describe("the judge", () => {
  const judge = new Contract(condense(spec, "made up"));
  const exchange = {
    method: "GET",
    path: "/pets/1",
    request: undefined,
    status: 200,
    answer: { pet: { id: 1, name: null } },
  };

  it("passes what fits", () => {
    expect(judge.check(exchange)).toEqual([]);
    expect(judge.check({ ...exchange, method: "DELETE", status: 204, answer: undefined })).toEqual([]);
  });

  it("names what does not", () => {
    expect(judge.check({ ...exchange, answer: { pet: { id: 0, name: "a", kind: "cow" } } })).toEqual([
      "GET /pets/{id} 200: /pet/id must be >= 1",
      "GET /pets/{id} 200: /pet/kind must be equal to one of the allowed values",
    ]);
    expect(judge.check({ ...exchange, status: 202 })).toEqual(["GET /pets/{id}: status 202 is not described (200)"]);
    expect(judge.check({ ...exchange, method: "DELETE", status: 204 })).toEqual(["DELETE /pets/{id}: 204 has no body"]);
    expect(judge.check({ ...exchange, method: "POST", path: "/pets", request: { name: 5 }, status: 201 })).toEqual([
      "POST /pets accepts: /name must be string",
    ]);
  });

  it("holds a route against nobody's contract for a defect", () => {
    expect(judge.check({ ...exchange, path: "/plants/1" })).toEqual(["GET /plants/1: Hetzner's API has no such route"]);
    expect(judge.check({ ...exchange, path: "/plants/1", status: 404 })).toEqual([]);
  });
});
