import { RELEASE_LABEL, releaseFromLabel, releaseStep } from "../components/cluster/k3s/k3sRelease";
import { shown, type Mistake } from "../components/mistakes";
import type { Environment } from "./environment";
import type { ProjectFacts } from "./observeProject";

/**
 * A release of K3s that the nodes cannot go to from where they are: upstream knows no way back, and no minor version is
 * skipped. What they were last asked to have is a label of their servers; what they really run each machine asks itself
 * before it takes a binary (k3sAllowed.sh), so that a run which failed half-way leads nowhere that is not allowed.
 */
export function k3sReleaseMistakes(environment: Environment, seen: ProjectFacts): readonly Mistake[] {
  const wanted = environment.kubernetes.k3sVersion;
  const path = "kubernetes.k3sVersion";
  const nodes = environment.hosts.filter(({ role }) => role === "k3sServer" || role === "k3sAgent");
  const asked = new Map<string, string[]>();
  for (const { name, labels } of seen.servers) {
    const label = labels[RELEASE_LABEL];
    if (label === undefined || !nodes.some((node) => node.name === name)) continue;
    const release = releaseFromLabel(label);
    asked.set(release, [...(asked.get(release) ?? []), name]);
  }
  return [...asked].flatMap(([release, names]): readonly Mistake[] => {
    const found = `${shown(wanted)}, while ${names.join(", ")} ${names.length === 1 ? "was" : "were"} last to have ${release}`;
    switch (releaseStep(release, wanted)) {
      case "older":
        return [
          {
            path,
            found,
            allowed: `${release} or newer: there is no way back but a restored snapshot`,
            fix: `leave ${release}; if no node has ever run it (kubectl get nodes), take the label off: ${names.map((name) => `hcloud server remove-label ${name} ${RELEASE_LABEL}`).join("; ")}`,
          },
        ];
      case "skips":
        return [
          {
            path,
            found,
            allowed: "one minor version at a time",
            fix: `an up to each of those between, first to the last release of the next one (docs/operate.md, Upgrading Kubernetes)`,
          },
        ];
      // Undefined: a label that somebody else has written.
      case undefined:
      case "same":
      case "newer":
        return [];
    }
  });
}
