import { resourceChanges } from "../../diff/compare/resources";
import { FORMAT, type EmittedEstate, type EmittedOne } from "../../diff/model/emitted";

const resource = (type: string, name: string, more: Partial<EmittedOne>): EmittedOne => ({
  urn: `urn:pulumi:test::keybuzz::${type}::${name}`,
  type,
  name,
  id: name,
  protect: false,
  inputs: {},
  propertyDependencies: {},
  aliases: [],
  ignoreChanges: [],
  replaceOnChanges: [],
  retainOnDelete: false,
  ...more,
});
const estate = (...resources: readonly EmittedOne[]): EmittedEstate => ({
  format: FORMAT,
  stack: "test",
  resources,
  declaration: {},
  hosts: {},
});

describe("what an up makes of a resource", () => {
  const CERTIFICATE = "hcloud:index/managedCertificate:ManagedCertificate";
  const certificate = (attempt: string, replaceOnChanges: readonly string[]): EmittedOne =>
    resource(CERTIFICATE, "web", { inputs: { labels: { attempt, group: "web" } }, replaceOnChanges });

  test("a field for which it asks to be made anew replaces it, although the provider would change it in place", () => {
    const of = (...fields: readonly string[]): unknown =>
      resourceChanges(estate(certificate("1", fields)), estate(certificate("2", fields))).changes;
    expect(of("labels.attempt")).toMatchObject([{ operation: "replace", because: ["labels.attempt"] }]);
    expect(of("labels")).toMatchObject([{ operation: "replace", because: ["labels.attempt"] }]);
    expect(of("labels.group", "labels.att")).toMatchObject([{ operation: "update", because: [] }]);
  });

  test("a field that it leaves alone does not change, however deep it is", () => {
    const claim = (storage: string, accessModes: readonly string[]): EmittedOne =>
      resource("kubernetes:core/v1:PersistentVolumeClaim", "data", {
        inputs: {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          spec: { accessModes, resources: { requests: { storage } } },
        },
        ignoreChanges: ["spec.resources.requests.storage"],
      });
    const once = ["ReadWriteOnce"];
    expect(resourceChanges(estate(claim("1Gi", once)), estate(claim("2Gi", once)))).toEqual({ changes: [], same: 1 });
    const { changes } = resourceChanges(estate(claim("1Gi", once)), estate(claim("2Gi", ["ReadWriteMany"])));
    expect(changes).toMatchObject([{ operation: "replace", because: ["spec.accessModes"] }]);
    expect(changes[0]?.changes).toHaveLength(1);
  });

  test("a host's script is told by what changes on the host, not by its digest", () => {
    const command = (digest: string): EmittedOne =>
      resource("command:remote:Command", "a-config", { inputs: { create: `sudo bash -s # ${digest.repeat(16)}` } });
    expect(resourceChanges(estate(command("1")), estate(command("2")))).toEqual({ changes: [], same: 1 });
  });
});
