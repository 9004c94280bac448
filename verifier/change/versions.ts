import { at, list, text, texts, type Fields } from "../read/graph";
import { hostYaml } from "../read/hostYaml";
import { K3S_CONFIG } from "../read/listeners";
import { listed } from "./clusters";
import type { Harm } from "./harm";
import { machinesOf, type Machine } from "./machines";
import { subjectOf, type Change } from "./movement";

/** What one fact of a machine was and will be, and who has it. */
interface Shift {
  readonly before: string;
  readonly after: string;
  readonly hosts: readonly string[];
}

/** A fact that cannot simply become another one. */
interface Rule {
  readonly subject: string;
  readonly fact: (machine: Machine) => string | undefined;
  /** Undefined: this may follow that. */
  readonly judge: (shift: Shift) => Pick<Harm, "kind" | "why" | "way"> | undefined;
}

const file = ({ view }: Machine, path: string): string | undefined => texts(view["files"])[path];
const yaml = (content: string | undefined): unknown => (content === undefined ? undefined : hostYaml(content));
const patroni = (machine: Machine): unknown => yaml(file(machine, "/etc/patroni/config.yml"));
const k3s = (machine: Machine): unknown => yaml(file(machine, K3S_CONFIG));
const label = ({ server }: Machine, key: string): string | undefined => text(at(server.inputs, "labels", key));

const RULES: readonly Rule[] = [
  {
    subject: "PostgreSQL's version",
    fact: (machine) => /\/(\d+)\//.exec(text(at(patroni(machine), "postgresql", "data_dir")) ?? "")?.[1],
    judge: ({ before, after, hosts }) => ({
      kind: "version",
      why: `${before} -> ${after} on ${listed(hosts)}: the data directory's name changes, and Patroni would begin an empty cluster under the same key`,
      way: `leave ${before}; another major version is another cluster, filled by pg_dump or logical replication, and then this one goes`,
    }),
  },
  {
    subject: "Patroni's DCS",
    fact: (machine) => {
      const config = patroni(machine);
      return ["raft", "etcd3", "etcd"].find((kind) => at(config, kind) !== undefined);
    },
    judge: ({ before, after, hosts }) => ({
      kind: "version",
      why: `${before} -> ${after} on ${listed(hosts)}: the ports of ${before} close while Patroni only reloads, so nobody leads until people act, and whoever starts first leads`,
      way: `leave ${before}, or a maintenance window by hand (docs/operate.md, Clusters of data services)`,
    }),
  },
  {
    subject: "Kubernetes' release",
    fact: (machine) => label(machine, "k3s"),
    judge: (shift) => releaseHarm(shift),
  },
  {
    subject: "the machines' system",
    fact: ({ server }) => text(server.inputs["image"]),
    judge: ({ before, after, hosts }) => ({
      kind: "effect",
      why: `${before} -> ${after} on ${listed(hosts)}: machines keep the system that they were made from, and their scripts would add the other release's repositories`,
      way: `leave ${before}; or upgrade the release on the machine and say so (keybuzz:upgradedHosts), or another machine under another name`,
    }),
  },
  {
    subject: "MinIO's drives",
    fact: (machine) => /^MINIO_VOLUMES="?([^"\n]*)"?$/m.exec(file(machine, "/etc/default/minio") ?? "")?.[1],
    judge: ({ before, after, hosts }) => ({
      kind: "version",
      why: `"${before}" -> "${after}" on ${listed(hosts)}: MinIO does not start on drives of another layout`,
      way: "leave the members that there are; a larger store is another one, filled with mc mirror",
    }),
  },
  {
    subject: "the pods' network",
    fact: (machine) => {
      const config = k3s(machine);
      const pods = text(at(config, "cluster-cidr"));
      return pods === undefined ? undefined : `${pods}, ${text(at(config, "service-cidr")) ?? ""}`;
    },
    judge: ({ before, after }) => ({
      kind: "effect",
      why: `${before} -> ${after}: every pod and Service has its address in the old ranges, and K3s does not start with others`,
      way: `leave ${before}; other ranges are another cluster`,
    }),
  },
  {
    subject: "what a node is for",
    fact: (machine) => {
      const config = k3s(machine);
      const all = [...list(at(config, "node-label")), ...list(at(config, "node-taint"))].flatMap(
        (one) => text(one) ?? [],
      );
      return config === undefined ? undefined : all.sort().join(", ") || "nothing";
    },
    judge: ({ before, after, hosts }) => ({
      kind: "effect",
      why: `${before} -> ${after} on ${listed(hosts)}: K3s takes labels and taints only when a node joins, so nothing would change`,
      way: `leave it, and make another worker for that; or kubectl label and kubectl taint ${listed(hosts)} first, by hand, and then the same here`,
    }),
  },
];

