import { environment } from "../../stacks/prod";
import { plainSecretWarnings } from "../../stacks/secretConfig";

const KEYS = ["hcloud:token", "keybuzz:ghcrToken", "keybuzz:operatorCidrs", "aws:secretKey"];

test("a secret that stands in the stack's configuration in plain text is told, with the line that mends it", () => {
  expect(plainSecretWarnings(environment, KEYS, ["keybuzz:ghcrToken"])).toEqual([
    "hcloud:token stands in Pulumi.prod.yaml in plain text. Give it another value, for this one is in the repository's history: pulumi config set --secret hcloud:token",
  ]);
  expect(plainSecretWarnings(environment, KEYS, []).map((text) => text.split(" ")[0])).toEqual([
    "hcloud:token",
    "keybuzz:ghcrToken",
  ]);
});

test("encrypted ones, and settings that are no secrets, are not", () => {
  expect(plainSecretWarnings(environment, KEYS, ["hcloud:token", "keybuzz:ghcrToken"])).toEqual([]);
  expect(plainSecretWarnings(environment, ["keybuzz:operatorCidrs"], [])).toEqual([]);
});
