import type { Declaration, DeclaredRecord } from "../declaration";
import type { Finding } from "../finding";
import { at, list, text, type EmittedGraph, type EmittedResource } from "../read/graph";

const RRSET = "hcloud:index/zoneRrset:ZoneRrset";
const MANAGED = "hcloud:index/managedCertificate:ManagedCertificate";
const UPLOADED = "hcloud:index/uploadedCertificate:UploadedCertificate";
const SELF_SIGNED = "tls:index/selfSignedCert:SelfSignedCert";

/**
 * Does every public host have an address in its zone and a certificate, and does each zone carry every record that the
 * domain is declared to have? One that it lacks is lost from the day of its delegation.
 */
export function checkNames({ resources }: EmittedGraph, { names, routes }: Declaration): readonly Finding[] {
  if (names === undefined) return [];
  const setsOf = (zone: string): readonly EmittedResource[] =>
    resources.filter(({ type, inputs }) => type === RRSET && text(inputs["zone"]) === zone);
  const zones = names.map(({ zone }) => zone);
  const hosts = [...new Set(routes.map(({ host }) => host))];
  return [
    ...names.flatMap(({ zone, records }) => records.flatMap((record) => recordFinding(record, zone, setsOf(zone)))),
    ...hosts.flatMap((host) => {
      const zone = innermost(host, zones);
      return zone === undefined ? [foreignFinding(host, zones)] : hostFinding(host, zone, setsOf(zone));
    }),
    ...certificateFindings(resources, hosts),
  ];
}

/** Where resolvers look for a host. */
function innermost(host: string, zones: readonly string[]): string | undefined {
  const within = zones.filter((zone) => host === zone || host.endsWith(`.${zone}`));
  return within.sort((a, b) => b.length - a.length)[0];
}

function foreignFinding(host: string, zones: readonly string[]): Finding {
  return {
    question: "open",
    subject: `the internet -> ${host}`,
    at: `zones ${zones.join(", ")}`,
    rule: "missing: a zone that the host is in",
    value: "there is none",
    remedy: "list its zone in web.otherZones",
  };
}

const strings = (value: unknown): readonly string[] => list(value).flatMap((one) => text(one) ?? []);
const nameOf = (host: string, zone: string): string => (host === zone ? "@" : host.slice(0, -zone.length - 1));

const find = (sets: readonly EmittedResource[], name: string, type: string): EmittedResource | undefined =>
  sets.find(({ inputs }) => text(inputs["name"]) === name && text(inputs["type"]) === type);

function recordFinding(
  { name, type, values }: DeclaredRecord,
  zone: string,
  sets: readonly EmittedResource[],
): Finding[] {
  const set = find(sets, name, type);
  const emitted = list(set?.inputs["records"]).flatMap((record) => text(at(record, "value")) ?? []);
  const lacking = values.filter((value) => !emitted.includes(value));
  const foreign = emitted.filter((value) => !values.includes(value));
  if (lacking.length === 0 && foreign.length === 0) return [];
  return [
    {
      question: "open",
      subject: `${type} of ${name === "@" ? zone : `${name}.${zone}`}`,
      at: `zone ${zone}`,
      rule: set === undefined ? `missing: record set ${name}/${type}` : `record set ${set.name}`,
      value:
        set === undefined
          ? "there is none"
          : [...lacking.map((one) => `without ${one}`), ...foreign.map((one) => `with ${one}`)].join(", "),
      remedy: "let the zone carry what the environment says of its records",
    },
  ];
}

function hostFinding(host: string, zone: string, sets: readonly EmittedResource[]): Finding[] {
  const set = find(sets, nameOf(host, zone), "A");
  if (set !== undefined && list(set.inputs["records"]).length > 0) return [];
  return [
    {
      question: "open",
      subject: `the internet -> ${host}`,
      at: `zone ${zone}`,
      rule: `missing: record set ${nameOf(host, zone)}/A`,
      value: set === undefined ? "there is none" : "it has no record",
      remedy: "give the host the addresses of the web balancers",
    },
  ];
}

/** What an uploaded certificate covers is secret here; whoever configures it is told before (docs/operate.md). */
function certificateFindings(resources: readonly EmittedResource[], hosts: readonly string[]): Finding[] {
  const managed = resources
    .filter(({ type }) => type === MANAGED)
    .flatMap(({ inputs }) => strings(inputs["domainNames"]));
  const uploaded = resources.filter(({ type }) => type === UPLOADED);
  const selfSigned = resources.filter(
    ({ type, name }) => type === SELF_SIGNED && uploaded.some((one) => one.name === name),
  );
  if (uploaded.length > selfSigned.length) return [];
  const covered = [...managed, ...selfSigned.flatMap(({ inputs }) => strings(inputs["dnsNames"]))];
  return hosts
    .filter((host) => !covered.includes(host))
    .map((host) => ({
      question: "open" as const,
      subject: `the internet -> ${host}`,
      at: "certificates",
      rule: `missing: a certificate for ${host}`,
      value: covered.length === 0 ? "there is none" : `there are some for ${covered.join(", ")}`,
      remedy: "give it a managed certificate, or a name in the self-signed one",
    }));
}
