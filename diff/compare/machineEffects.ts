import { at, integer, list, text } from "../../verifier/read/graph";
import type { EmittedOne } from "../model/emitted";
import type { Effect } from "../model/model";
import { counted, groupBy, listed } from "./names";
import { isComponent, type ResourceChange } from "./resources";

const SERVER = "hcloud:index/server:Server";
const BALANCER = "hcloud:index/loadBalancer:LoadBalancer";
const PRIVATE_KEY = "tls:index/privateKey:PrivateKey";
const SECRETS = ["random:index/randomPassword:RandomPassword", "random:index/randomBytes:RandomBytes", PRIVATE_KEY];

/** Objects of Kubernetes whose end is somebody's loss; the others only serve these. */
const LOST_WITH_DATA = ["Namespace", "StatefulSet", "PersistentVolumeClaim"];
const LOST = [...LOST_WITH_DATA, "Deployment", "DaemonSet", "CronJob", "Ingress", "HTTPRoute"];

/** Whose coming is worth a word beside machines and balancers: names, certificates, addresses, disks. */
const FREELY_MADE = /^(ZoneRrset|Zone|ManagedCertificate|UploadedCertificate|PrimaryIp|FloatingIp|Volume|Firewall)$/;

/** Parts of others, whose end shows in whose way changes, or in nothing. */
const SERVING =
  /^(LoadBalancerTarget|LoadBalancerNetwork|FirewallAttachment|NetworkSubnet|PlacementGroup|Rdns|SshKey)$/;

/** "server redis-01", "Deployment n8n/n8n-main"; a Job without the digest that its name ends in. */
export function called({ type, name, inputs }: EmittedOne): string {
  const metadata = inputs["metadata"];
  const namespace = text(at(metadata, "namespace"));
  const full = type.startsWith("kubernetes:") ? (text(at(metadata, "name")) ?? name) : name;
  const own = type.endsWith(":Job") ? full.replace(/-[0-9a-f]{8}$/, "") : full;
  return `${kindOf(type)} ${namespace === undefined ? "" : `${namespace}/`}${own}`;
}

const kindOf = (type: string): string => {
  const last = type.split(":").at(-1) ?? type;
  return type.startsWith("kubernetes:") ? last : last.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
};

/** Machines, balancers and whatever else is made, resized, replaced or deleted; what is protected; secrets. */
export function machineEffects(changes: readonly ResourceChange[]): readonly Effect[] {
  return [...changes.flatMap(effectsOf), ...takenAddresses(changes), ...secretEffects(changes)];
}

/** A new machine at the address of one that goes: what is new is made first, and Hetzner gives no address twice. */
function takenAddresses(changes: readonly ResourceChange[]): readonly Effect[] {
  const addresses = ({ type, inputs }: EmittedOne): readonly string[] =>
    type === SERVER ? list(inputs["networks"]).flatMap((network) => text(at(network, "ip")) ?? []) : [];
  const gone = changes.flatMap(({ operation, before }) =>
    operation === "delete" && before !== undefined ? addresses(before).map((ip) => ({ ip, of: called(before) })) : [],
  );
  return changes.flatMap(({ operation, after }) =>
    operation !== "create" || after === undefined
      ? []
      : gone
          .filter(({ ip }) => addresses(after).includes(ip))
          .map(({ ip, of }): Effect => ({
            kind: "fails",
            subject: called(after),
            what: `wants ${ip}, which ${of} has until it is deleted; what is new is made first, so Hetzner refuses it`,
            by: ["another address, or two changes: first without the one, then with the other"],
          })),
  );
}

function effectsOf(change: ResourceChange): readonly Effect[] {
  const { operation, before, after } = change;
  const one = after ?? before;
  if (one === undefined || isComponent(one.type)) return [];
  const bare: readonly Effect[] =
    before?.protect === true && after?.protect === false && operation !== "replace"
      ? [{ kind: "data", subject: called(after), what: "no longer protected from deletion", by: [] }]
      : [];
  if (SECRETS.includes(one.type)) return bare;
  if (before !== undefined && (operation === "delete" || operation === "replace")) return endOf(change, before);
  return [
    ...(operation === "create" ? madeOf(one) : []),
    ...(before !== undefined && after !== undefined ? resized(before, after) : []),
    ...bare,
  ];
}

