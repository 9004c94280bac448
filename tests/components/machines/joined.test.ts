import { writeFileSync } from "node:fs";
import type { HostConfigPart } from "../../../components/machines/hostConfig";
import { awaitedUnits, joinedScript, joinedSeconds, joins } from "../../../components/machines/joined";
import { mergeHostConfigs } from "../../../components/machines/mergeHostConfigs";
import { StubbedHost } from "../../support/stubbedHost";

let host: StubbedHost;
beforeEach(() => {
  host = new StubbedHost();
  host.stub("sleep");
});
afterEach(() => host.dispose());

const PART: HostConfigPart = {
  units: [
    { name: "etcd.service", enabled: true, state: "running", waitsForPeers: true },
    { name: "cron.service", enabled: true, state: "running" },
  ],
  joined: [
    { id: "member", command: "etcd-answers 'as one'", attempts: 20, intervalSeconds: 5, remedy: "ask the others" },
  ],
};
const config = mergeHostConfigs("db-01", [{ module: "test", config: PART }]);
const script = joinedScript(config);

test("ends when what was begun has started", () => {
  host.stub("systemctl", "[[ $1 != is-failed ]]");
  host.stub("etcd-answers", `echo x >>${host.path("looks")}; (($(wc -l <${host.path("looks")}) > 2))`);
  const { status, said, asked } = host.run(script);
  expect({ status, said }).toEqual({ status: 0, said: "keybuzz: host db-01: takes part\n" });
  expect(asked.filter((call) => call.startsWith("etcd"))).toEqual(Array(3).fill("etcd-answers as one"));
  expect(asked).toContain("sleep 5");
});

test("says what is wrong when it takes too long", () => {
  host.stub("systemctl", "[[ $1 != is-failed ]]");
  host.stub("etcd-answers", "echo 'two are silent'; exit 1");
  const { status, error, asked } = host.run(script);
  expect(asked.filter((call) => call.startsWith("etcd"))).toHaveLength(20);
  expect({ status, error: error.trim() }).toEqual({
    status: 1,
    error:
      "keybuzz: host db-01: check/member: fails after 20 attempt(s), 5 s apart: two are silent; remedy: ask the others",
  });
});

test("counts no attempt while what it waits for is under way, and not for ever", () => {
  host.stub("systemctl", "[[ $1 != is-failed ]]");
  host.stub("etcd-answers", `echo x >>${host.path("looks")}; (($(wc -l <${host.path("looks")}) > 60))`);
  const copying = (hours: number): string => {
    const [check] = PART.joined ?? [];
    if (check === undefined) throw new Error("no check");
    const joined = [{ ...check, progress: { command: "copying", hours } }];
    return joinedScript(mergeHostConfigs("db-01", [{ module: "test", config: { ...PART, joined } }]));
  };
  host.stub("copying");
  expect(host.run(copying(12))).toMatchObject({ status: 0, said: "keybuzz: host db-01: takes part\n" });
  writeFileSync(host.path("looks"), "");
  expect(host.run(copying(0)).error).toContain("fails after 20 attempt(s)");
  host.stub("copying", "exit 1");
  writeFileSync(host.path("looks"), "");
  expect(host.run(copying(12)).error).toContain("fails after 20 attempt(s)");
});

test.each([
  ["has failed", "[[ $1 == is-failed ]] || echo 0", "it has failed"],
  [
    "is started again and again",
    `[[ $1 == is-failed ]] && exit 1; echo x >>starts; wc -l <starts`,
    "it ended 5 times while it was waited for",
  ],
])("does not wait for a daemon that %s", (_, systemctl, reason) => {
  host.stub("systemctl", systemctl.replaceAll("starts", host.path("starts")));
  host.stub("etcd-answers", "exit 1");
  const { status, error } = host.run(script);
  expect({ status, error: error.trim() }).toEqual({
    status: 1,
    error: `keybuzz: host db-01: unit/etcd.service: ${reason}; remedy: see journalctl -u etcd.service on the host`,
  });
});

test("says for which units it waits, and how long", () => {
  expect(awaitedUnits(`# after a change\n${script}`)).toEqual(["etcd.service"]);
  expect(awaitedUnits("units=('other.service')\n")).toEqual([]);
  expect(joinedSeconds(config)).toBe(20 * 35);
  expect([joins(config), joins(mergeHostConfigs("db-01", []))]).toEqual([true, false]);
});
