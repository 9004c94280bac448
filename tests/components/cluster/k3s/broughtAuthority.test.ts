import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { membershipScript } from "../../../../components/cluster/k3s/k3sMembership";
import { reassign } from "../../../support/shellHeader";
import { StubbedHost } from "../../../support/stubbedHost";

// The guard of a server that nobody is beside, run by bash; only curl is replaced.
let host: StubbedHost;
beforeEach(() => void (host = new StubbedHost()));
afterEach(() => host.dispose());

type Files = Readonly<Record<string, string>>;

interface Situation {
  /** By name. Default: none is brought, none is there. */
  readonly brought?: Files;
  readonly there?: Files;
  readonly apiAnswers?: boolean;
  readonly member?: boolean;
}

const tls = (): string => host.path("k3s/server/tls");

/** What is in K3s' folder of certificates. */
const found = (): Files =>
  existsSync(tls())
    ? Object.fromEntries(readdirSync(tls()).map((name) => [name, readFileSync(join(tls(), name), "utf8")]))
    : {};

function put(folder: string, files: Files): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

function decide({ brought, there, apiAnswers = false, member = false }: Situation) {
  if (brought !== undefined) put(host.path("authority"), brought);
  if (there !== undefined) put(tls(), there);
  if (member) mkdirSync(host.path("etcd/member/wal"), { recursive: true });
  host.stub("curl", apiAnswers ? "printf pong" : "exit 7");
  const script = membershipScript({
    host: "k3s-master-01",
    mayInitialise: true,
    joinUrl: "https://10.0.0.10:6443",
    others: [],
    bringsAuthority: brought !== undefined,
  });
  const places = {
    ETCD: host.path("etcd"),
    DECISION: host.path("decision"),
    TLS: tls(),
    ...(brought === undefined ? {} : { AUTHORITY: host.path("authority") }),
  };
  const { status, said, error } = host.run(`set -- decide\n${reassign(script, places)}`);
  return {
    code: status,
    output: said + error,
    decision: host.has("decision") ? host.read("decision").trim() : undefined,
  };
}

const brought = { "server-ca.crt": "ours", "server-ca.key": "our key", "client-ca.crt": "c", "client-ca.key": "d" };

test("is there before K3s makes a cluster, for root alone", () => {
  expect(decide({ brought })).toMatchObject({ code: 0, decision: "cluster-init: true" });
  expect(found()).toEqual(brought);
  const mode = (path: string): number => statSync(path).mode & 0o777;
  expect([mode(join(tls(), "server-ca.key")), mode(tls()), mode(host.path("k3s"))]).toEqual([0o600, 0o700, 0o755]);
});

test("is completed where an earlier start was cut off", () => {
  const there = { "client-ca.crt": "c", "request-header-ca.crt": "K3s' own" };
  expect(decide({ brought, there }).code).toBe(0);
  expect(found()).toEqual({ ...brought, ...there });
});

test("never takes the place of another: nothing is initialised, and the journal says why", () => {
  const outcome = decide({ brought, there: { "server-ca.crt": "of an earlier cluster" } });
  expect(outcome).toMatchObject({ code: 1, decision: undefined });
  expect(outcome.output).toContain("server-ca.crt is of another authority than the program's");
  expect(found()["server-ca.crt"]).toBe("of an earlier cluster");
});

test("is nothing for a server that joins", () => {
  expect(decide({ brought, apiAnswers: true }).decision).toBe("server: https://10.0.0.10:6443");
  expect(found()).toEqual({});
});

test("is nothing for a server that holds a member", () => {
  const there = { "server-ca.crt": "another" };
  expect(decide({ brought, there, member: true })).toMatchObject({ code: 0, decision: "{}" });
  expect(found()).toEqual(there);
});

test("K3s makes its own where none is brought", () => {
  expect(decide({}).decision).toBe("cluster-init: true");
  expect(found()).toEqual({});
});