function endOf({ operation, because }: ResourceChange, before: EmittedOne): readonly Effect[] {
  const verb = operation === "delete" ? "deleted" : "deleted and made anew";
  const kind = operation === "delete" ? "deleted" : "replaced";
  const subject = called(before);
  if (before.protect) {
    const what = `protected, and to be ${verb}: an up refuses that until consentToDelete names it`;
    return [{ kind: "data", subject, what, by: because }];
  }
  const [package_ = ""] = before.type.split(":");
  const object = before.type.split(":").at(-1) ?? "";
  if (before.retainOnDelete && operation === "delete")
    return [{ kind, subject, what: "given up: it stays, and no stack has it any more", by: because }];
  if (package_ === "hcloud" && !SERVING.test(object)) return [{ kind, subject, what: verb, by: because }];
  if (package_ !== "kubernetes") return [];
  if (object === "Job")
    return operation === "replace" ? [{ kind: "rollsOut", subject, what: "to run again", by: because }] : [];
  if (!LOST.includes(object)) return [];
  const loss = object === "Namespace" ? ", with everything in it" : "";
  return [{ kind, subject, what: verb + loss, by: because }];
}

function madeOf(one: EmittedOne): readonly Effect[] {
  const made = (what: string): readonly Effect[] => [{ kind: "created", subject: called(one), what, by: [] }];
  const [package_ = ""] = one.type.split(":");
  const object = one.type.split(":").at(-1) ?? "";
  if (package_ === "kubernetes") {
    const images = list(at(one.inputs, "spec", "template", "spec", "containers")).flatMap(
      (container) => text(at(container, "image")) ?? [],
    );
    const pods = integer(at(one.inputs, "spec", "replicas"));
    if (object === "Deployment" || object === "StatefulSet")
      return made(`${pods === undefined ? "pods" : counted(pods, "pod")} of ${listed(images)}`);
    if (object === "DaemonSet") return made(`a pod of ${listed(images)} on each node`);
    return object === "Job"
      ? made(`runs once: ${listed(images)}`)
      : object === "CronJob"
        ? made("runs by the clock")
        : [];
  }
  if (package_ !== "hcloud" || SERVING.test(object)) return [];
  if (one.type !== SERVER && one.type !== BALANCER) return FREELY_MADE.test(object) ? made("is made") : [];
  const size = text(one.inputs["serverType"]) ?? text(one.inputs["loadBalancerType"]) ?? "a size that is not known";
  const place = text(one.inputs["location"]) ?? "a place that is not known";
  return [{ kind: "created", subject: called(one), what: `${size} in ${place}`, by: [] }];
}

function resized(before: EmittedOne, after: EmittedOne): readonly Effect[] {
  const property = after.type === SERVER ? "serverType" : "loadBalancerType";
  const [old, now] = [before, after].map(({ inputs }) => text(inputs[property]));
  if (old === undefined || now === undefined || old === now) return [];
  if (after.type === BALANCER)
    return [{ kind: "scales", subject: called(after), what: `${old} -> ${now}, in place`, by: [] }];
  const disk =
    after.inputs["keepDisk"] === true
      ? "the disk keeps its size"
      : "the disk grows along, so that there is no way back to a smaller one";
  const off = (after.hooks ?? []).length > 0 ? "shut down by itself in its cluster's turn" : "powered off hard";
  const what = `${off}, ${old} -> ${now}, started again; ${disk}`;
  return [
    { kind: "poweredOff", subject: called(after), what, by: ["if Hetzner has none of that type left, it stays off"] },
  ];
}

/** Secrets by their names alone. */
function secretEffects(changes: readonly ResourceChange[]): readonly Effect[] {
  const some = changes.filter(({ before, after }) => SECRETS.includes((after ?? before)?.type ?? ""));
  const names = (wanted: (change: ResourceChange) => boolean): readonly string[] =>
    some.filter(wanted).map(({ before, after }) => (after ?? before)?.name ?? "");
  const [made, gone] = [
    names(({ operation }) => operation === "create"),
    names(({ operation }) => operation === "delete"),
  ];
  // A key has no keepers: its name carries the rotation.
  const stem = (name: string): string => name.replace(/-\d+$/, "");
  const turned = made.filter((name) => gone.some((old) => stem(old) === stem(name)));
  const others = (all: readonly string[]): readonly string[] =>
    all.filter((name) => !turned.some((one) => stem(one) === stem(name)));
  const rotated = [...names(({ operation }) => operation === "replace"), ...turned];
  const protectedOnes = new Set(
    some.filter(({ before }) => before?.protect === true).map(({ before }) => before?.name),
  );
  const row = (all: readonly string[], what: (many: boolean) => string): readonly Effect[] =>
    [...groupBy(all, (name) => (protectedOnes.has(name) ? "data" : "secret"))].map(([kind, few]) => ({
      kind: kind === "data" ? "data" : "secret",
      subject: listed(few, 12),
      what:
        what(few.length > 1) +
        (kind === "data" ? "; protected: what it encrypts would be lost, and an up refuses it" : ""),
      by: [],
    }));
  return [
    ...row(rotated, (many) => (many ? "get new values" : "gets a new value")),
    ...row(others(gone), (many) => (many ? "are secrets no longer" : "is a secret no longer")),
    ...row(others(made), (many) => (many ? "are new secrets" : "is a new secret")),
  ];
}
