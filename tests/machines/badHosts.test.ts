import { realMachinesAvailable, type RealMachines } from "@standin/machines/real";
import type { RunDocument } from "../scenario/support/stand";
import { log } from "./support/bench";
import { PROBE, SmallEstate } from "./support/smallEstate";

const possible = realMachinesAvailable();
if (!possible.ok) log(`skipped: real machines: ${possible.why}`);

const LIMIT = 600_000;
const [REDIS, PROXY, BASTION] = ["redis-01", "haproxy-01", "bastion-01"] as const;
const REDIS_ADDRESS = "10.0.0.123";
const KEY = "/etc/ssh/ssh_host_ed25519_key";

(possible.ok ? describe : describe.skip)("a machine that cannot be reached, or is not who it was", () => {
  let estate: SmallEstate;
  let fleet: RealMachines;

  const up = async (what: string): Promise<RunDocument> => {
    const started = Date.now();
    const { document } = await estate.document("up", ...estate.arguments);
    log(`${what}: up took ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return document;
  };
  const inside = async (host: string, script: string): Promise<string> =>
    (await fleet.inside(host, ["bash", "-ec", script])).trim();
  const probe = (host: string): Promise<string> => inside(host, `cat ${PROBE}`);
  const started = (host: string): Promise<string> =>
    inside(host, "systemctl show --property ExecMainStartTimestampMonotonic haproxy redis-server ssh ufw");
  /** How many have logged in since this was last asked. A time would not do: a second holds logins of two ups. */
  const logins = (host: string): Promise<string> =>
    inside(host, "journalctl --sync; journalctl -q -u ssh --cursor-file=/run/told-logins | grep -c Accepted || true");
  const failed = ({ resources }: RunDocument): ReadonlyMap<string, string> =>
    new Map(resources.filter(({ status }) => status === "failed").map(({ name, error }) => [name, error ?? ""]));

  beforeAll(async () => {
    estate = new SmallEstate("real");
    const cloud = await estate.openCloud();
    if (cloud.realMachines === undefined) throw new Error("the machines are not real");
    fleet = cloud.realMachines;
    expect((await up("from nothing")).errors).toEqual([]);
  }, LIMIT);
  afterAll(() => estate.dispose(), LIMIT);

  test(
    "cut off before the up, or without power in the middle of its script: named with step and remedy, others untouched",
    async () => {
      const revision = estate.change();
      const before = await started(BASTION);
      await fleet.setLinks(PROXY, "down");
      const since = Date.now();
      const running = up("one machine cut off, one loses power");
      await inside(REDIS, "until pgrep -f '[t]imeout 1800 bash -s' >/dev/null; do sleep 0.05; done");
      await fleet.powerCut(REDIS);
      const run = await running;
      expect(Date.now() - since).toBeLessThan(170_000);
      const errors = failed(run);
      expect([...errors.keys()].sort()).toEqual([`${PROXY}-config`, `${REDIS}-config`]);
      expect(errors.get(`${PROXY}-config`)).toMatch(
        new RegExp(
          `${PROXY}-config: host 10.0.0.11: step connect: .*the bastion \\S+ cannot reach it .*13 attempt.*remedy: check that the machine is on`,
        ),
      );
      expect(errors.get(`${REDIS}-config`)).toMatch(
        new RegExp(`${REDIS}-config: host ${REDIS_ADDRESS}: step command: was cut off; remedy: .*run again`),
      );
      expect(await started(BASTION)).toBe(before);

      await fleet.setLinks(PROXY, "up");
      expect(await probe(PROXY)).not.toBe(revision);
      await fleet.power(fleet.idOf(REDIS), "on");
      const daemons = await started(PROXY);
      const next = await up("both back");
      expect(next.errors).toEqual([]);
      expect(next.summary).toMatchObject({ create: 0, replace: 0, delete: 0 });
      for (const host of [REDIS, PROXY]) expect(await probe(host)).toBe(revision);
      expect(await started(PROXY)).toBe(daemons);
    },
    LIMIT,
  );

  test(
    "with another host key: refused at once, and nothing is sent to it; the next up goes on",
    async () => {
      const revision = estate.change();
      await inside(
        REDIS,
        `mkdir /root/was && mv ${KEY}* /root/was/ && ssh-keygen -q -t ed25519 -N "" -f ${KEY} && systemctl restart ssh`,
      );
      expect(await logins(REDIS)).not.toBe("0");
      const since = Date.now();
      const errors = failed(await up("another host key"));
      expect(Date.now() - since).toBeLessThan(60_000);
      expect([...errors.keys()]).toEqual([`${REDIS}-config`]);
      expect(errors.get(`${REDIS}-config`)).toMatch(
        new RegExp(`host ${REDIS_ADDRESS}: step connect: .*its host key is not the expected one; remedy: .*-host-key`),
      );
      expect(await probe(REDIS)).not.toBe(revision);
      expect(await logins(REDIS)).toBe("0");

      await inside(REDIS, `mv /root/was/* /etc/ssh/ && systemctl restart ssh`);
      expect((await up("its own key again")).errors).toEqual([]);
      expect(await logins(REDIS)).not.toBe("0");
      for (const host of [REDIS, PROXY]) expect(await probe(host)).toBe(revision);
    },
    LIMIT,
  );
});
