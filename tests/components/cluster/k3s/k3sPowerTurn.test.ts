import { writeFileSync } from "node:fs";
import { k3sPowerTurn } from "../../../../components/cluster/k3s/k3sPowerTurn";
import { reassign } from "../../../support/shellHeader";
import { StubbedHost } from "../../../support/stubbedHost";

// The script itself, run by bash, with k3s replaced by a recorder.
let host: StubbedHost;
beforeEach(() => void (host = new StubbedHost()));
afterEach(() => host.dispose());

interface Situation {
  /** Default a worker whose pods can go elsewhere. */
  readonly emptied?: boolean;
  /** Of the Nodes: "k3s-worker-02 True". */
  readonly nodes?: readonly string[];
  readonly cordoned?: boolean;
  readonly marked?: boolean;
  readonly drains?: boolean;
  readonly answers?: boolean;
}

function turn(step: "leave" | "back", given: Situation = {}) {
  const { emptied = true, nodes = ["k3s-worker-01 True", "k3s-worker-02 True"], drains = true } = given;
  const mark = host.path("mark");
  if (given.marked === true) writeFileSync(mark, "1");
  const own = nodes.find((one) => one.startsWith("k3s-worker-01 "))?.split(" ")[1] ?? "";
  host.stub(
    "k3s",
    `${given.answers === false ? "exit 1" : ""}
    shift
    case "$*" in
      "get nodes "*) printf '%s\\n' ${nodes.map((one) => `'${one}'`).join(" ")} ;;
      "get node "*Ready*) printf '%s' '${own}' ;;
      "get node "*unschedulable*) printf '%s' '${given.cordoned === true ? "true" : ""}' ;;
      "get node "*annotations*) cat '${mark}' 2>/dev/null || true ;;
      "annotate node "*power-turn-) rm -f '${mark}' ;;
      "annotate node "*power-turn=*) echo set >'${mark}' ;;
      drain*) exit ${drains ? 0 : 1} ;;
      cordon* | uncordon*) ;;
      *) echo "unknown: $*" >&2; exit 64 ;;
    esac`,
  );
  const script = k3sPowerTurn("k3s-worker-01", emptied)[step];
  const { status, error, asked } = host.run(
    reassign(script, { K3S: host.path("k3s"), READY_SECONDS: 0, PAUSE_SECONDS: 0 }),
  );
  const did = asked.map((call) => call.split(" ")[2] ?? "").filter((verb) => verb !== "get");
  return { status, error, did, marked: host.has("mark") };
}

describe("a machine of the cluster that is about to be switched off", () => {
  test("is emptied, where its pods can go elsewhere", () => {
    expect(turn("leave")).toMatchObject({ status: 0, error: "", did: ["annotate", "cordon", "drain"], marked: true });
    expect(turn("leave", { emptied: false })).toMatchObject({ status: 0, did: [] });
  });

  test("that a person has cordoned is emptied, and stays theirs", () => {
    expect(turn("leave", { cordoned: true })).toMatchObject({ status: 0, did: ["drain"], marked: false });
    expect(turn("back", { cordoned: true })).toMatchObject({ status: 0, did: [] });
  });

  test("stays on where another one is away already, which is named", () => {
    const { status, error, did } = turn("leave", { nodes: ["k3s-worker-01 True", "k3s-master-02 Unknown"] });
    expect([status, did]).toEqual([1, []]);
    expect(error).toContain("k3s-worker-01 is not switched off: not Ready: k3s-master-02");
  });

  test("stays on, and in service, where its pods do not leave", () => {
    const { status, error, did, marked } = turn("leave", { drains: false });
    expect([status, did, marked]).toEqual([1, ["annotate", "cordon", "drain", "uncordon", "annotate"], false]);
    expect(error).toMatch(/pods did not leave k3s-worker-01 within 900 s.*was not switched off.*kubectl get pdb/);
  });

  test("stays on where the API does not answer", () => {
    const { status, error } = turn("leave", { answers: false });
    expect(status).toBe(1);
    expect(error).toContain("the API does not answer");
    expect(turn("back", { answers: false }).status).toBe(1);
  });
});

describe("a machine that is on again", () => {
  test("is in service once its Node is Ready", () => {
    expect(turn("back", { marked: true })).toMatchObject({ status: 0, did: ["uncordon", "annotate"], marked: false });
  });

  test("stays cordoned while it is not, and no other is touched", () => {
    const { status, error, did } = turn("back", { marked: true, nodes: ["k3s-worker-01 Unknown"] });
    expect([status, did]).toEqual([1, []]);
    expect(error).toContain("no other machine is touched");
  });
});
