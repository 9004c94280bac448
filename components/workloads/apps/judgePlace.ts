import { duplicates, shown, type Mistake } from "../../mistakes";
import { zoneOfHost } from "../../network/dnsRecords";
import { migrationOf, namespaceOf, placed } from "./appLayout";
import type { AppEntry, AppExposure } from "./appEntry";
import type { JudgedAmong } from "./judgedAmong";
import type { OwnedNames } from "./ownedNames";

/** The hosts of its processes in a zone that is none of the estate's. */
export function hostMistakes(entry: AppEntry, { zones }: JudgedAmong): readonly Mistake[] {
  return placed(entry).flatMap(({ process, path }) =>
    process.kind === "web" ? zoneMistakes(`${path}.expose`, zones, process.expose) : [],
  );
}

/** Hosts that no record and no certificate can be made for. */
export function zoneMistakes(
  path: string,
  zones: readonly string[] | undefined,
  exposed: readonly Pick<AppExposure, "host">[] = [],
): readonly Mistake[] {
  if (zones === undefined) return [];
  return exposed.flatMap(({ host }, i) => foreignHost(`${path}[${i}].host`, host, zones));
}

/** A host that is in none of the estate's zones, the first of which is web.zone. */
export function foreignHost(path: string, host: string, [first, ...others]: readonly string[]): readonly Mistake[] {
  if (zoneOfHost(host, [first ?? "", ...others]) !== undefined) return [];
  const more = others.length === 0 ? "" : ` or in web.otherZones, ${others.map(shown).join(", ")}`;
  return [
    {
      path,
      found: shown(host),
      allowed: `a host in web.zone ${shown(first)}${more}: no DNS record and no certificate can be made for others`,
      fix: "choose one there, or list its zone in web.otherZones",
    },
  ];
}

/** Claims what an entry's names make its own. Returns the owner of each that is another's already. */
function claimProcesses(
  entry: AppEntry,
  names: OwnedNames,
  owner: string,
): readonly { readonly path: string; readonly name: string; readonly owner: string }[] {
  const own = placed(entry).map(({ objectName, path }) => ({ name: objectName, path: `${path}.name` }));
  const migration = entry.migration === undefined ? [] : [{ name: migrationOf(entry), path: "migration" }];
  const app = own.some(({ name }) => name === entry.name) ? [] : [{ name: entry.name, path: "name" }];
  return [...app, ...own, ...migration]
    .map(({ name, path }) => ({
      name,
      // The web process has the application's name.
      path: name === entry.name ? "name" : path,
      owner: names.claim("process", name, owner),
    }))
    .filter((one) => one.owner !== owner);
}

/** The mistakes of its names: with them it would be taken for another. */
export function placeMistakes(entry: AppEntry, { names, owner, reservedNamespaces }: JudgedAmong): readonly Mistake[] {
  const namespace = namespaceOf(entry);
  const whose = reservedNamespaces.get(namespace);
  return [
    ...(whose === undefined
      ? []
      : [
          {
            path: entry.namespace === undefined ? "name" : "namespace",
            found: `${shown(namespace)}, the namespace of ${whose}`,
            allowed: "a namespace of the application's own, or one that it shares with others of `apps`",
            fix: entry.namespace === undefined ? "name a namespace" : "choose another, or leave it out",
          },
        ]),
    ...claimProcesses(entry, names, owner).map(({ path, name, owner: other }) => ({
      path,
      found: `${shown(name)}, which names objects of ${other} too`,
      allowed: "a name of its own: it names Services, pods and what filters let through",
      fix: "choose another",
    })),
    ...duplicates(
      placed(entry),
      ({ key }) => key,
      ({ path, key }, first) => ({
        path: `${path}.name`,
        found: `${shown(key)}, the name of ${first.path} too`,
        allowed: "each name once; without one a process is named after its kind",
        fix: `name it, e.g. "${key}2"`,
      }),
    ),
  ];
}
