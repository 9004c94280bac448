import { duplicates, shown, type Mistake } from "../components/mistakes";
import { nameInZone, type DnsRecordSpec } from "../components/network/dnsRecords";
import type { Environment } from "./environment";
import { publicHosts } from "./publicHosts";
import { webZones, zoneOf, type WebZone } from "./webZones";

/** Who issues Hetzner's managed certificates, as CAA records name him (letsencrypt.org, CAA). */
const ISSUER = "letsencrypt.org";

interface Owned {
  readonly name: string;
  readonly by: string;
}

/** Names that the program itself gives addresses to, within the zone. */
function ownNames(environment: Environment, zone: string): readonly Owned[] {
  const { web, hosts, workloads } = environment;
  const named = publicHosts(workloads)
    .filter(({ host }) => zoneOf(host, environment) === zone)
    .map(({ host, path }) => ({ name: nameInZone(host, zone), by: path }));
  if (zone !== web.zone) return named;
  return [
    ...named,
    ...web.loadBalancers.map(({ name }, i) => ({ name, by: `web.loadBalancers[${i}]` })),
    ...hosts.flatMap(({ name, role }, i) => (role === "bastion" ? [{ name, by: `hosts[${i}]` }] : [])),
  ];
}

const isWithin = (name: string, parent: string): boolean => name !== parent && name.endsWith(`.${parent}`);

/** Every mistake in the zones: what Hetzner would refuse half-way through a run, and what would cost mail or hosts. */
export function dnsRules(environment: Environment): readonly Mistake[] {
  const zones = webZones(environment);
  return [
    ...duplicates(
      zones,
      ({ zone }) => zone,
      ({ zone, path }, first) => ({
        path: `${path}.zone`,
        found: `${shown(zone)}, as ${first.path}.zone says`,
        allowed: "each zone once",
        fix: "remove one",
      }),
    ),
    ...zones.flatMap((one) => recordMistakes(environment, one)),
  ];
}

function recordMistakes(
  environment: Environment,
  { path: place, zone, manageZone, records }: WebZone,
): readonly Mistake[] {
  if (records === undefined) {
    if (!manageZone) return [];
    return [
      {
        path: `${place}.records`,
        found: "nothing",
        allowed: `every record of ${zone}, also its MX, SPF, DKIM and other hosts: a zone that is delegated to Hetzner must carry them, or they are lost`,
        fix: "list what the domain has beside this estate's own hosts, [] if that is nothing",
      },
    ];
  }
  const own = ownNames(environment, zone);
  const all = records.map((record, i) => ({ record, path: `${place}.records[${i}]` }));
  return [
    ...duplicates(
      all,
      ({ record }) => `${record.name}/${record.type}`,
      ({ record, path }, first) => ({
        path,
        found: `${record.name} ${record.type}, as in ${first.path}`,
        allowed: "one record set for a name and a type",
        fix: "put the values together there",
      }),
    ),
    ...all.flatMap(({ record, path }) => [
      ...repeatedValues(record, path),
      ...clashes(record, path, own),
      ...besideAlias(record, path, records),
      ...delegated(record, path, own, records),
      ...(environment.web.certificate === "managed" ? unissuable(record, path) : []),
    ]),
  ];
}

function repeatedValues({ values }: DnsRecordSpec, path: string): readonly Mistake[] {
  const texts = values.map((value) => JSON.stringify(value));
  const twice = texts.findIndex((value, i) => texts.indexOf(value) !== i);
  return twice < 0
    ? []
    : [
        {
          path: `${path}.values[${twice}]`,
          found: `${shown(values[twice])} twice`,
          allowed: "each value once",
          fix: "remove one",
        },
      ];
}

function clashes({ name, type }: DnsRecordSpec, path: string, own: readonly Owned[]): readonly Mistake[] {
  const found = `${name} ${type}`;
  if (name === "@" && (type === "NS" || type === "CNAME"))
    return [
      {
        path,
        found,
        ...(type === "NS"
          ? { allowed: "none of the zone itself: Hetzner makes it", fix: "remove it" }
          : { allowed: "none at the zone itself, where NS and SOA are", fix: "give it addresses (A, AAAA)" }),
      },
    ];
  const owner = own.find((one) => one.name === name);
  if (owner === undefined || !["A", "AAAA", "CNAME", "NS"].includes(type)) return [];
  return [
    {
      path,
      found: `${found}, the name of ${owner.by} too`,
      allowed: "names whose address this program does not write",
      fix: "remove one of them",
    },
  ];
}

function besideAlias({ name, type }: DnsRecordSpec, path: string, all: readonly DnsRecordSpec[]): readonly Mistake[] {
  if (type === "CNAME" || !all.some((other) => other.name === name && other.type === "CNAME")) return [];
  return [
    {
      path,
      found: `${name} ${type} beside a CNAME`,
      allowed: "a CNAME alone at its name",
      fix: "remove one of them",
    },
  ];
}

/** What is below a delegated name is answered by its own servers, and never by this zone. */
function delegated(
  { name, type }: DnsRecordSpec,
  path: string,
  own: readonly Owned[],
  all: readonly DnsRecordSpec[],
): readonly Mistake[] {
  if (type !== "NS" || name === "@") return [];
  const below = [...own.map((one) => one.name), ...all.map((one) => one.name)].filter((one) => isWithin(one, name));
  return [...new Set(below)].map((lost) => ({
    path,
    found: `${name} NS, which hands ${name} to other servers, so that ${lost} in this zone is never asked for`,
    allowed: "nothing in this zone below a name that others answer for",
    fix: `move ${lost} there`,
  }));
}

function unissuable(record: DnsRecordSpec, path: string): readonly Mistake[] {
  if (record.type !== "CAA") return [];
  const issuers = record.values.filter(({ tag }) => tag === "issue");
  if (issuers.length === 0 || issuers.some(({ value }) => value.split(";")[0]?.trim() === ISSUER)) return [];
  return [
    {
      path,
      found: `${issuers.map(({ value }) => value).join(", ")} alone`,
      allowed: `${ISSUER} among them: it issues the managed certificates`,
      fix: `add { tag: "issue", value: "${ISSUER}" }, or upload a certificate`,
    },
  ];
}

/**
 * A zone within another one that this program manages needs the NS records of its parent.
 *
 * @param others every environment of the program; those without a zone of their own do not matter.
 */
export function delegationRules(environment: Environment, others: readonly Environment[]): readonly Mistake[] {
  const parents = others.flatMap((other) => webZones(other).map((one) => ({ ...one, stack: other.name })));
  const managed = webZones(environment).filter(({ manageZone }) => manageZone);
  return managed.flatMap(({ path, zone }) =>
    parents.flatMap((parent) => {
      if (!parent.manageZone || !isWithin(zone, parent.zone)) return [];
      const name = nameInZone(zone, parent.zone);
      const records = parent.records ?? [];
      if (records.some((one) => one.type === "NS" && (one.name === name || isWithin(name, one.name)))) return [];
      return [
        {
          path: `${path}.zone`,
          found: `${shown(zone)}, within ${parent.zone} of stack ${parent.stack}, which does not delegate it`,
          allowed: "a zone that its parent delegates",
          fix: `add { name: "${name}", type: "NS", values: [...HETZNER_NAMESERVERS] } to ${parent.path}.records in stacks/${parent.stack}.ts`,
        },
      ];
    }),
  );
}
