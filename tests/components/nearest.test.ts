import { nearest, nearestFix } from "../../components/nearest";

test.each([
  ["adress", "address"],
  ["Address", "address"],
  ["idleTimeout", "idleTimeoutSeconds"],
  ["server_type", "serverType"],
  ["postgres/chatwot", "postgres/chatwoot"],
  ["colour", undefined],
  ["a", undefined],
])("%s is %s", (word, meant) => {
  expect(nearest(word, ["address", "idleTimeoutSeconds", "serverType", "postgres/chatwoot"])).toBe(meant);
});

test("where nothing is near, or nothing is there, the fix is to remove it", () => {
  expect(nearestFix("adress", ["address"])).toBe('write "address", or remove it');
  expect([nearestFix("colour", ["address"]), nearestFix("x", [])]).toEqual(["remove it", "remove it"]);
});
