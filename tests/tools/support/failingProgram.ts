// A program of which one resource can never be registered; prints what recording it ends with.
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { record } from "../../../tools/registrations";

function program(): void {
  const password = new RandomPassword("a", { length: 20 });
  const length = password.result.apply((): number => {
    throw new Error("not of this form");
  });
  new RandomPassword("b", { length });
}

record("test", async (mocks, monitor) => {
  await pulumi.runtime.setMocks(mocks, "keybuzz", "test", false);
  pulumi.runtime.setMockOptions(monitor, "keybuzz", "test", false);
  await pulumi.runtime.runInPulumiStack(async () => program());
  await pulumi.runtime.disconnect();
}).then(
  () => process.exit(0),
  (error: unknown) => process.stdout.write((error as Error).message, () => process.exit(1)),
);
