import { Mistakes, type Mistake } from "../../components/mistakes";
import { DELEGATED } from "../../components/network/certificatePlan";
import { EXAMPLE_SETTINGS } from "../../stacks/emittedGraph";
import { judgeEnvironment } from "../../stacks/judgeEnvironment";
import { draftEstate } from "../../stacks/plan";
import { environment as prod } from "../../stacks/prod";

type Loose = Readonly<Record<string, unknown>>;

const WEB = { kind: "web", port: 8080, health: { kind: "http", path: "/up" }, scale: 2 };
const app = (edit: Loose = {}, web: Loose = {}): Loose => ({
  name: "shop",
  image: "shop:1",
  processes: [{ ...WEB, ...web }],
  ...edit,
});

const EXPOSED = [{ host: "shop.keybuzz.io" }];
const ROUTE = "processes[0].expose[0].routes[0]";
/** With one route at a host of its own. */
const route = (options: Loose, edit: Loose = {}): Loose =>
  app(edit, { expose: [{ host: "shop.keybuzz.io", routes: [{ kind: "http", path: "/", ...options }] }] });

/** All that is told of prod with these entries in the place of its own. */
function told(...apps: readonly Loose[]): readonly Mistake[] {
  const mistakes = new Mistakes();
  const input = { ...prod, workloads: { ...prod.workloads, apps } };
  mistakes.attempt(() => draftEstate(judgeEnvironment(input, mistakes), EXAMPLE_SETTINGS, DELEGATED, mistakes));
  return mistakes.all;
}

type Wrong = readonly [what: string, entry: Loose, path: string, found: RegExp, allowed: RegExp, fix: RegExp];