/** May these versions, and what else machines were made with, follow those? Of machines that stay. */
export function versionHarms(change: Change): readonly Harm[] {
  const [before, after] = [machinesOf(change.before), machinesOf(change.after)];
  const anew = new Set(
    change.movements
      .filter(({ operation }) => operation === "replace")
      .map((one) => text(subjectOf(one).inputs["name"])),
  );
  const staying = [...after].filter(([name]) => before.has(name) && !anew.has(name));
  return RULES.flatMap(({ subject, fact, judge }): readonly Harm[] => {
    const shifts = new Map<string, Shift>();
    for (const [name, now] of staying) {
      const was = before.get(name);
      const [old, wanted] = [was === undefined ? undefined : fact(was), fact(now)];
      if (old === undefined || wanted === undefined || old === wanted) continue;
      const key = `${old}|${wanted}`;
      shifts.set(key, { before: old, after: wanted, hosts: [...(shifts.get(key)?.hosts ?? []), name] });
    }
    return [...shifts.values()].flatMap((shift) => {
      const harm = judge(shift);
      return harm === undefined ? [] : [{ subject, names: [], ...harm }];
    });
  });
}

/** "v1.35.4-k3s1" as numbers. */
function release(label: string): readonly [number, number, number] | undefined {
  const [, major, minor, patch] = /^v(\d+)\.(\d+)\.(\d+)/.exec(label) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

/** Upstream knows no way back, and no minor version is skipped (docs/reference/kubernetes.md). */
function releaseHarm({ before, after, hosts }: Shift): Pick<Harm, "kind" | "why" | "way"> | undefined {
  const [old, now] = [release(before), release(after)];
  if (old === undefined || now === undefined) return undefined;
  const step = now.map((part, index) => part - (old[index] ?? 0));
  const [major = 0, minor = 0, patch = 0] = step;
  const why = `${before} -> ${after} on ${listed(hosts)}`;
  if (major < 0 || (major === 0 && (minor < 0 || (minor === 0 && patch < 0))))
    return {
      kind: "version",
      why: `${why}: there is no way back but a restored snapshot`,
      way: `leave ${before}, or a newer one`,
    };
  if (major > 0 || minor > 1)
    return {
      kind: "version",
      why: `${why}: a minor version is skipped, and pods may not start`,
      way: "an up to each minor version between, first to its last release (docs/operate.md, The cluster's machines)",
    };
  return undefined;
}

/** Of a machine that is there: what cannot be changed in place at the provider. */
export function rangeHarms({ movements }: Change): readonly Harm[] {
  return movements.flatMap((movement): readonly Harm[] => {
    const { before, after } = movement;
    if (before === undefined || after === undefined) return [];
    const [old, now] = [before, after].map(({ inputs }: { inputs: Fields }) => text(inputs["ipRange"]));
    if (!/:(Network|NetworkSubnet)$/.test(after.type) || old === now) return [];
    return [
      {
        kind: "effect",
        subject: `network ${after.name}`,
        why: `${old ?? "?"} -> ${now ?? "?"}: everything is in it, and Hetzner replaces no network that is in use`,
        way: `leave ${old ?? "it"}; another range is another stack`,
        names: [],
      },
    ];
  });
}
