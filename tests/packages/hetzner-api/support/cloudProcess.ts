import { startCloud } from "@standin/hetzner-api/cloud";
import { FakeMachines } from "./fakeMachines";

// A local cloud in a process of its own, so that a test can kill it: prints its endpoint, then serves.
const [stateFile = "", delay = "20"] = process.argv.slice(2);
void startCloud({ stateFile, machines: new FakeMachines(), actionDelayMs: Number(delay), token: "t".repeat(64) }).then(
  (cloud) => {
    process.stdout.write(`${cloud.endpoint}\n`);
  },
);