/** Each by itself: where it is, what stands there, what is allowed, and how to mend it. */
const WRONG: readonly Wrong[] = [
  ["a mistyped key", app({ replica: 2 }), "replica", /key that nothing knows/, /name, namespace, image/, /remove it/],
  ["a near key", app({ migrations: {} }), "migrations", /nothing knows/, /migration/, /write "migration"/],
  ["a near need", app({ needs: { postgress: {} } }), "needs.postgress", /nothing knows/, /postgres/, /"postgres"/],
  ["a key of a process", app({}, { exposed: [] }), "processes[0].exposed", /nothing knows/, /expose/, /write "expose"/],
  ["no such kind", app({}, { kind: "job" }), "processes[0].kind", /"job"/, /"web", "worker", "cron", "daemon"/, /correct/],
  ["no processes", app({ processes: [] }), "processes", /\[\]/, /a list of 1 or more/, /correct/],
  ["an image without version", app({ image: "shop:latest" }), "image", /latest/, /a tag other than "latest"/, /correct/],
  ["a port too high", app({}, { port: 80_80_80 }), "processes[0].port", /808080/, /from 1 to 65535/, /correct/],
  ["a name with capitals", app({ name: "Shop" }), "name", /"Shop"/, /3-40 lower-case/, /correct/],
  ["a path with a query", app({}, { health: { kind: "http", path: "/up?x" } }), "processes[0].health.path", /\/up\?x/, /letters/, /correct/],
  ["a schedule", app({ processes: [{ kind: "cron", schedule: "each day" }] }), "processes[0].schedule", /each day/, /minute, hour/, /0 3/],
  ["an hour that is none", app({ processes: [{ kind: "cron", schedule: "0 24 * * *" }] }), "processes[0].schedule", /24/, /minute, hour/, /0 3/],
  ["a way that is none", app({ needs: { postgres: { via: "primary" } } }), "needs.postgres.via", /primary/, /"leader", "pooled"/, /correct/],
  ["a part that is none", app({ needs: { redis: { index: 5, variables: { R: "uri" } } } }), "needs.redis.variables.R", /uri/, /"url"/, /correct/],
  ["an extension that is none", app({ needs: { postgres: { extensions: ["pgvector"] } } }), "needs.postgres.extensions[0]", /pgvector/, /"vector"/, /correct/],
  ["a bucket's name", app({ needs: { bucket: { name: "My_Bucket" } } }), "needs.bucket.name", /My_Bucket/, /3-52/, /correct/],
  ["a plain secret", app({ env: { API_TOKEN: "hunter2" } }), "env.API_TOKEN", /^a plain value$/, /placeholder/, /configuredSecrets/],
  ["an autoscaler upside down", app({}, { scale: { min: 3, max: 2 } }), "processes[0].scale.max", /2/, /from min, 3/, /raise max/],
  ["two that never run together", app({}, { rollout: "recreate" }), "processes[0].rollout", /recreate/, /one replica/, /scale to 1/],
  ["a name twice", app({ processes: [WEB, WEB] }), "processes[1].name", /"web"/, /each name once/, /name it/],
  ["an unknown reference", app({ needs: { redis: { index: 5 } }, env: { A: "{{REDIS_URI}}" } }), "env.A", /REDIS_URI/, /REDIS_URL/, /write "REDIS_URL"/],
  ["a variable from two places", app({ needs: { postgres: {} }, env: { DATABASE_URL: "x" } }), "needs.postgres.variables.DATABASE_URL", /env gives/, /one place/, /rename/],
  ["a process that is none", app({ needs: { internet: [{ port: 443, purpose: "calls", processes: ["wab"] }] } }), "needs.internet[0].processes", /wab/, /web/, /write "web"/],
  ["an application that is none", app({ needs: { apps: [{ app: "catalog", variables: { C: "url" } }] } }), "needs.apps[0].app", /catalog/, /nothing/, /remove/],
  ["a worker's check without port", app({ processes: [{ kind: "worker", health: { kind: "tcp" }, scale: 1 }] }), "processes[0].health.port", /nothing/, /the port/, /add it/],
  ["a volume each, and an autoscaler", app({}, { ownVolume: { path: "/d", sizeGb: 1 }, scale: { min: 1, max: 2 } }), "processes[0].scale", /autoscaler/, /a number/, /choose/],
  ["a host of another zone", app({}, { expose: [{ host: "shop.example.org" }] }), "processes[0].expose[0].host", /shop\.example\.org/, /a host in web\.zone/, /choose/],
  ["gRPC from outside", route({ kind: "grpc" }), `${ROUTE}.kind`, /"grpc"/, /HTTP\/2 up to the pods/, /gRPC-Web/],
  ["a redirect with an audience", route({ kind: "redirect", to: "https://keybuzz.io", audience: "operators" }), `${ROUTE}.audience`, /nothing knows/, /permanent/, /remove it/],
  ["one that moves for ever", route({ kind: "moved", to: "https://keybuzz.io", permanent: true }), `${ROUTE}.permanent`, /nothing knows/, /to/, /remove it/],
  ["a redirect to a path", route({ kind: "redirect", to: "/start" }), `${ROUTE}.to`, /\/start/, /an https address/, /correct/],
  ["a rewrite with a query", route({ rewrite: "/a?b" }), `${ROUTE}.rewrite`, /a\?b/, /letters/, /correct/],
  ["a password that nothing holds", route({ authentication: { kind: "basic", users: { mara: "PASSWORT" } } }, { generatedSecrets: ["PASSWORD"] }), `${ROUTE}.authentication.users.mara`, /PASSWORT/, /PASSWORD/, /write "PASSWORD"/],
  ["a plain password", route({ authentication: { kind: "basic", users: { mara: "hunter 2" } } }), `${ROUTE}.authentication.users.mara`, /hunter/, /letters, digits and underscores/, /correct/],
  ["a login by nobody", route({ authentication: { kind: "oidc", app: "sso" } }), `${ROUTE}.authentication.app`, /sso/, /shop/, /remove|write/],
  ["two ways to log in", route({ authentication: { kind: "basic", users: { a: "B" }, app: "shop" } }, { generatedSecrets: ["B"] }), `${ROUTE}.authentication.app`, /nothing knows/, /users/, /remove it/],
  ["half a request", route({ limits: { requestsPerSecond: 0.5 } }), `${ROUTE}.limits.requestsPerSecond`, /0\.5/, /1/, /correct/],
  ["all for the canary", app({}, { canary: { image: "shop:2", percent: 100 }, expose: EXPOSED }), "processes[0].canary.percent", /100/, /from 1 to 99/, /correct/],
  ["a canary that nobody asks", app({}, { canary: { image: "shop:2", percent: 5 } }), "processes[0].canary", /where none come/, /with expose/, /expose it/],
  ["a canary with other data", app({}, { canary: { image: "shop:2", percent: 5 }, ownVolume: { path: "/d", sizeGb: 1 }, expose: EXPOSED }), "processes[0].canary", /a volume each/, /keep nothing/, /ownVolume/],
  // What is another's.
  ["Chatwoot's database", app({ needs: { postgres: { database: "chatwoot" } } }), "needs.postgres.database", /PostgreSQL database of workloads\.chatwoot/, /its own/, /another/],
  ["n8n's login", app({ needs: { postgres: { owner: "n8n" } } }), "needs.postgres.owner", /PostgreSQL role of workloads\.n8n/, /its own/, /another/],
  ["PostgreSQL's own role", app({ needs: { postgres: { owner: "replicator" } } }), "needs.postgres.owner", /replicator/, /no name of PostgreSQL's own/, /choose/],
  ["MariaDB's monitor", app({ needs: { mariadb: { database: "monitor" } } }), "needs.mariadb.database", /of MariaDB itself/, /its own/, /another/],
  ["Chatwoot's Redis", app({ needs: { redis: { index: 0 } } }), "needs.redis.index", /"0", the Redis database of workloads\.chatwoot/, /its own/, /another/],
  ["Chatwoot's keys", app({ needs: { redis: { index: 6, keys: ["shop:*", "queue:*"] } } }), "needs.redis.keys", /"queue:\*", which is chatwoot's too/, /nobody else/, /prefix/],
  ["Redis' own account", app({ name: "haproxy", needs: { redis: { index: 7 } } }), "name", /"haproxy"/, /Redis' own/, /another/],
  ["ERPNext's Redis, although it is off", app({ needs: { redis: { index: 15 } } }), "needs.redis.index", /erpNextQueue/, /its own/, /another/],
  ["RabbitMQ's cookie", app({ needs: { rabbitmq: { vhost: "erlang-cookie" } } }), "needs.rabbitmq.vhost", /RabbitMQ itself/, /its own/, /another/],
  ["the object store's root", app({ needs: { bucket: { name: "root" } } }), "needs.bucket.name", /the object store itself/, /its own/, /another/],
  ["etcd's snapshots", app({ needs: { bucket: { name: "etcd" } } }), "needs.bucket.name", /the estate's machines/, /its own/, /another/],
  ["LiteLLM's Service", app({ name: "llm", processes: [{ ...WEB, name: "proxy" }] }), "processes[0].name", /"llm-proxy", which names objects of/, /its own/, /another/],
  ["Kubernetes' namespace", app({ namespace: "kube-system" }), "namespace", /Kubernetes itself/, /its own|own/, /another/],
  ["Calico's namespace", app({ namespace: "calico-system" }), "namespace", /"calico-system", the namespace of Calico/, /own/, /another/],
  ["a name that the machines have", app({ name: "etcd", needs: { bucket: {} } }), "needs.bucket.name", /"etcd", the bucket of the estate's machines/, /its own/, /another/],
  ["Vault's namespace", app({ name: "vault" }), "name", /workloads\.vault/, /own/, /name a namespace/],
  ["the certificate's key", app({ configuredSecrets: { K: "webCertificateKey" } }), "configuredSecrets.K", /the estate's own/, /shopToken/, /pulumi config set/],
  ["a placeholder in a text", app({ env: { A: "<<secret:postgres/chatwoot>>" } }), "env.A", /^a secret's placeholder$/, /whosever/, /configuredSecrets/],
  ["a placeholder in a file", app({ files: { "/etc/a": "x <<secret:vault/server.key>>" } }), "files./etc/a", /placeholder/, /whosever/, /configuredSecrets/],
  ["a placeholder in an argument", app({}, { args: ["<<secret:minio/root>>"] }), "processes[0].args[0]", /placeholder/, /whosever/, /configuredSecrets/],
]; // prettier-ignore

test("there are thirty and more", () => {
  expect(WRONG.length).toBeGreaterThanOrEqual(30);
  expect(told(app())).toEqual([]);
});

test.each(WRONG)("%s", (_what, entry, path, found, allowed, fix) => {
  const [mistake, ...others] = told(entry);
  expect(others).toEqual([]);
  expect(mistake?.path).toBe(`workloads.apps[0].${path}`);
  expect(mistake?.found).toMatch(found);
  expect(mistake?.allowed).toMatch(allowed);
  expect(mistake?.fix).toMatch(fix);
});

/** Told by the ingress, at host and path. */
const AT_ENTRY: readonly Wrong[] = [
  ["cookies for all sites", route({ cors: { origins: ["*"], credentials: true } }), "shop.keybuzz.io/ (shop, http).cors.credentials", /true/, /any page could act/, /name the origins/],
  ["an origin with a path", route({ cors: { origins: ["https://a.io/b"] } }), "shop.keybuzz.io/ (shop, http).cors.origins[0]", /a\.io\/b/, /scheme and host/, /correct/],
  ["a header that the entry sets", route({ responseHeaders: { "Content-Length": "5" } }), "shop.keybuzz.io/ (shop, http).responseHeaders.Content-Length", /5/, /nothing else sets/, /take it away/],
]; // prettier-ignore

test.each(AT_ENTRY)("%s", (_what, entry, path, found, allowed, fix) => {
  const [mistake, ...others] = told(entry);
  expect(others).toEqual([]);
  expect(mistake?.path).toBe(path);
  expect(mistake?.found).toMatch(found);
  expect(mistake?.allowed).toMatch(allowed);
  expect(mistake?.fix).toMatch(fix);
});

test("nor does a typed workload take a placeholder", () => {
  const { chatwoot } = prod.workloads;
  const smtp = { host: "smtp.example.org", port: 587, domain: "x.org", username: "<<secret:minio/root>>" };
  const mistakes = new Mistakes();
  judgeEnvironment({ ...prod, workloads: { ...prod.workloads, chatwoot: { ...chatwoot, smtp } } }, mistakes);
  expect(mistakes.all.map(({ path }) => path)).toEqual(["workloads.chatwoot.smtp.username"]);
});

test("no secret is repeated", () => {
  expect(JSON.stringify(told(app({ env: { API_TOKEN: "hunter2", B: "<<secret:postgres/chatwoot>>" } })))).not.toMatch(
    /hunter2|postgres\/chatwoot/,
  );
});

test("all of one file at once, each at its own entry", () => {
  // Each under a name of its own; what is wrong with a name, and where two entries would meet, is shown above.
  const entries = WRONG.map(([, entry], i) => (entry["name"] === "shop" ? { ...entry, name: `shop-${i}` } : entry));
  const paths = new Set(told(...entries).map(({ path }) => path));
  for (const [i, [what, , path]] of WRONG.entries())
    expect([what, paths.has(`workloads.apps[${i}].${path}`)]).toEqual([what, true]);
});

test("two entries do not share what is one's own", () => {
  const needs = {
    postgres: { database: "one" },
    redis: { index: 5 },
    rabbitmq: { vhost: "one" },
    bucket: { name: "one" },
  };
  const paths = told(app({ needs }), app({ name: "other", needs }), app()).map(({ path }) => path);
  expect(paths).toEqual([
    "workloads.apps[1].needs.postgres.database",
    "workloads.apps[1].needs.redis.index",
    "workloads.apps[1].needs.rabbitmq.vhost",
    "workloads.apps[1].needs.bucket.name",
    "workloads.apps[2].name",
  ]);
});
