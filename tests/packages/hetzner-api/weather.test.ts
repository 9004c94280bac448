import { FAULT_FORMS, parseFault, type Fault } from "@standin/hetzner-api/weather/faults";
import { REFUSALS, type RefusalCode } from "@standin/hetzner-api/weather/refusals";
import { makeNetwork, makeServer, TestCloud, type Body } from "./support/testCloud";

const cloud = new TestCloud();
let network: number;
beforeAll(async () => {
  await cloud.start();
  network = await makeNetwork(cloud);
});
afterEach(() => cloud.running.weather([]));
afterAll(() => cloud.dispose());

const weather = (...words: string[]): void =>
  cloud.running.weather(
    words.map((word) => {
      const fault = parseFault(word);
      if ("mistake" in fault) throw new Error(fault.mistake);
      return fault;
    }),
  );
const small = { server_type: "cx23", image: "debian-12", location: "fsn1" };
const alone = { ...small, public_net: { enable_ipv4: false, enable_ipv6: false }, start_after_create: false };
const off = (name: string): Promise<number> =>
  cloud.post("/servers", { ...alone, name }).then(({ server }) => server.id);

test.each(Object.keys(REFUSALS) as RefusalCode[])("%s can be asked for, and comes as Hetzner's", async (code) => {
  weather(`${code}@POST/networks,times=1`);
  const wish = { name: `after-${code}`.replaceAll("_", "-"), ip_range: "10.9.0.0/16" };
  expect(await cloud.refusal("POST", "/networks", wish)).toBe(`${REFUSALS[code][0]} ${code}`);
  // Nothing was done, and the next one goes well.
  const made = await cloud.post("/networks", wish);
  await cloud.call("DELETE", `/networks/${made.network.id}`);
});

test("sold out: everywhere, in one location, but for so many; what is there stays and can be resized no more", async () => {
  const one = await off("resized");
  weather("sold-out:cx33", "sold-out:cx43@fsn1", "sold-out:cx53=1");
  const make = (name: string, server_type: string, location: string) =>
    cloud.call("POST", "/servers", { ...alone, name, server_type, location }).then(({ status }) => status);
  expect([await make("a", "cx33", "fsn1"), await make("b", "cx33", "nbg1")]).toEqual([412, 412]);
  expect([await make("c", "cx43", "fsn1"), await make("d", "cx43", "nbg1")]).toEqual([412, 201]);
  expect([await make("e", "cx53", "fsn1"), await make("f", "cx53", "nbg1")]).toEqual([201, 412]);
  const resize = { server_type: "cx33", upgrade_disk: false };
  expect(await cloud.refusal("POST", `/servers/${one}/actions/change_type`, resize)).toBe("412 resource_unavailable");
  expect((await cloud.get(`/servers/${one}`)).body.server.status).toBe("off");
});

test("a quota counts what is there", async () => {
  const { body } = await cloud.get("/servers");
  weather(`quota:servers=${body.meta.pagination.total_entries + 1}`, "quota:volumes=0");
  await off("last");
  const more = { ...alone, name: "one-more" };
  expect(await cloud.refusal("POST", "/servers", more)).toBe("403 resource_limit_exceeded");
  expect(await cloud.refusal("POST", "/volumes", { name: "v", size: 10, location: "fsn1" })).toBe(
    "403 resource_limit_exceeded",
  );
});

