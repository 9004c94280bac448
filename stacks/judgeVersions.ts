import { k3sRelease } from "../components/cluster/k3s/k3sRelease";
import { calicoManifests, CALICO_VERSION } from "../components/cluster/pods/calicoConfig";
import { GATEWAY_API_MANIFEST, GATEWAY_API_VERSION } from "../components/cluster/ingress/gatewayObjects";
import { INGRESS_NGINX_IMAGE } from "../components/cluster/ingress/ingressNginxConfig";
import { MONITORING_IMAGES } from "../components/monitoring/monitoringImages";
import { parseImage } from "../components/apps/imageRef";
import { pinnedSum } from "../components/pins";
import { VERSION_FACTS, type KnownHole, type VersionFacts } from "./versionFacts";
import { VERSIONS } from "./versions";

/** Something that runs, and in which version. */
export interface Running {
  readonly of: string;
  /** As it is written: "main-v1.83.3-stable". */
  readonly version: string;
  /** Cannot be replaced by another of its name: a digest stands in it. */
  readonly pinned: boolean;
}

/** How long a look at the advisories is taken for one, in days. */
const FRESH_DAYS = 180;
const DAY_MS = 24 * 3600 * 1000;

/** Images of others that run, each once, with their digests where those are known. */
export const runningImages = (): readonly string[] => [
  ...new Set([...Object.values(VERSIONS.images), INGRESS_NGINX_IMAGE, ...Object.values(MONITORING_IMAGES)]),
];

/** All that has a version of ours. */
export function runningVersions(): readonly Running[] {
  return [
    { of: "k3s", version: VERSIONS.k3s, pinned: k3sRelease(VERSIONS.k3s).sha256 !== undefined },
    {
      of: "calico",
      version: CALICO_VERSION,
      pinned: calicoManifests().every(({ sha256 }) => sha256 !== undefined),
    },
    { of: "gateway-api", version: GATEWAY_API_VERSION, pinned: pinnedSum(GATEWAY_API_MANIFEST).sha256 !== undefined },
    ...runningImages().map((image) => {
      const { repository = image, tag = "", digest } = parseImage(image) ?? {};
      return { of: repository, version: tag, pinned: digest !== undefined };
    }),
  ];
}

/**
 * What is wrong with what runs, a sentence each: nothing is known of it, a hole has a fix that it lacks, what was left open
 * on purpose is closed, its line has ended, or nobody has looked for long.
 */
export function versionMistakes(
  running: readonly Running[],
  looks: readonly VersionFacts[],
  today: Date,
): readonly string[] {
  const known = new Map(looks.map((one) => [one.of, one]));
  const names = new Set(running.map(({ of }) => of));
  return [
    ...running.flatMap(({ of, version }): readonly string[] => {
      const about = known.get(of);
      if (about === undefined) return [`${of}: nothing is known of it; add it to stacks/versionFacts.ts`];
      const holes = about.holes.flatMap((hole) => {
        const open = isOpen(version, hole);
        if (open && hole.left === undefined)
          return [`${of} ${version}: ${hole.id} (${hole.what}) is fixed in ${hole.fixedIn}`];
        return !open && hole.left !== undefined ? [`${of} ${version}: ${hole.id} is fixed, and need not be left`] : [];
      });
      const ended = about.endOfLife !== undefined && Date.parse(about.endOfLife) < today.getTime();
      const age = Math.floor((today.getTime() - Date.parse(about.looked)) / DAY_MS);
      return [
        ...holes,
        ...(ended && about.afterEnd === undefined ? [`${of} ${version}: its line ended on ${about.endOfLife}`] : []),
        ...(age > FRESH_DAYS ? [`${of} ${version}: nobody has looked at its advisories for ${age} days`] : []),
      ];
    }),
    ...looks.filter(({ of }) => !names.has(of)).map(({ of }) => `${of}: it runs nowhere; take it out`),
  ];
}

/** Does this version lack the fix? */
export function isOpen(version: string, { fixedIn }: Pick<KnownHole, "fixedIn">): boolean {
  const [has, wanted] = [numbers(version), numbers(fixedIn)];
  for (let i = 0; i < wanted.length; i += 1) {
    const [ours, first] = [has[i] ?? 0, wanted[i] ?? 0];
    if (ours !== first) return ours < first;
  }
  return false;
}

/** "main-v1.83.3-stable": 1, 83, 3. */
function numbers(version: string): readonly number[] {
  const found = /\d+(?:\.\d+)+/.exec(version)?.[0];
  if (found === undefined)
    throw new Error(`${version}: found no version in it; allowed: digits and dots, as in v1.2.3`);
  return found.split(".").map(Number);
}

/** Rows of docs/versions.md. */
export function versionRows(): readonly (readonly string[])[] {
  const facts = new Map(VERSION_FACTS.map((one) => [one.of, one]));
  return runningVersions().map(({ of, version, pinned }) => {
    const about = facts.get(of);
    const holes = (about?.holes ?? []).map((hole) =>
      isOpen(version, hole)
        ? `**open: ${hole.id}**, ${hole.what}; fixed in ${hole.fixedIn}. ${hole.left ?? ""}`
        : `${hole.id}: fixed since ${hole.fixedIn}`,
    );
    const end = about?.endOfLife === undefined ? "" : `${about.endOfLife}. ${about.afterEnd ?? ""}`;
    return [of, version, pinned ? "digest" : "name", about?.looked ?? "", end.trim(), holes.join("<br>")];
  });
}
