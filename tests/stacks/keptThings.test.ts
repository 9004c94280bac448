import { isKept } from "../../components/cluster/pods/namespaces";
import { keptSecrets } from "../../components/secrets/keptSecrets";
import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import type { Environment } from "../../stacks/environment";
import { consentWarnings, keptThings, lostWith } from "../../stacks/keptThings";
import { knownStacks, loadEnvironment } from "../../stacks/loadEnvironment";
import { planEstate, type EstatePlan } from "../../stacks/plan";
import { environment as prod } from "../../stacks/prod";
import { registrations, type Registration } from "../../tools/registrations";

jest.setTimeout(180_000);

/** Of a container whose disk is its own. */
const STORE: NonNullable<Environment["workloads"]["apps"]>[number] = {
  name: "store",
  image: "store:1",
  namespace: "shared",
  generatedSecrets: ["SESSION_SECRET"],
  processes: [{ kind: "web", port: 80, health: { kind: "tcp" }, scale: 1, ownVolume: { path: "/data", sizeGb: 1 } }],
};
const BESIDE: typeof STORE = {
  name: "beside",
  image: "beside:1",
  namespace: "shared",
  sharedFiles: { path: "/files", sizeGb: 1 },
  processes: [{ kind: "web", port: 80, health: { kind: "tcp" }, scale: 1 }],
};
/** Of a chart. */
const CHART: NonNullable<Environment["workloads"]["objects"]>[number] = {
  name: "wiki",
  namespace: "tools",
  manifests: [
    { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "pages" } },
    { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "index" }, spec: { volumeClaimTemplates: [{}] } },
    { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "cache" }, spec: {} },
  ],
};
const environment: Environment = {
  ...prod,
  workloads: { ...prod.workloads, apps: [...(prod.workloads.apps ?? []), STORE, BESIDE], objects: [CHART] },
};

const planned = (...consentToDelete: readonly string[]): EstatePlan =>
  planEstate(environment, { ...EXAMPLE_SETTINGS, consentToDelete });

/** What everything of prod is registered with, consented to nothing. */
let all: readonly Registration[] = [];
beforeAll(async () => {
  all = await registrations(planned());
});
const guarded = (): readonly Registration[] => all.filter(({ protect, urn }) => protect && !urn.includes("hcloud:"));
const nameOf = ({ urn }: Registration): string => urn.split("::").at(-1) ?? "";

test("namespaces with claims, keys that encrypt data, authorities and the cluster's tokens are protected", () => {
  expect([...new Set(guarded().map(nameOf))].sort()).toEqual([
    "apps/store/SESSION_SECRET",
    "beside-volume",
    "chatwoot/secret-key-base",
    "k3s-client-ca",
    "k3s-server-ca",
    "kubernetes/agent-token",
    "kubernetes/server-token",
    "litellm/master-key",
    "litellm/salt-key",
    "n8n/encryption-key",
    "namespaces-monitoring",
    "namespaces-shared",
    "namespaces-tools",
    "namespaces-vault",
    "postgres-ca",
    "superset/secret-key",
    "vault-ca",
    "wiki-objects-persistentvolumeclaim-pages",
  ]);
});

test("a worker's disk may hold a local volume: its machine is protected", () => {
  const workers = all.filter(({ urn }) => /Server::k3s-worker/.test(urn));
  expect(workers.map(({ protect }) => protect)).toEqual([true, true, true, true, true]);
});

test("they go by the application's name, or their own; a namespace once all whose claims are in it consent", () => {
  const free = (...consent: readonly string[]): readonly string[] => {
    const { isProtected, namespaces, secrets } = planned(...consent);
    return [
      ...namespaces.filter((one) => one.keeps.length > 0 && !isKept(one, isProtected)).map(({ name }) => name),
      ...keptSecrets(secrets).flatMap(({ id, owner }) => (isProtected(id, owner) ? [] : [id])),
    ];
  };
  expect(free()).toEqual([]);
  expect(free("n8n")).toEqual(["n8n/encryption-key"]);
  expect(free("vault")).toEqual(["vault", "vault-ca"]);
  expect(free("monitoring")).toEqual(["monitoring"]);
  expect(free("store")).toEqual(["apps/store/SESSION_SECRET"]);
  expect(free("store", "beside")).toEqual(["shared", "apps/store/SESSION_SECRET"]);
  expect(free("wiki")).toEqual(["tools"]);
  expect(free("kubernetes/server-token")).toEqual(["kubernetes/server-token"]);
  expect(free("prod")).toHaveLength(16);
});

test("the run that lifts a protection says in words what can be lost from then on", () => {
  const things = keptThings(planned());
  const told = (...consent: readonly string[]) => consentWarnings(environment, consent, things).join("\n");
  expect(told()).toBe("");
  expect(told("redis-02")).toBe("");
  expect(told("n8n")).toBe(
    "keybuzz:consentToDelete names n8n: from this up on nothing keeps a later one, or a destroy, from deleting for ever " +
      "the key of the credentials in n8n's database: nobody can read them any more, and all are entered anew. " +
      "Take it back with: pulumi config rm keybuzz:consentToDelete, and up",
  );
  expect(told("vault")).toContain("the claims of vault/vault, one a pod, and all that vault has stored in them; ");
  expect(told("vault")).toContain('the authority "vault"');
  expect(told("beside")).toContain("the files of the claim shared/beside-files");
  expect(told("wiki")).toContain(
    "the files of the claim tools/pages; the claims of tools/index, one a pod, and all that wiki has stored in them. ",
  );
  expect(told("prod").split("; ").length).toBe(things.length);
  expect(consentWarnings({ ...environment, protect: false }, ["n8n"], things)).toEqual([]);
});

test("a consent that names nothing, or what is long gone, is told with the nearest name and how to take it back", () => {
  expect(consentWarnings(environment, ["redis-2", "db-slave-02"], keptThings(planned()))).toEqual([
    expect.stringMatching(
      /^keybuzz:consentToDelete names redis-2, which is nothing of prod \(any more\): .*redis-.*pulumi config rm keybuzz:consentToDelete$/,
    ),
  ]);
});

test("of each kind of thing that is protected it is known what goes with it", () => {
  const kinds = guarded().map(({ urn }) => urn.split("::").at(-2)?.split("$").at(-1) ?? "");
  // Without its key a certificate says nothing.
  const wordless = kinds.filter((kind) => lostWith(kind) === undefined && !kind.endsWith(":SelfSignedCert"));
  expect(wordless).toEqual([]);
});

/** Their service takes another from the run that makes it; nothing is encrypted with them. */
const REPLACEABLE = [
  /^(postgres|mariadb|redis|rabbitmq|proxysql|minio|qdrant)\//,
  /^kubernetes\/node-/,
  /^(superset\/admin|erpnext\/administrator|monitoring\/grafana-admin|(n8n|chatwoot)\/owner)$/,
  /^workloads\/checksum-key$/,
];

test.each(knownStacks())("%s: each secret is kept, or known to be replaceable", (stack) => {
  const { secrets } = planEstate(loadEnvironment(stack), EXAMPLE_SETTINGS);
  const unknown = secrets.filter(
    (one) => one.kind === "generated" && one.kept === undefined && !REPLACEABLE.some((known) => known.test(one.id)),
  );
  expect(unknown.map(({ id }) => id)).toEqual([]);
});
