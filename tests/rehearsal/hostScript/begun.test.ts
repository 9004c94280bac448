// A daemon whose start waits for daemons on other machines: the script begins it, and waits for nobody.
import type { UnitSpec } from "../../../components/machines/hostConfig";
import { mergeHostConfigs } from "../../../components/machines/mergeHostConfigs";
import { renderScript } from "../../../components/machines/render";
import { freshHost } from "../../components/machines/support/freshHost";
import type { FakeHost } from "../../components/machines/support/fakeHost";

jest.setTimeout(60_000);

const script = (content: string, more: Partial<UnitSpec> = {}): string =>
  renderScript(
    mergeHostConfigs("db-01", [
      {
        module: "test",
        config: {
          files: [{ path: "/etc/etcd", content }],
          units: [
            {
              name: "etcd.service",
              enabled: true,
              state: "running",
              restartOn: ["/etc/etcd"],
              waitsForPeers: true,
              ...more,
            },
          ],
        },
      },
    ]),
  ).script;

let host: FakeHost;
beforeEach(() => {
  host = freshHost();
  host.setWaiting("etcd.service", "activating");
});

const starts = (text: string): readonly string[] =>
  host.run(text).calls.filter((call) => /systemctl (start|restart|reload)/.test(call));

test("is begun, and the script ends while it waits", () => {
  const { status, calls } = host.run(script("a"));
  expect({ status, calls }).toEqual({
    status: 0,
    calls: expect.arrayContaining(["systemctl start --no-block etcd.service"]) as string[],
  });
  // As it was done before: nobody's start could end, for all were waited for.
  expect(host.run(script("a", { waitsForPeers: false }))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("waits for others for ever") as string,
  });
});

test("that waits still is left alone; with other files it begins anew", () => {
  host.run(script("a"));
  expect(starts(script("a"))).toEqual([]);
  expect(starts(script("b"))).toEqual(["systemctl restart --no-block etcd.service"]);
  host.run(script("a"));
  expect(starts(script("b", { restart: "inTurn" }))).toEqual(["systemctl restart --no-block etcd.service"]);
});

test("that runs is restarted without waiting, or keeps running until its turn", () => {
  host.run(script("a"));
  host.setWaiting("etcd.service", undefined);
  expect(host.run(script("a")).stdout).toBe("keybuzz: host db-01: no change\n");
  expect(starts(script("b"))).toEqual(["systemctl restart --no-block etcd.service"]);
  expect(starts(script("c", { restart: "inTurn" }))).toEqual([]);
  expect(host.exists("/var/lib/keybuzz/pending/turn:etcd.service")).toBe(true);
});

test("that fails at once does not wait: the script says so", () => {
  host.setWaiting("etcd.service", "failed");
  expect(host.run(script("a"))).toMatchObject({
    status: 1,
    stderr:
      "keybuzz: host db-01: step unit/etcd.service: it ended as soon as it was begun; remedy: see journalctl -u etcd.service on the host\n",
  });
});
