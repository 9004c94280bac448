import { shown, type Mistake } from "../../mistakes";
import { nearestFix } from "../../nearest";
import type { AppEntry, WebProcess } from "./appEntry";
import { placed, servicePorts } from "./appLayout";
import type { JudgedAmong } from "./judgedAmong";

/** What an entry's routes and versions name, and is not there; paths are within the entry. */
export function routeMistakes(entry: AppEntry, { entries }: JudgedAmong): readonly Mistake[] {
  return placed(entry).flatMap(({ process, path, canaryOf }) =>
    process.kind !== "web" || canaryOf !== undefined
      ? []
      : [...canaryMistakes(process, path), ...authenticationMistakes(entry, process, path, entries)],
  );
}

function canaryMistakes({ canary, ownVolume, expose = [] }: WebProcess, path: string): readonly Mistake[] {
  if (canary === undefined) return [];
  return [
    ...(ownVolume === undefined
      ? []
      : [
          {
            path: `${path}.canary`,
            found: "another version of pods with a volume each",
            allowed: "versions of pods that keep nothing: the other's volumes would be empty",
            fix: "take canary away, or ownVolume",
          },
        ]),
    ...(expose.length > 0
      ? []
      : [
          {
            path: `${path}.canary`,
            found: "a part of requests from outside, where none come",
            allowed: "with expose: applications inside always ask the process itself",
            fix: "expose it, or take canary away",
          },
        ]),
  ];
}

function authenticationMistakes(
  entry: AppEntry,
  { expose = [] }: WebProcess,
  path: string,
  entries: readonly AppEntry[],
): readonly Mistake[] {
  const secret = [...Object.keys(entry.configuredSecrets ?? {}), ...(entry.generatedSecrets ?? [])];
  return expose.flatMap(({ routes = [] }, i) =>
    routes.flatMap((route, j): readonly Mistake[] => {
      if (!("authentication" in route) || route.authentication === undefined) return [];
      const at = `${path}.expose[${i}].routes[${j}].authentication`;
      const { authentication } = route;
      if (authentication.kind === "oidc") return askedMistakes(at, authentication, entries);
      return Object.entries(authentication.users)
        .filter(([, variable]) => !secret.includes(variable))
        .map(([user, variable]) => ({
          path: `${at}.users.${user}`,
          found: shown(variable),
          allowed: `a variable that holds the password: ${secret.join(", ") || "there is none"}`,
          fix: `${nearestFix(variable, secret)}; generatedSecrets: ["${variable}"] makes one`,
        }));
    }),
  );
}

/** Of one who asks an application among `entries` at one of its ports. */
export function askedMistakes(
  at: string,
  { app, process = "web", port = "http" }: { readonly app: string; readonly process?: string; readonly port?: string },
  entries: readonly AppEntry[],
): readonly Mistake[] {
  const unknown = (path: string, found: string, known: readonly string[]): readonly Mistake[] => [
    {
      path: `${at}.${path}`,
      found: shown(found),
      allowed: known.join(", ") || "nothing: there is none",
      fix: nearestFix(found, known),
    },
  ];
  const other = entries.find(({ name }) => name === app);
  if (other === undefined) return unknown("app", app, entries.map(({ name }) => name)); // prettier-ignore
  const webs = placed(other).flatMap((one) =>
    one.process.kind === "web" && one.canaryOf === undefined ? [{ key: one.key, web: one.process }] : [],
  );
  const asked = webs.find(({ key }) => key === process);
  if (asked === undefined) return unknown("process", process, webs.map(({ key }) => key)); // prettier-ignore
  const ports = Object.keys(servicePorts(asked.web));
  return ports.includes(port) ? [] : unknown("port", port, ports);
}