test("busy networks: who attaches while another does is told of a conflict", async () => {
  const slow = await new TestCloud({ actionDelayMs: 500, weather: [{ kind: "busyNetworks" }] }).start();
  try {
    const network = await makeNetwork(slow);
    const [one, two, { load_balancer: balancer }] = await Promise.all([
      slow.post("/servers", { ...alone, name: "one" }),
      slow.post("/servers", { ...alone, name: "two" }),
      slow.post("/load_balancers", { name: "lb", load_balancer_type: "lb11", location: "fsn1" }),
    ]);
    const places = [`/servers/${one.server.id}`, `/servers/${two.server.id}`, `/load_balancers/${balancer.id}`];
    const attach = (place: string) => slow.call("POST", `${place}/actions/attach_to_network`, { network });
    const first = await Promise.all(places.map(attach));
    expect(first.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    for (const { status, body } of first) if (status === 409) expect(body.error.code).toBe("conflict");
    await Promise.all(first.map(({ body }) => slow.settle(body)));
    // One after the other all of them get in.
    for (const place of places.filter((_, i) => first[i]?.status === 409))
      await slow.settle((await attach(place)).body);
  } finally {
    await slow.dispose();
  }
});

test("one resource, so often, after so many", async () => {
  const [a, b] = [await off("chosen"), await off("other")];
  weather("service_error@attach_to_network,of=chosen,after=1,times=2");
  const attach = (id: number) => cloud.call("POST", `/servers/${id}/actions/attach_to_network`, { network });
  const detach = (id: number) => cloud.post(`/servers/${id}/actions/detach_from_network`, { network });
  const statuses: number[] = [];
  for (let n = 0; n < 4; n++) {
    const { status, body } = await attach(a);
    statuses.push(status);
    if (status === 201) {
      await cloud.settle(body);
      await detach(a);
    }
  }
  expect(statuses).toEqual([201, 422, 422, 201]);
  expect((await attach(b)).status).toBe(201);
});

test("chance is drawn the same way each time", async () => {
  const drawn = async (): Promise<string> => {
    weather("bad_gateway@GET/networks,chance=0.5");
    const all: number[] = [];
    for (let n = 0; n < 20; n++) all.push((await cloud.get("/networks")).status);
    return all.join(" ");
  };
  const first = await drawn();
  expect(first).toContain("200");
  expect(first).toContain("502");
  expect(await drawn()).toBe(first);
});

test("lost: it is done, and the answer says otherwise", async () => {
  weather("timeout@POST/networks,times=1,effect=lost");
  const wish = { name: "lost", ip_range: "10.8.0.0/16" };
  expect(await cloud.refusal("POST", "/networks", wish)).toBe("504 timeout");
  expect(await cloud.refusal("POST", "/networks", wish)).toBe("409 uniqueness_error");
});

test("fails: a change is taken and never made; its action tells why", async () => {
  const id = await off("unattached");
  weather("service_error@attach_to_network,times=1,effect=fails");
  const path = `/servers/${id}/actions/attach_to_network`;
  const { status, body } = await cloud.call("POST", path, { network });
  expect(status).toBe(201);
  expect(await cloud.finished(body.action.id)).toMatchObject({ status: "error", error: { code: "service_error" } });
  expect((await cloud.get(`/servers/${id}`)).body.server.private_net).toEqual([]);
  await cloud.post(path, { network });
  expect((await cloud.get(`/servers/${id}`)).body.server.private_net).toHaveLength(1);
});

test("fails: what is created is there, and is not started", async () => {
  weather("server_error@POST/servers,times=1,effect=fails");
  const { body } = await cloud.call("POST", "/servers", { ...small, name: "half-made" });
  expect(await cloud.finished(body.action.id)).toMatchObject({ status: "success" });
  expect(await cloud.finished(body.next_actions[0].id)).toMatchObject({ status: "error" });
  const { server } = (await cloud.get(`/servers/${body.server.id}`)).body;
  expect(server.status).toBe("off");
  await cloud.post(`/servers/${server.id}/actions/poweron`);
  expect((await cloud.get(`/servers/${server.id}`)).body.server.status).toBe("running");
  expect(await makeServer(cloud, "whole", network)).toBeGreaterThan(server.id);
});

test("over HTTP, with every mistake in it; a place that there is not is one", async () => {
  // No part of Hetzner's API, so no contract judges it.
  const tell = async (...faults: string[]) => {
    const response = await fetch(`${cloud.endpoint}/_local/weather`, {
      method: "PUT",
      headers: { authorization: `Bearer ${cloud.token}`, "content-type": "application/json" },
      body: JSON.stringify({ faults }),
    });
    const text = await response.text();
    return { status: response.status, message: text === "" ? "" : (JSON.parse(text) as Body).error.message };
  };
  expect((await tell("quota:networks=0")).status).toBe(204);
  const none = { name: "none", ip_range: "10.7.0.0/16" };
  expect(await cloud.refusal("POST", "/networks", none)).toBe("403 resource_limit_exceeded");
  const { status, message } = await tell("rain", "conflict@attach,times=x");
  expect(status).toBe(422);
  expect(message).toMatch(/fault "rain": it is none; allowed: .*times=x is no number/);
  expect((await tell("conflict@POST/clouds")).message).toMatch(/no endpoint "POST \/clouds"/);
  // Refused as a whole: what was before still is.
  expect(await cloud.refusal("POST", "/networks", none)).toBe("403 resource_limit_exceeded");
});

test("each form is read, and each mistake is told", () => {
  const forms: readonly (readonly [string, Fault])[] = [
    ["sold-out:ccx23", { kind: "soldOut", serverType: "ccx23" }],
    ["sold-out:ccx23@fsn1=2", { kind: "soldOut", serverType: "ccx23", location: "fsn1", room: 2 }],
    ["quota:servers=10", { kind: "quota", of: "server", limit: 10 }],
    ["busy-networks", { kind: "busyNetworks" }],
    [
      "locked@POST/servers/{id}/actions/poweron,times=2,chance=0.5,effect=fails",
      {
        kind: "refusal",
        code: "locked",
        endpoint: "POST /servers/{id}/actions/poweron",
        times: 2,
        chance: 0.5,
        effect: "fails",
      },
    ],
  ];
  expect(forms.map(([text]) => parseFault(text))).toEqual(forms.map(([, fault]) => fault));
  expect(new Set(forms.map(([, { kind }]) => kind)).size).toBe(FAULT_FORMS.length);
  for (const [text, words] of [
    ["sold-out", "it is none"],
    ["quota:planets=3", "no quota of planets"],
    ["rain@poweron", "rain is no code"],
    ["locked@poweron,chance=2", "chance=2 is no chance"],
    ["locked@poweron,effect=boom", "effect=boom is no effect"],
    ["locked@poweron,until=5", "until is no option"],
  ] as const)
    expect(parseFault(text)).toEqual({ mistake: expect.stringContaining(words) as string });
});
