import { lstatSync, writeFileSync } from "node:fs";
import { agentRestartScript, agentTurnScript } from "../../../../components/cluster/k3s/k3sAgentTurn";
import { reassign } from "../../../support/shellHeader";
import { StubbedHost } from "../../../support/stubbedHost";

// The scripts themselves, run by bash, with k3s, systemctl and curl replaced by recorders.
const NEW = "v1.35.4+k3s1";
const OLD = "v1.34.2+k3s1";
let host: StubbedHost;
beforeEach(() => void (host = new StubbedHost()));
afterEach(() => host.dispose());

interface Situation {
  readonly step: "drain" | "resume";
  readonly ready?: "True" | "Unknown" | "";
  readonly release?: string;
  readonly cordoned?: boolean;
  readonly marked?: boolean;
  readonly servers?: readonly string[];
  readonly drains?: boolean;
  /** Does the API answer? Default true. */
  readonly answers?: boolean;
}

/** What is asked of the cluster but for reading, by verb. */
function turn(given: Situation) {
  const { step, ready = "True", release = OLD, cordoned = false, marked = false, drains = true } = given;
  const servers = (given.servers ?? [NEW, NEW, NEW]).map((version, i) => `k3s-master-0${i + 1} ${version}`);
  if (marked) writeFileSync(host.path("mark"), NEW);
  const mark = host.path("mark");
  host.stub(
    "k3s",
    `${given.answers === false ? "exit 1" : ""}
    shift
    case "$*" in
      *kubeletVersion*"{\\"\\\\n\\"}"*) printf '%s\\n' ${servers.map((one) => `'${one}'`).join(" ")} ;;
      "get node "*Ready*) printf '%s' '${ready}' ;;
      "get node "*kubeletVersion*) printf '%s' '${release}' ;;
      "get node "*unschedulable*) printf '%s' '${cordoned ? "true" : ""}' ;;
      "get node "*annotations*) cat '${mark}' 2>/dev/null || true ;;
      "annotate node "*k3s-turn-) rm -f '${mark}' ;;
      "annotate node "*k3s-turn=*) echo set >'${mark}' ;;
      drain*) exit ${drains ? 0 : 1} ;;
      cordon* | uncordon*) ;;
      *) echo "unknown: $*" >&2; exit 64 ;;
    esac`,
  );
  const script = reassign(agentTurnScript(), {
    K3S: host.path("k3s"),
    READY_SECONDS: 0,
    PAUSE_SECONDS: 0,
  });
  const { status, said, error, asked } = host.run(`set -- ${step} k3s-worker-01 ${NEW}\n${script}`);
  const did = asked.map((call) => call.split(" ")[2] ?? "").filter((verb) => verb !== "get");
  return { status, said, error, did, marked: host.has("mark") };
}

describe("a worker that is to have another release", () => {
  test("is marked, cordoned and drained, with a limit", () => {
    expect(turn({ step: "drain" })).toMatchObject({
      status: 0,
      error: "",
      did: ["annotate", "cordon", "drain"],
      marked: true,
    });
  });

  test("goes on as it was where its pods do not leave, and the run ends there", () => {
    const { status, error, did, marked } = turn({ step: "drain", drains: false });
    expect([status, did, marked]).toEqual([1, ["annotate", "cordon", "drain", "uncordon", "annotate"], false]);
    expect(error).toMatch(/pods did not leave k3s-worker-01 within 900 s; it is in service as before.*kubectl get pdb/);
  });

  test("is not touched before every server has it", () => {
    const { status, error, did } = turn({ step: "drain", servers: [NEW, OLD, NEW] });
    expect([status, did]).toEqual([1, []]);
    expect(error).toContain(`servers come first, and not all are of release ${NEW}: k3s-master-02 (${OLD})`);
  });

  test("that a person has cordoned is drained, and stays theirs", () => {
    expect(turn({ step: "drain", cordoned: true })).toMatchObject({ status: 0, did: ["drain"], marked: false });
    expect(turn({ step: "resume", release: NEW, cordoned: true })).toMatchObject({ status: 0, did: [] });
  });

  test.each([
    ["has it already, as one that was made in this run", { release: NEW }],
    ["is not Ready", { ready: "Unknown" }],
    ["is no Node", { ready: "" }],
  ] as const)("is left alone where it %s", (_what, given) => {
    expect(turn({ step: "drain", ...given })).toMatchObject({ status: 0, did: [] });
  });

  test("is taken back once it is Ready with it", () => {
    const done = turn({ step: "resume", release: NEW, marked: true });
    expect(done).toMatchObject({ status: 0, did: ["uncordon", "annotate"], marked: false });
  });

  test.each([
    ["not Ready", { ready: "Unknown", release: NEW }],
    ["of the release of before", { release: OLD }],
  ] as const)("stays cordoned while it is %s: no other is touched", (_what, given) => {
    const { status, error, did, marked } = turn({ step: "resume", marked: true, ...given });
    expect([status, did, marked]).toEqual([1, [], true]);
    expect(error).toContain("it stays cordoned, and no other worker is touched");
  });

  test("is not taken for gone when the API does not answer", () => {
    for (const step of ["drain", "resume"] as const) expect(turn({ step, answers: false }).status).not.toBe(0);
  });
});

describe("a worker's restart", () => {
  const restart = (given: { release: string; pending?: boolean; staged?: boolean; healthy?: boolean }) => {
    const { release, pending = false, staged = true, healthy = true } = given;
    host.stub("k3s", `echo 'k3s version ${release} (abc)'`);
    host.stub("k3s-v1.33.1+k3s1");
    if (staged) host.stub(`k3s-${NEW}`, `echo 'k3s version ${NEW} (abc)'`);
    host.stub("systemctl");
    host.stub("curl", healthy ? "" : "exit 7");
    if (pending) writeFileSync(host.path("pending"), "");
    const script = reassign(agentRestartScript("k3s-worker-01", { version: NEW }), {
      K3S: host.path("k3s"),
      STAGED: host.path(`k3s-${NEW}`),
      PENDING: host.path("pending"),
      HEALTHY_SECONDS: 0,
      PAUSE_SECONDS: 0,
    });
    const { status, error, asked } = host.run(script);
    return {
      status,
      error,
      restarts: asked.filter((call) => call.startsWith("systemctl")),
      switched: lstatSync(host.path("k3s")).isSymbolicLink(),
      pending: host.has("pending"),
      older: host.has("k3s-v1.33.1+k3s1"),
    };
  };
  const RESTARTED = ["systemctl restart k3s-agent.service"];

  test("puts the new binary in place, and takes away what is older", () => {
    expect(restart({ release: OLD })).toMatchObject({ status: 0, restarts: RESTARTED, switched: true, older: false });
  });

  test("for a changed file leaves the binary, and is due no longer", () => {
    expect(restart({ release: NEW, pending: true })).toMatchObject({
      status: 0,
      restarts: RESTARTED,
      switched: false,
      pending: false,
    });
  });

  test("does nothing where nothing is due, as in the run that makes the machine", () => {
    expect(restart({ release: NEW })).toMatchObject({ status: 0, restarts: [], switched: false });
  });

  test("that does not get healthy stays due, and ends the run", () => {
    const { status, error, pending } = restart({ release: OLD, pending: true, healthy: false });
    expect([status, pending]).toEqual([1, true]);
    expect(error).toContain("no other worker is restarted");
  });

  test("touches nothing where the binary is not there", () => {
    expect(restart({ release: OLD, staged: false })).toMatchObject({ status: 1, restarts: [], switched: false });
  });
});
