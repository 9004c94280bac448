import { TestCloud } from "./support/testCloud";

const cloud = new TestCloud({ limits: { placement_group: 60 } });
beforeAll(async () => {
  await cloud.start();
  for (let n = 0; n < 53; n++) {
    await cloud.post("/placement_groups", {
      name: `g-${String(n).padStart(2, "0")}`,
      type: "spread",
      labels: { parity: n % 2 === 0 ? "even" : "odd", ...(n < 3 ? { low: "" } : {}) },
    });
  }
});
afterAll(() => cloud.dispose());

const names = async (query: string): Promise<string[]> => {
  const { body } = await cloud.get(`/placement_groups?${query}`);
  return body.placement_groups.map((group) => group.name);
};

test("pages of 25 unless asked, of 50 at most", async () => {
  const { body } = await cloud.get("/placement_groups");
  expect(body.placement_groups).toHaveLength(25);
  expect(body.meta.pagination).toEqual({
    page: 1,
    per_page: 25,
    previous_page: null,
    next_page: 2,
    last_page: 3,
    total_entries: 53,
  });
  expect(await names("per_page=500")).toHaveLength(50);
  expect(await names("per_page=50&page=2")).toEqual(["g-50", "g-51", "g-52"]);
  expect(await names("page=9")).toEqual([]);
  expect(await cloud.refusal("GET", "/placement_groups?page=0")).toBe("400 invalid_input");
});

test("sorting, by several fields", async () => {
  expect((await names("sort=name:desc"))[0]).toBe("g-52");
  expect((await names("sort=created:asc&sort=id:desc&per_page=1"))[0]).toBe("g-00");
  expect(await cloud.refusal("GET", "/placement_groups?sort=colour")).toBe("422 invalid_input");
});

test("filters by name and by label selector", async () => {
  expect(await names("name=g-07")).toEqual(["g-07"]);
  expect(await names("name=none")).toEqual([]);
  const cases: [string, string[]][] = [
    ["low", ["g-00", "g-01", "g-02"]],
    ["low,parity=odd", ["g-01"]],
    ["low,parity==even", ["g-00", "g-02"]],
    ["low,parity!=even", ["g-01"]],
    ["low,parity in (odd,other)", ["g-01"]],
    ["low,parity notin (odd)", ["g-00", "g-02"]],
    ["low,!parity", []],
  ];
  for (const [selector, expected] of cases) {
    expect([selector, await names(`label_selector=${encodeURIComponent(selector)}`)]).toEqual([selector, expected]);
  }
  expect(await names(`label_selector=${encodeURIComponent("!low")}&per_page=50`)).toHaveLength(50);
  expect(await cloud.refusal("GET", `/placement_groups?label_selector=${encodeURIComponent("a = = b")}`)).toBe(
    "422 invalid_input",
  );
});

test("actions are polled by id, with status and sorting", async () => {
  const { network } = await cloud.post("/networks", { name: "n", ip_range: "10.0.0.0/16" });
  const ids: number[] = [];
  for (let n = 0; n < 3; n++)
    ids.push((await cloud.post(`/networks/${network.id}/actions/change_protection`, { delete: false })).action.id);
  const { body } = await cloud.get(
    `/actions?${ids.map((id) => `id=${id}`).join("&")}&status=success&sort=id:desc&page=1`,
  );
  expect(body.actions.map((action) => action.id)).toEqual([...ids].reverse());
  expect(await cloud.refusal("GET", "/actions")).toBe("422 invalid_input");
});
